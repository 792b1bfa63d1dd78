from .making import make_trimap as make_trimap
from .rules import DEFAULT_RULE as DEFAULT_RULE
from .rules import RULES as RULES
from .rules import parse_rule as parse_rule
from .values import NotApplicable as NotApplicable
from .values import check_trimap as check_trimap
from .values import trimap_as_alpha as trimap_as_alpha
