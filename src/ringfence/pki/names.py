"""The two places of a certificate that hold names: the subject and the subject alternative name.

Text in, ``cryptography``'s values out, and back. Which names are allowed is for the profiles and the spec to say.
"""

from __future__ import annotations

import ipaddress

from cryptography import x509
from cryptography.x509.oid import NameOID

from ringfence.errors import CertificateError, Problem

NOBODY = x509.Name([])
"""The empty subject."""


def subject(common_name: str | None) -> x509.Name:
    """A subject that is one Common Name and nothing else, or the empty one for None."""
    return NOBODY if common_name is None else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def alternative_names(hosts: tuple[str, ...]) -> x509.SubjectAlternativeName:
    """The subject alternative name for DNS names and IP addresses.

    Raises:
        CertificateError: for names that no certificate can hold, all of them.
    """
    names: list[x509.GeneralName] = []
    problems = []
    for host in hosts:
        try:
            names.append(_general_name(host))
        except ValueError:
            hint = "write an IP address, or a DNS name in ASCII (xn--... for others)"
            problems.append(Problem(f"host {host!r} cannot stand in a certificate", hint=hint))
    if problems:
        raise CertificateError(*problems)
    return x509.SubjectAlternativeName(names)


def common_names(name: x509.Name) -> tuple[str, ...]:
    """Every Common Name of a subject, in order."""
    values = (attribute.value for attribute in name.get_attributes_for_oid(NameOID.COMMON_NAME))
    return tuple(value if isinstance(value, str) else value.hex() for value in values)


def hosts_of(names: x509.SubjectAlternativeName) -> tuple[str, ...]:
    """The DNS names and IP addresses of a subject alternative name; other forms are left out, as etcd does."""
    return tuple(str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress))


def same_host(host: str) -> str:
    """The form in which two spellings of a host are equal: addresses canonical, DNS names in lower case."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower()


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        if not host or any(character.isspace() for character in host):
            raise
        return x509.DNSName(host)
