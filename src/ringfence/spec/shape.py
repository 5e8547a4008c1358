"""What a spec is: frozen values, defaults filled in, each part with the place where it was written."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from ringfence.errors import Place
from ringfence.keyspace import Span
from ringfence.model.certificate import KeyType, Validity
from ringfence.model.cluster import Member, Proxy
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.state import Login
from ringfence.model.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A known hole of the server that the operator lives with, until a day and for a reason."""

    id: str
    until: date
    reason: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """``cluster:``. ``paths_pki`` is where the pki files will lie on the target, None for the local folder."""

    name: str
    endpoints: tuple[str, ...]
    etcd: Version | None
    api: tuple[str, ...]
    accept: tuple[Acceptance, ...]
    members: tuple[Member, ...]
    proxies: tuple[Proxy, ...]
    paths_pki: PurePosixPath | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """``pki:``. ``directory`` is resolved against the folder of the spec."""

    authority: str
    directory: Path
    key: KeyType
    validity: Validity
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Access to one span, less the spans in ``exclude``.

    ``shares_with`` names the owners whose segments the grant reaches into on purpose.
    """

    access: Access
    span: Span
    exclude: tuple[Span, ...]
    shares_with: tuple[str, ...]
    place: Place


class Compaction(enum.Enum):
    """Who compacts etcd's history, as far as a kube-apiserver is concerned."""

    ETCD = "etcd"
    APISERVER = "apiserver"


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeApiserver:
    """``use: kube-apiserver``. ``prefix`` is its ``--etcd-prefix`` as written, ``files`` the folder on its host."""

    identity: UserName
    version: Version | None
    compaction: Compaction
    prefix: str
    files: PurePosixPath | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Calico:
    """``use: calico`` with ``segmentation: single``: one identity for all that Calico runs."""

    identity: UserName
    version: Version | None
    network: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnComponent:
    """A component that the catalog does not know, with the grants that the operator gives it."""

    identity: UserName
    grants: tuple[Grant, ...]
    place: Place


Component = KubeApiserver | Calico | OwnComponent


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEntry:
    """One entry of ``roles:``."""

    name: RoleName
    grants: tuple[Grant, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEntry:
    """One entry of ``users:``."""

    name: UserName
    roles: tuple[RoleName, ...]
    login: Login
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The whole file.

    ``digest`` is the SHA-256 of its bytes, in hex: a plan is pinned to it. ``protect`` are users that are never
    deleted and never stripped of a role; root is always among them.
    """

    file: str
    digest: str
    cluster: Cluster
    pki: Pki
    components: tuple[Component, ...]
    roles: tuple[RoleEntry, ...]
    users: tuple[UserEntry, ...]
    protect: frozenset[UserName]
