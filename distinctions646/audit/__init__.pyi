from .auditing import AuditConfig as AuditConfig
from .auditing import ForegroundSet as ForegroundSet
from .auditing import audit as audit
from .auditing import main as main
from .auditing import parse_args as parse_args
