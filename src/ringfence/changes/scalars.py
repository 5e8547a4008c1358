"""Texts and numbers of a plan file, taken as they are or not at all: what Python would convert was not written by us.

A file that somebody edited can hold anything that JSON can, and more: ``json`` also reads ``Infinity`` and half of a
character. Both would come up again where the plan is shown or sent to etcd.
"""

from __future__ import annotations


def text(value: object) -> str:
    """``value``, which must be a string of whole characters.

    Raises:
        TypeError, ValueError: it is not.
    """
    if not isinstance(value, str):
        raise TypeError(f"a string was expected, not a {type(value).__name__}")
    value.encode()  # refuses surrogates
    return value


def whole(value: object) -> int:
    """``value``, which must be a whole number.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a whole number was expected, not a {type(value).__name__}")
    return value


def no_constant(name: str) -> float:
    """For ``json.loads(parse_constant=...)``: NaN and infinities are no JSON.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{name} is no JSON")
