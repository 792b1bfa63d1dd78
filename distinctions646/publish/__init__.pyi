from .pushing import PublishConfig as PublishConfig
from .pushing import main as main
from .pushing import parse_args as parse_args
from .pushing import publish as publish
