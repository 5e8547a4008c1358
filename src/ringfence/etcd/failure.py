"""How a call failed, as gRPC tells it: a value, because to a prober a denial is an answer and no error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """A gRPC status that is not OK: the name of its code, such as ``PERMISSION_DENIED``, and its text."""

    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.text or 'no text'} ({self.code})"
