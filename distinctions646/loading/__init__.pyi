from .opening import Sample as Sample
from .opening import Split as Split
from .opening import load as load
from .opening import open_split as open_split
