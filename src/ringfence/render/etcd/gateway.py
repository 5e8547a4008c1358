"""The flags of ``etcd gateway start``, a proxy that passes bytes through without looking into TLS.

It needs no certificate, so none is named: ``--trusted-ca-file`` only concerns endpoints found by DNS and checks nothing
about ``--endpoints`` (CVE-2020-15136). Clients still talk TLS to the member, whose server certificate must therefore
carry the gateway's host names too. ``etcd grpc-proxy`` is not rendered: it ends TLS, and users by certificate are lost.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from urllib.parse import urlsplit

from ringfence.model.cluster import Member, Proxy
from ringfence.render.etcd.settings import bind_url
from ringfence.render.usage import Usage

CLIENT_PORT = 2379
"""etcd's client port, where clients look for the gateway too."""


def gateway_flags(proxy: Proxy, members: Sequence[Member]) -> str:
    """The flags, one a line, for ``xargs -a flags etcd gateway start``.

    Args:
        proxy: of kind ``GATEWAY``; it listens on its first host, or on every address where that is a name.
        members: all members that it spreads connections over.
    """
    listen = urlsplit(bind_url(f"https://{_bracketed(proxy.hosts[0])}:{CLIENT_PORT}")).netloc
    endpoints = ",".join(urlsplit(member.client).netloc for member in members)
    flags = (f"--endpoints={endpoints}", f"--listen-addr={listen}")
    return "".join(f"{shlex.quote(flag)}\n" for flag in flags)


def gateway_usage(name: str) -> Usage:
    """What the folder of a gateway is."""
    return Usage(
        title=f"etcd gateway {name}",
        apply=("`xargs -a flags etcd gateway start` on its machine; then give clients its address as their endpoint",),
        undo=("give clients the members' addresses again, and stop it; it holds nothing",),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
