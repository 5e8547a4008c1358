"""Name constraints of an authority, as far as etcd holds certificates against them (RFC 5280, 4.2.1.10).

DNS names and addresses alone: the hosts of a certificate have no other form. What Go's verifier does not know it
refuses, and so does this.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from cryptography import x509

from ringfence.errors import Place, Problem
from ringfence.pki.chain import find
from ringfence.pki.names import same_host

_HINT = "the authority may sign other names only: have an authority without that constraint sign it"
_KNOWN = (x509.DNSName, x509.IPAddress, x509.RFC822Name, x509.UniformResourceIdentifier)


def constraint_problems(
    authority: x509.Certificate, hosts: Iterable[str], place: Place, whose: str
) -> Iterator[Problem]:
    """Why an authority must not sign, or have signed, a certificate with these hosts.

    Args:
        authority: an intermediate, or the one that is trusted.
        hosts: DNS names and addresses of the certificate below it.
        place: for the problems: the file of that certificate, or of the authority where it is still to sign.
        whose: names the authority in the sentence.
    """
    constraints = find(authority, x509.NameConstraints)
    if constraints is None:
        return
    permitted, excluded = constraints.permitted_subtrees or (), constraints.excluded_subtrees or ()
    if not all(isinstance(each, _KNOWN) for each in (*permitted, *excluded)):
        yield Problem(f"{whose} has name constraints of a form that etcd does not know", place, _HINT)
    for host in hosts:
        allowing = [each for each in permitted if _same_form(each, host)]
        if any(_covers(each, host) for each in excluded) or (
            allowing and not any(_covers(each, host) for each in allowing)
        ):
            yield Problem(f"{whose} is not allowed to sign for {host}", place, _HINT)


def _same_form(subtree: x509.GeneralName, host: str) -> bool:
    return isinstance(subtree, x509.DNSName if _address(host) is None else x509.IPAddress)


def _covers(subtree: x509.GeneralName, host: str) -> bool:
    address = _address(host)
    match subtree:
        case x509.IPAddress(value=ipaddress.IPv4Network() | ipaddress.IPv6Network() as network):
            return address is not None and address in network
        case x509.DNSName(value=domain):
            base, name = domain.lower().removeprefix("."), same_host(host)
            return address is None and (not base or name == base or name.endswith(f".{base}"))
    return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
