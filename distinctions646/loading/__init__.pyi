from .opening import load as load
from .opening import open_split as open_split
