"""Every exception that ringfence raises on purpose.

An exception carries problems, each with its place and a hint; the command line turns them into prose and exit
code 1. Nothing here prints, exits or wraps a library's exception: that is done where the library is used.

The tree::

    RingfenceError
    ├── InputError            what the operator handed over cannot be used
    │   ├── SpecError             the spec: all its problems at once
    │   ├── PlanError             a plan file: unreadable, edited, of another version
    │   ├── ManifestError         a manifest without the parts that were looked for
    │   └── CatalogError          a data file of the catalog (a bug of the package, found by its tests)
    ├── FileError             the file system: missing, in the way, not writable
    ├── CertificateError      a certificate, key or authority that cannot be used or trusted
    │   └── AuthorityError        talking to an authority elsewhere (OpenBao)
    │       ├── AuthorityUnreachable  no answer, or none that can be trusted: nothing listens, TLS, sealed
    │       ├── AuthorityDenied       it answered: this login may not
    │       └── AuthorityRefused      it answered something else that is not yes; carries its text
    ├── ClusterError          talking to etcd
    │   ├── Unreachable           no answer: nothing listens, wrong port, no quorum, time is up
    │   ├── TlsRefused            the TLS handshake failed, on either side
    │   ├── AccessDenied          etcd answered: this identity may not
    │   ├── AuthChanged           etcd answered: users or roles were changed while this request was under way
    │   └── Refused               etcd answered something else that is not yes; carries its text
    │       ├── AlreadyThere          the user or role that was to be made exists
    │       ├── NotThere              the user, role, membership or permission that was named does not exist
    │       └── NoV2                  the v2 API is not served there
    ├── UnsafeError           ringfence itself refuses: going on would break a promise
    │   ├── LockOut               auth would be switched on without a way in
    │   ├── StalePlan             the plan is not for what is there now
    │   ├── Interference          somebody else changed users or roles in between
    │   ├── MembersDiffer         the members of the cluster do not have the same users, roles and switch
    │   └── GuardError            nobody could switch auth off again, or somebody has
    └── LocalError            the demo's own etcd: not found, did not start
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, a line in it (counted from 1) and the path of keys that leads there."""

    file: str
    line: int | None = None
    path: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.path}" if self.path else where


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, where, and what to do about it.

    ``what`` and ``hint`` start in lower case and end without a full stop.
    """

    what: str
    place: Place | None = None
    hint: str | None = None

    def __str__(self) -> str:
        return self.what if self.place is None else f"{self.place}: {self.what}"


class RingfenceError(Exception):
    """The root of the tree: one or more problems.

    Args:
        problems: at least one; all that are known, not only the first.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems

    @classmethod
    def of(cls, what: str, *, place: Place | None = None, hint: str | None = None) -> Self:
        """An exception with a single problem."""
        return cls(Problem(what, place, hint))


class InputError(RingfenceError):
    """What the operator handed over cannot be used."""


class SpecError(InputError):
    """The spec: all its problems at once."""


class PlanError(InputError):
    """A plan file that is unreadable, was edited, or belongs to another version of the program."""


class ManifestError(InputError):
    """A manifest that lacks the parts that were looked for, or has more of them than can be told apart."""


class CatalogError(InputError):
    """A data file of the catalog breaks its schema."""


class FileError(RingfenceError):
    """A file or folder that is missing, in the way, or cannot be read or written."""


class CertificateError(RingfenceError):
    """A certificate, key or authority that cannot be used or must not be trusted."""


class AuthorityError(CertificateError):
    """Talking to an authority elsewhere did not give what was asked for."""


class AuthorityUnreachable(AuthorityError):
    """No answer, or none that can be trusted: nothing listens there, TLS fails, it is sealed, or time is up."""


class AuthorityDenied(AuthorityError):
    """The authority answered that this login may not do that, or does not know the login."""


class AuthorityRefused(AuthorityError):
    """The authority answered, and the answer is neither yes nor a denial; its own text is in the problem."""


class ClusterError(RingfenceError):
    """Talking to etcd did not give what was asked for."""


class Unreachable(ClusterError):
    """No answer: nothing listens there, it does not speak etcd, there is no quorum, or time is up."""


class TlsRefused(ClusterError):
    """The TLS handshake failed, on either side."""


class AccessDenied(ClusterError):
    """etcd answered that this identity may not do that."""


class AuthChanged(ClusterError):
    """etcd answered that users or roles were changed while the request was under way; it may be sent again."""


class Refused(ClusterError):
    """etcd answered, and the answer is neither yes nor a denial; its own text is in the problem."""


class AlreadyThere(Refused):
    """etcd answered that the user or role that was to be made exists."""


class NotThere(Refused):
    """etcd answered that the user, role, membership or permission that was named does not exist."""


class NoV2(Refused):
    """An etcd that does not serve the v2 API: it is switched off, or the release does not have it any more."""


class UnsafeError(RingfenceError):
    """ringfence refuses: going on would break one of its promises."""


class LockOut(UnsafeError):
    """Auth would be switched on without a proven way in, or with a way around it."""


class StalePlan(UnsafeError):
    """The plan was made for another spec, another cluster or another state than what is there now."""


class Interference(UnsafeError):
    """Somebody else changed users or roles while a plan was being carried out."""


class MembersDiffer(UnsafeError):
    """The members do not hold the same users, roles and switch, so that a change would not be the same on each."""


class GuardError(UnsafeError):
    """The guard that can switch auth off again could not be armed, is gone, or has done it; or nobody waits for it."""


class LocalError(RingfenceError):
    """The etcd of the demo or of a test: not found, or did not start."""
