"""What the roles and policies of an identity are called in OpenBao, and which identities its roles can pin. Pure.

A role checks a Common Name as a host name (``cn_validations``). With that check switched off it checks nothing at all:
whoever may use the role would get ``CN=root``. So it stays on, and an identity that is no host name cannot be issued.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator

from ringfence.errors import Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest
from ringfence.model.names import ROOT_USER

PREFIX = "ringfence-"
"""How the roles that ringfence writes begin; the policy of whoever issues all of them names it."""

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_PLAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?")
_LOG_IN = {CertificateKind.ROOT, CertificateKind.CLIENT}

_NOT_A_HOST = "letters, digits, dots and inner dashes alone; or use authority: file or external"


def role_name(request: CertificateRequest) -> str:
    """The PKI role for a certificate: one for each user, whatever its files are called, and one for each server."""
    if request.kind is CertificateKind.ROOT:
        return f"{PREFIX}root"
    named = request.common_name if request.kind in _LOG_IN else request.name
    return f"{PREFIX}{request.kind.value}-{safe(named or request.name)}"


def policy_name(mount: str, role: str) -> str:
    """The policy that allows one role of one PKI engine; policies are the server's, roles the engine's."""
    return f"{safe(mount)}.{role}"


def safe(text: str) -> str:
    """``text`` as a part of a name that every path of the API takes, and that policies, which lose case, keep apart."""
    if _PLAIN.fullmatch(text):
        return text
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:16]}".lstrip("-")


def is_host_name(text: str) -> bool:
    """Whether a role of OpenBao can pin it: what Go calls a host name, without underscores and without a last dot."""
    return _HOST.fullmatch(text) is not None


def is_address(host: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def unpinnable(requests: Iterable[CertificateRequest]) -> Iterator[tuple[CertificateRequest, Problem]]:
    """The requests for which no role can be written that allows just them, each with the reason.

    A role compares names without regard to case (Go's ``EqualFold``), and etcd does not: two users that differ in case
    alone would each get the other's certificate. A host that a member's role allows must not be a user either.
    """
    requests = tuple(requests)
    users: dict[str, str] = {ROOT_USER: ROOT_USER}
    for request in requests:
        name = request.common_name
        if request.kind not in _LOG_IN or name is None:
            continue
        other = users.setdefault(name.lower(), name)
        if other != name:
            what = f"{name!r} and {other!r} differ in case alone, and OpenBao would sign the one for the other"
            yield request, Problem(what, hint="give one of them another identity")
        elif not is_host_name(name):
            yield request, Problem(f"OpenBao signs no Common Name that is no host name: {name!r}", hint=_NOT_A_HOST)
    for request in requests:
        if request.kind in _LOG_IN:
            continue
        if request.common_name is not None:
            what = f"{request.name}: OpenBao is asked for no server's certificate with a Common Name"
            yield request, Problem(what, hint="leave it out: it logs in to nothing")
        for host in request.hosts:
            if host.lower() in users:
                what = (
                    f"the host {host!r} of {request.name} is the name of a user, as whom its role would let it log in"
                )
                yield request, Problem(what, hint="name the host in full, with its domain")
            elif not is_address(host) and not is_host_name(host):
                what = f"OpenBao signs no host that is no host name: {host!r} of {request.name}"
                yield request, Problem(what, hint=_NOT_A_HOST)
