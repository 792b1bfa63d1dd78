from .inference.cutout import cutout as cutout
from .inference.matte import Matte as Matte
from .inference.matte import matte as matte
from .model.config import HAttConfig as HAttConfig
from .model.network import HAttMatting as HAttMatting
from .train import train as train

__version__: str
