"""Versions of etcd, Kubernetes and Calico: numbers that are compared, and lines of releases."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+].*)?")


@dataclass(frozen=True, slots=True)
class Version:
    """A release ``3.6.14``, or with ``patch`` None a whole line of releases ``3.6``."""

    major: int
    minor: int
    patch: int | None = None

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """The version that ``text`` names (``3.6``, ``v3.6.14``, ``3.7.0-rc.0``), or None."""
        found = _FORM.fullmatch(text.strip())
        return cls(int(found[1]), int(found[2]), None if found[3] is None else int(found[3])) if found else None

    @property
    def line(self) -> tuple[int, int]:
        """Major and minor number: releases of one line differ only by fixes."""
        return self.major, self.minor

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}" + ("" if self.patch is None else f".{self.patch}")
