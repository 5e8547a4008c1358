"""What an etcd member is told, once: the forms in ``render.etcd.forms`` say the same because they are made from this.

Every setting is understood by etcd 3.4.23, 3.5.1 and all later releases. Left out on purpose: what etcd's defaults
already do well; ``enable-v2``, gone in 3.6, unless the v2 API is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ringfence.model.cluster import Member
from ringfence.render import target

COMPACTION_RETENTION = "5m"
"""What kube-apiserver keeps when it compacts: etcd, every 5 minutes, drops what is older than 5 minutes, and so does
the API server (etcd ``server/etcdserver/api/v3compactor/periodic.go``, Kubernetes ``storage/etcd3/compact.go``)."""

QUOTA_BYTES = 8 * 1024**3
"""8 GiB: the most that etcd takes without a warning (etcd ``server/storage/quota.go``), its default being 2 GiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of etcd.

    Args:
        flag: its name on the command line, without dashes.
        value: what it is set to.
        block: the block of ``etcd.conf.yml`` that it stands in there, empty for the top level.
        why: the reason, one line each; the YAML form shows it as a comment.
    """

    flag: str
    value: str | int | bool
    block: str = ""
    why: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in ``etcd.conf.yml``: inside a block the word ``peer-`` is said by the block."""
        return self.flag.removeprefix("peer-") if self.block else self.flag

    @property
    def variable(self) -> str:
        """Its name in the environment (etcd ``pkg/flags``: upper case, underscores, ``ETCD_`` in front)."""
        return "ETCD_" + self.flag.upper().replace("-", "_")

    @property
    def text(self) -> str:
        """Its value as flags and environment write it."""
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


def settings(
    cluster: str, members: Sequence[Member], member: Member, pki: PurePosixPath, *, gateway: bool, v2: bool = False
) -> tuple[Setting, ...]:
    """Everything that ``member`` is told, in the order in which it is written; see ``forms.member_files``."""
    peers = ",".join(f"{other.name}={other.peer}" for other in members)
    return (
        Setting(flag="name", value=member.name),
        Setting(flag="data-dir", value=str(member.data_dir)),
        Setting(flag="listen-client-urls", value=bind_url(member.client), why=_bind_reason(member.client)),
        Setting(flag="advertise-client-urls", value=member.client),
        Setting(flag="listen-peer-urls", value=bind_url(member.peer), why=_bind_reason(member.peer)),
        Setting(flag="initial-advertise-peer-urls", value=member.peer),
        Setting(flag="initial-cluster", value=peers),
        Setting(
            flag="initial-cluster-token",
            value=cluster,
            why=("Sets this cluster apart from any other that once ran on the same addresses.",),
        ),
        Setting(flag="initial-cluster-state", value="new"),
        Setting(
            flag="listen-metrics-urls",
            value=member.metrics,
            why=(
                "/health and /metrics without TLS for probes and scrapers: they have no client certificate,",
                "which the client listener asks for. No keys can be read here.",
            ),
        ),
        Setting(
            flag="auto-compaction-mode",
            value="periodic",
            why=(
                "etcd compacts its history by itself, so that no client needs to be allowed to: since 3.4.42, 3.5.28",
                "and 3.6.9 only the role root may. 5 minutes is what kube-apiserver keeps when it compacts.",
            ),
        ),
        Setting(flag="auto-compaction-retention", value=COMPACTION_RETENTION),
        Setting(
            flag="quota-backend-bytes",
            value=QUOTA_BYTES,
            why=(
                "8 GiB. A full database stops the writes of everybody who shares it, and on 3.4 and 3.5 etcd then also",
                "skips the permission check of writes: watch the size.",
            ),
        ),
        Setting(flag="enable-grpc-gateway", value=gateway, why=_gateway_reason(gateway=gateway)),
        *([Setting(flag="enable-v2", value=True, why=_V2)] if v2 else []),
        *_transport("client-transport-security", "", pki, f"{member.name}-server"),
        *_transport("peer-transport-security", "peer-", pki, f"{member.name}-peer"),
    )


def bind_url(url: str) -> str:
    """The URL to listen on for one that is advertised.

    The same, unless its host is a name: etcd binds to addresses only and does not start otherwise (etcd
    ``server/embed/config.go`` checkBindURLs), so it then listens on every address of the machine.
    """
    parts = urlsplit(url)
    if parts.hostname is None or parts.hostname == "localhost" or _is_address(parts.hostname):
        return url
    return f"{parts.scheme}://0.0.0.0:{parts.port}"


def _bind_reason(url: str) -> tuple[str, ...]:
    return () if bind_url(url) == url else ("All addresses: etcd cannot listen on a host name.",)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _gateway_reason(*, gateway: bool) -> tuple[str, ...]:
    if gateway:
        return (
            "On for clients of the JSON gateway. It cannot tell users by certificate, they log in with a password;",
            "and it dials etcd with the server certificate, whose Common Name must therefore be no etcd user.",
        )
    return ("Nobody here speaks JSON, and the gateway dials etcd with the server certificate instead of the client's.",)


_V2 = (
    "On for clients of the v2 API, which has users and roles of its own: auth has to be on there too. Off by default",
    "since 3.4, and gone in 3.6.",
)


def _transport(block: str, prefix: str, pki: PurePosixPath, pair: str) -> Iterator[Setting]:
    yield Setting(block=block, flag=f"{prefix}cert-file", value=target.certificate(pki, pair))
    yield Setting(block=block, flag=f"{prefix}key-file", value=target.private_key(pki, pair))
    yield Setting(block=block, flag=f"{prefix}client-cert-auth", value=True)
    yield Setting(block=block, flag=f"{prefix}trusted-ca-file", value=target.authority(pki))
