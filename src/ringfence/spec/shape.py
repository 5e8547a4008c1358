"""What a spec is: frozen values, defaults filled in, each part with the place where it was written."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath

from ringfence.errors import Place
from ringfence.keyspace import Span
from ringfence.model.certificate import KeyType, Validity
from ringfence.model.cluster import Member, Proxy
from ringfence.model.names import NodeName, RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.state import Login
from ringfence.model.v2 import Pattern
from ringfence.model.version import Version
from ringfence.spec.node_names import on_node
from ringfence.spec.services import Service
from ringfence.spec.ways import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A known hole of the server that the operator lives with, until a day and for a reason.

    ``expired`` tells that the day was over when the spec was read; the hole then counts as if nobody accepted it.
    """

    id: str
    until: date
    reason: str
    expired: bool = False
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

    @property
    def has_v2(self) -> bool:
        """Whether the store of etcd's v2 API is ringfence's business."""
        return "v2" in self.api

    @property
    def has_v3(self) -> bool:
        """Whether that of v3 is."""
        return "v3" in self.api


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSource:
    """Where a password stands, never the password itself: a file or an environment variable, one of the two.

    ``file`` is resolved against the folder of the spec.
    """

    file: Path | None = None
    variable: str | None = None

    def __str__(self) -> str:
        return f"the variable {self.variable}" if self.file is None else f"the file {self.file}"


class Source(enum.Enum):
    """``pki.authority``: what signs certificates."""

    FILE = "file"
    OPENBAO = "openbao"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePki:
    """``pki.file``: an authority whose key lies in files.

    ``ca`` and ``key`` are those of an existing authority, both or none; None for ``ca.pem`` and ``ca-key.pem`` in the
    pki folder, which ringfence makes. ``chain`` holds what is above ``ca``, up to the root. ``passphrase`` is what the
    key is encrypted with.
    """

    ca: Path | None = None
    key: Path | None = None
    chain: Path | None = None
    passphrase: PasswordSource | None = None


class BaoLogin(enum.Enum):
    """``pki.openbao.auth.method``: how ringfence logs in to OpenBao."""

    APPROLE = "approle"
    TOKEN = "token"  # noqa: S105  # the name of a method
    JWT = "jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaoAuth:
    """``pki.openbao.auth``.

    ``mount`` is the path of the method, ``role`` the role of a JWT login. ``role_id`` and ``secret_id`` say where those
    of an AppRole stand, ``secret`` where the token or the JWT does.
    """

    method: BaoLogin
    mount: str
    role: str | None = None
    role_id: PasswordSource | None = None
    secret_id: PasswordSource | None = None
    secret: PasswordSource | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBaoPki:
    """``pki.openbao``: OpenBao or HashiCorp Vault.

    ``address`` is the URL of the server, without a slash at its end, ``mount`` the path of its PKI engine, ``ca`` the
    PEM file of who signed the server's own certificate, None for those that the machine trusts.
    """

    address: str
    mount: str
    ca: Path | None
    namespace: str | None
    auth: BaoAuth
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalPki:
    """``pki.external``: an authority that takes requests as files.

    ``requests`` is the folder for them; ``keys_on_node`` tells that each key is made where it is used, not here.
    """

    requests: Path
    keys_on_node: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """``pki:``. Paths are resolved against the folder of the spec; of the three sources, ``authority`` is in use."""

    authority: Source
    directory: Path
    key: KeyType
    validity: Validity
    file: FilePki
    openbao: OpenBaoPki | None
    external: ExternalPki | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternGrant:
    """Access in etcd v2 to what one pattern matches; ``shares_with`` as in a grant."""

    access: Access
    pattern: Pattern
    shares_with: tuple[str, ...]
    place: Place


class Transport(enum.Enum):
    """How a component speaks to etcd. ``GATEWAY`` is etcd's JSON gateway, which takes no Common Name for a user."""

    GRPC = "grpc"
    GATEWAY = "gateway"


class Compaction(enum.Enum):
    """Who compacts etcd's history, as far as a kube-apiserver is concerned. ``BY``: an identity of its own."""

    ETCD = "etcd"
    APISERVER = "apiserver"
    BY = "by"


