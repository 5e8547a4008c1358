"""The flags of etcd's pass-through proxy."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from ringfence.model.cluster import Member, Proxy, ProxyKind
from ringfence.render.etcd.gateway import gateway_flags

_MEMBERS = tuple(
    Member(
        name=f"etcd-{number}",
        hosts=(f"10.0.0.{number}",),
        client=f"https://10.0.0.{number}:2379",
        peer=f"https://10.0.0.{number}:2380",
        metrics="http://127.0.0.1:2381",
        data_dir=PurePosixPath("/var/lib/etcd"),
    )
    for number in (1, 2)
)


@pytest.mark.parametrize(
    ("host", "listen"),
    [("10.0.0.9", "10.0.0.9:2379"), ("fd00::9", "'--listen-addr=[fd00::9]:2379'"), ("edge.internal", "0.0.0.0:2379")],
)
def test_flags(host: str, listen: str) -> None:
    """It listens on its address, or on all where it has only a name, and knows the members without a scheme."""
    proxy = Proxy(name="edge", kind=ProxyKind.GATEWAY, hosts=(host,))
    second = listen if listen.startswith("'") else f"--listen-addr={listen}"
    assert f"--endpoints=10.0.0.1:2379,10.0.0.2:2379\n{second}\n" == gateway_flags(proxy, _MEMBERS)
