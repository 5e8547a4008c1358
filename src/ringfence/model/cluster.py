"""The members and proxies of an etcd cluster, as their certificates and configuration need them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One etcd member. URLs are ``scheme://host:port``; ``hosts`` are what its certificate carries."""

    name: str
    hosts: tuple[str, ...]
    client: str
    peer: str
    metrics: str
    data_dir: PurePosixPath


class ProxyKind(enum.Enum):
    """What stands between clients and etcd. ``GATEWAY`` passes TLS through; ``GRPC_PROXY`` ends it."""

    GATEWAY = "gateway"
    GRPC_PROXY = "grpc-proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An etcd proxy. Its certificate, where it has one, carries no Common Name."""

    name: str
    kind: ProxyKind
    hosts: tuple[str, ...]