class StorageBackend(enum.Enum):
    """kube-apiserver's ``--storage-backend``; etcd v2's ended with Kubernetes 1.12."""

    ETCD3 = "etcd3"
    ETCD2 = "etcd2"


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeApiserver:
    """``use: kube-apiserver``.

    ``prefix`` is its ``--etcd-prefix`` as written, ``files`` the folder on its host, ``compactor`` the name after
    ``compaction: {by: NAME}``.
    """

    identity: UserName
    version: Version | None
    compaction: Compaction
    prefix: str
    files: PurePosixPath | None
    compactor: UserName | None = None
    backend: StorageBackend = StorageBackend.ETCD3
    place: Place


class Segmentation(enum.Enum):
    """How many identities Calico has: one for everything, one for each of its components, or those by node as well."""

    SINGLE = "single"
    COMPONENT = "component"
    NODE = "node"


class NodeIdentity(enum.Enum):
    """``identity``, with ``segmentation: node``: what a component's certificates on two nodes have in common.

    ``SHARED``: the user, and so the Common Name. ``NODE``: the role, each node having a user of its own. ``SCOPED``: a
    role of what cannot be narrowed, beside a role of its own for each node's own keys.
    """

    SHARED = "shared"
    NODE = "node"
    SCOPED = "node-scoped"


@dataclass(frozen=True, slots=True)
class Node:
    """One entry of ``nodes:``; ``address`` is where the machine is reached, None where nobody told."""

    name: NodeName
    address: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class CalicoPart:
    """An identity of Calico: the component of the catalog whose needs it has.

    ``by_node`` tells that each node has a certificate of its own: ``identity`` is what their names begin with (see
    ``spec.node_names``) and the name of the role that they share, and a user only with ``NodeIdentity.SHARED``.
    """

    component: str
    identity: UserName
    by_node: bool = False

    def name_on(self, node: NodeName) -> str:
        """The file name of its certificate on a node."""
        return on_node(self.identity, node) if self.by_node else self.identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Calico:
    """``use: calico``: one installation of Calico.

    ``parts`` are its identities: with ``SINGLE`` that of ``calico`` first, else those of ``calico/node``,
    ``calico/cni`` and ``calico/kube-controllers``; then flannel's where canal has one of its own, and those of
    calicoctl. ``by_node`` is set with ``Segmentation.NODE`` alone; ``deliver`` is None where it is not written.
    ``services`` are the programs that are started on hosts, by name.
    """

    parts: tuple[CalicoPart, ...]
    version: Version | None
    network: str
    segmentation: Segmentation
    by_node: NodeIdentity | None = None
    deliver: Delivery | None = None
    services: Mapping[str, Service] = field(default_factory=dict)
    place: Place

    @property
    def identity(self) -> UserName:
        """The first identity: with ``SINGLE`` the one that everything which runs in the cluster uses."""
        return self.parts[0].identity

    def part_of(self, component: str) -> CalicoPart | None:
        """The part of a component of the catalog, such as ``calico/cni``; None where it has none of its own."""
        return next((part for part in self.parts if part.component == component), None)

    def identity_of(self, component: str) -> UserName | None:
        """The identity of a component of the catalog; None where it has none of its own."""
        part = self.part_of(component)
        return None if part is None else part.identity


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of an option as it was written, and where."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogComponent:
    """Any other component of the catalog, by its name; whether that exists and takes the options is not known here.

    ``transport`` is None where it is not written. ``shares_with`` names the owners whose segments it reaches into.
    """

    identity: UserName
    use: str
    use_place: Place
    version: Version | None
    options: Mapping[str, Setting]
    transport: Transport | None
    password: PasswordSource | None
    shares_with: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnComponent:
    """A component with the grants that the operator gives it, or that come from the preset of this name.

    ``patterns`` are what it is given in etcd v2.
    """

    identity: UserName
    grants: tuple[Grant, ...]
    patterns: tuple[PatternGrant, ...] = ()
    preset: str | None = None
    password: PasswordSource | None = None
    place: Place


@dataclass(frozen=True, slots=True)
class PresetEntry:
    """The name of one entry of ``presets:``; its grants are in the components that use it."""

    name: str
    place: Place


Component = KubeApiserver | Calico | CatalogComponent | OwnComponent


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

    ``digest`` is the SHA-256 of its bytes, in hex, and of the nodes of another file where it names one: a plan is
    pinned to it. ``protect`` are users that are never deleted and never stripped of a role; root is always among them.
    """

    file: str
    digest: str
    cluster: Cluster
    pki: Pki
    presets: tuple[PresetEntry, ...]
    components: tuple[Component, ...]
    nodes: tuple[Node, ...] = ()
    roles: tuple[RoleEntry, ...]
    users: tuple[UserEntry, ...]
    protect: frozenset[UserName]
