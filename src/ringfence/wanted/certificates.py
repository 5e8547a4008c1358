"""Which certificates should exist: the members', root's, and one for each identity that logs in with one.

Where nodes share an identity it has one for each of them. What pods draw for themselves exists where they run, and is
not issued here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.cluster import Member, ProxyKind
from ringfence.model.names import ROOT_USER
from ringfence.model.state import Login
from ringfence.spec.naming import member_files
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.components.drawers import drawn_users


def requests(spec: Spec, wanted: Wanted) -> tuple[CertificateRequest, ...]:
    """Every certificate that is issued here, but the authority's; see ``with_drawn``."""
    drawn = drawn_users(spec)
    return tuple(each for each in with_drawn(spec, wanted) if each.common_name not in drawn)


def with_drawn(spec: Spec, wanted: Wanted) -> tuple[CertificateRequest, ...]:
    """The same with those that pods draw: what the authority must be able to tell apart.

    A member has two, neither with a Common Name, so that none of its own connections (gateway, health) acts as a
    user. A gateway passes TLS through, so the members' certificates carry its hosts and it needs none.
    """
    gateways = [host for proxy in spec.cluster.proxies if proxy.kind is ProxyKind.GATEWAY for host in proxy.hosts]
    members = (request for member in spec.cluster.members for request in _of_member(member, gateways))
    root = CertificateRequest(name=ROOT_USER, kind=CertificateKind.ROOT, common_name=ROOT_USER)
    clients = (
        CertificateRequest(
            name=certificate.name, kind=CertificateKind.CLIENT, common_name=identity.user, node=certificate.node
        )
        for identity in wanted.identities
        if identity.login is Login.CERTIFICATE
        for certificate in identity.certificates
    )
    in_v3 = {identity.user for identity in wanted.identities}
    in_v2_alone = (
        CertificateRequest(name=certificate.name, kind=CertificateKind.CLIENT, common_name=identity.user)
        for identity in (() if wanted.v2 is None else wanted.v2.identities)
        if identity.user not in in_v3
        for certificate in identity.certificates
    )
    return (*members, root, *clients, *in_v2_alone)


def _of_member(member: Member, gateways: Iterable[str]) -> Iterator[CertificateRequest]:
    server, peer = member_files(member)
    yield CertificateRequest(
        name=server,
        kind=CertificateKind.SERVER,
        common_name=None,
        hosts=_hosts((*member.hosts, _host(member.client), *gateways)),
    )
    yield CertificateRequest(
        name=peer, kind=CertificateKind.PEER, common_name=None, hosts=_hosts((*member.hosts, _host(member.peer)))
    )


def _host(url: str) -> str:
    host = urlsplit(url).hostname
    assert host is not None
    return host


def _hosts(hosts: Iterable[str]) -> tuple[str, ...]:
    """Each host once, the first spelling of it."""
    seen: dict[str, str] = {}
    for host in hosts:
        seen.setdefault(host.lower(), host)
    return tuple(seen.values())
