"""Under what terms the parts of a dataset may be used and passed on.

Said here as their owners say it; this is no legal advice. What a build gives is covered by the
terms of all its parts.
"""

from __future__ import annotations

from dataclasses import dataclass

_COCO = (
    "COCO images are Flickr photographs under each photographer's own Creative Commons licence; "
    "the terms of use are at https://cocodataset.org/#termsofuse"
)
_VOC = (
    "PASCAL VOC images are Flickr photographs under Flickr's terms of use; "
    "see http://host.robots.ox.ac.uk/pascal/VOC/voc2012/"
)
_ADOBE = (
    "Adobe's Deep Image Matting dataset is given on request for non-commercial research under a "
    "licence that forbids passing it on, and most of its foregrounds are licensed photographs"
)
_D646 = (
    "Distinctions-646 is given by its authors for non-commercial research; "
    "ask them before passing it on (https://github.com/yuhaoliu7456/CVPR2020-HAttMatting)"
)


@dataclass(frozen=True)
class Terms:
    """The terms of a dataset's parts.

    Attributes
    ----------
    foregrounds, backgrounds
        A sentence each, without a full stop.
    license
        For the head of a card, as the Hugging Face Hub names licences.
    may_be_public
        Whether nothing is known that forbids publishing its pixels; None where nothing is known
        at all.
    """

    foregrounds: str
    backgrounds: str
    license: str = "other"
    may_be_public: bool | None = None


_UNKNOWN = "nothing is known here of their terms: ask their owners"
_KNOWN = {
    "mini": Terms(
        foregrounds="generated or path-traced for this suite, dedicated to the public domain (CC0)",
        backgrounds="generated for this suite (CC0), and a few photographs under CC0 or in the "
        "public domain, listed in photographs.csv",
        license="cc0-1.0",
        may_be_public=True,
    ),
    "composition1k": Terms(_ADOBE, f"{_COCO}; {_VOC}", may_be_public=False),
    "distinctions646": Terms(_D646, f"{_COCO}; {_VOC}", may_be_public=False),
}


def terms_of(dataset: str) -> Terms:
    """Look up the terms of a dataset.

    Parameters
    ----------
    dataset
        As in its manifest; what follows a hyphen names a variant of the same pictures.

    Returns
    -------
    Terms
        Of the user's own pictures nothing is known.

    Examples
    --------
    >>> terms_of("distinctions646-github80").may_be_public
    False
    >>> terms_of("custom").foregrounds
    'nothing is known here of their terms: ask their owners'
    """
    known = _KNOWN.get(dataset) or _KNOWN.get(dataset.partition("-")[0])
    return known or Terms(_UNKNOWN, _UNKNOWN)
