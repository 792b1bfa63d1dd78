"""What an error of a library says, in one line."""

from __future__ import annotations


def reason_of(error: BaseException) -> str:
    r"""Return the first line of an error's message, or the name of its type where it says nothing.

    Parameters
    ----------
    error
        One of a library whose messages may be empty or have many lines.

    Returns
    -------
    str
        Never empty.

    Examples
    --------
    >>> reason_of(RuntimeError(" one\ntwo")), reason_of(EOFError())
    ('one', 'EOFError')
    """
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
