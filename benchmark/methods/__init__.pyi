from .finding import Method as Method
from .finding import get_method as get_method
from .finding import load_method as load_method
from .finding import method_hash as method_hash
from .finding import registered as registered
