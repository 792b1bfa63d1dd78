from .finding import get_method as get_method
from .finding import registered as registered
