"""What a component of the catalog can be told: an option's default and the values that it takes."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """What a value is.

    ``PATH``: begins with a slash, without empty steps, dots or a slash at the end. ``ROOT``: a path whose leading
    slash, if written, is taken away. ``NAME``: one step. ``TEXT``: taken as it is, byte for byte. ``WORD``: one of
    a list.
    """

    PATH = "path"
    ROOT = "root"
    NAME = "name"
    TEXT = "text"
    WORD = "word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option of a component; ``default`` is None where a value must be given.

    ``words`` are the values of a ``WORD``.
    """

    kind: Kind
    default: str | None
    words: tuple[str, ...]
    about: str

    def value(self, written: str) -> str | None:
        """What a written value means, or None where it is none of this kind.

        A slash at the end of a path says nothing: programs that join paths drop it, and lines add their own.
        """
        if not written.isprintable() or "{" in written or "}" in written:
            return None
        if self.kind is Kind.WORD:
            return written if written in self.words else None
        if self.kind is Kind.TEXT:
            return written if written or self.default == "" else None
        if self.kind is Kind.NAME:
            return written if written and "/" not in written and written not in {".", ".."} else None
        path = written.removesuffix("/")
        if self.kind is Kind.ROOT:
            path = "/" + path.removeprefix("/")
        steps = path.split("/")
        if steps[0] or len(steps) < 2 or any(step in {"", ".", ".."} for step in steps[1:]):
            return None
        return path.removeprefix("/") if self.kind is Kind.ROOT else path

    @property
    def expected(self) -> str:
        """The values that it takes, for people."""
        if self.kind is Kind.WORD:
            return f"one of {', '.join(self.words)}"
        return {
            Kind.PATH: "a path such as /a/b, without empty steps",
            Kind.ROOT: "a path such as a/b, without empty steps",
            Kind.NAME: "one step of a path, without slashes",
            Kind.TEXT: "text",
        }[self.kind]
