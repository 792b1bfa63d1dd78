from .examining import DoctorConfig as DoctorConfig
from .examining import examine as examine
from .examining import main as main
from .examining import parse_args as parse_args
