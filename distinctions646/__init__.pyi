from .audit.auditing import audit as audit
from .build.building import Built as Built
from .build.building import build as build
from .doctor.examining import examine as examine
from .generate import generate as generate
from .loading.opening import Sample as Sample
from .loading.opening import Split as Split
from .loading.opening import load as load
from .loading.opening import open_split as open_split
from .publish.pushing import publish as publish
from .trimap.making import make_trimap as make_trimap
from .verify.proving import verify_split as verify_split

__version__: str
