from .proving import DifferentError as DifferentError
from .proving import Verified as Verified
from .proving import compare_with as compare_with
from .proving import verify_sources as verify_sources
from .proving import verify_split as verify_split
from .verifying import VerifyConfig as VerifyConfig
from .verifying import main as main
from .verifying import parse_args as parse_args
