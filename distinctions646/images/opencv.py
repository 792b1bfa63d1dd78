"""Import of OpenCV, with one clear error where its system library is missing."""

from __future__ import annotations

from types import ModuleType


def load_cv2() -> ModuleType:
    """Import OpenCV when it is first needed.

    Returns
    -------
    ModuleType
        The module ``cv2``.

    Raises
    ------
    OSError
        If OpenCV cannot be loaded, as on a bare machine without libGL; the message names the
        Debian package that contains it.
    """
    try:
        import cv2
    except ImportError as error:
        raise OSError(
            f"OpenCV cannot be loaded ({error}); "
            "on Debian or Ubuntu: apt-get install libgl1 libglib2.0-0"
        ) from error
    return cv2
