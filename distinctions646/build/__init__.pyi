from .building import BuildConfig as BuildConfig
from .building import Built as Built
from .building import PartBuilt as PartBuilt
from .building import build as build
from .building import build_part as build_part
from .building import main as main
from .building import parse_args as parse_args
