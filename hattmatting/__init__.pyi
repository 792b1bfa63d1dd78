from .inference.cutout import cutout as cutout
from .model.config import HAttConfig as HAttConfig
from .model.network import HAttMatting as HAttMatting
