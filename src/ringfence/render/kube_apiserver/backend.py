"""Which of etcd's two stores a kube-apiserver keeps its data in: ``--storage-backend``.

It is never changed here: an API server that is pointed at the other store finds it empty.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from ringfence.model.version import Version

FLAG = "--storage-backend"
_ETCD3_BY_DEFAULT = (1, 6)
"""From Kubernetes 1.6 on (its CHANGELOG-1.6, "etcd3 is now the default"); 1.13 has no other any more."""


class Backend(enum.Enum):
    """A store; the value is the word of the flag."""

    ETCD2 = "etcd2"
    ETCD3 = "etcd3"


def in_use(words: Iterable[str], version: Version | None) -> Backend:
    """The store of an API server that runs with these flags.

    Args:
        words: its command, each flag a word with its value.
        version: its release; one that is not known is taken for one from 1.6 on.
    """
    told = [value for name, _, value in (word.partition("=") for word in words) if name == FLAG]
    if told:
        return Backend.ETCD2 if told[-1] == Backend.ETCD2.value else Backend.ETCD3
    return Backend.ETCD2 if version is not None and version.line < _ETCD3_BY_DEFAULT else Backend.ETCD3


def other_store(there: Backend, wanted: Backend) -> tuple[str, str] | None:
    """What is wrong with an API server in one store where another is wanted, and the hint; None where it is right."""
    if there is wanted:
        return None
    what = f"this API server keeps its data in etcd v{there.value[-1]}, and the spec's in v{wanted.value[-1]}"
    return what, f"write storage-backend: {there.value} in the spec, or {FLAG}={wanted.value} here if that is meant"
