"""HAttMatting (Qiao et al., CVPR 2020): one RGB image in, one alpha matte out, no trimap.

>>> from hattmatting import cutout, matte
>>> rgba = cutout("photo.jpg")  # doctest: +SKIP
>>> matte("photo.jpg", method="closed-form", trimap="trimap.png")  # doctest: +SKIP

`model` is the network and its checkpoints, `samples` makes what it is trained on, `training` trains
by a recipe (`recipes`), `inference` predicts and cuts out; `method` is what the benchmark runs.
The modules with a ``main`` are the commands train, predict, ablate, export and inspect_attention.
"""

import lazy_loader

from distinctions646.version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
