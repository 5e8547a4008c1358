"""The PKI role of each certificate: it signs that one and nothing beside it. Pure.

What a role refuses, it refuses to everybody who may use it, so the role is the fence and the request is not trusted.
Each parameter that could widen a role is written, also where it is the default: a later default cannot open it, and
``certs prepare`` sees it when somebody else did.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType, Validity
from ringfence.pki.issuing.authority import BACKDATED
from ringfence.pki.openbao.names import is_address, role_name
from ringfence.pki.profiles import CLIENT_AUTH, PROFILES, SERVER_AUTH, key_type_for

Parameter = str | int | bool | tuple[str, ...]

KEYS: Mapping[KeyType, tuple[str, int]] = {
    KeyType.ECDSA_P256: ("ec", 256),
    KeyType.ECDSA_P384: ("ec", 384),
    KeyType.ED25519: ("ed25519", 0),
    KeyType.RSA_2048: ("rsa", 2048),
    KeyType.RSA_4096: ("rsa", 4096),
}
"""``key_type`` and ``key_bits`` as the PKI engine calls them."""

_CLOSED: Mapping[str, Parameter] = {
    "allow_any_name": False,
    "allow_subdomains": False,
    "allow_glob_domains": False,
    "allow_wildcard_certificates": False,
    "allow_localhost": False,
    "allow_token_displayname": False,
    "allowed_domains_template": False,
    "allowed_uri_sans": (),
    "allowed_uri_sans_template": False,
    "allowed_other_sans": (),
    "allowed_serial_numbers": (),
    "allowed_user_ids": (),
    "enforce_hostnames": True,
    "code_signing_flag": False,
    "email_protection_flag": False,
    "ext_key_usage": (),
    "ext_key_usage_oids": (),
    "basic_constraints_valid_for_non_ca": True,
    # A role that took names from the signing request would sign whatever somebody wrote into it.
    "use_csr_common_name": False,
    "use_csr_sans": False,
    "generate_lease": False,
    # Stored certificates cost the server memory and the issuing a third of its speed; etcd asks for no revocation.
    "no_store": True,
    "not_after": "",
    # OpenBao's own: without them `not_after` in a request goes beyond `max_ttl`. Policies deny it for Vault's sake.
    "not_after_bound": "forbid",
    "not_before_bound": "forbid",
}


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its name in the PKI engine, and its parameters."""

    name: str
    parameters: Mapping[str, Parameter]

    @property
    def about(self) -> str:
        """Whom it is for, and as what, for people."""
        domains, addresses = self.parameters["allowed_domains"], self.parameters["allowed_ip_sans_cidr"]
        assert isinstance(domains, tuple)
        assert isinstance(addresses, tuple)
        names = ", ".join((*domains, *(address.partition("/")[0] for address in addresses)))
        kinds = {"server_flag": "server", "client_flag": "client"}
        usages = " and ".join(kind for flag, kind in kinds.items() if self.parameters[flag])
        return f"{names} alone, as {usages}"


def role_for(request: CertificateRequest, key_type: KeyType, validity: Validity) -> Role:
    """The role that signs just this certificate.

    Args:
        request: one that `names.unpinnable` lets pass.
        key_type: ``pki.key`` of the spec.
        validity: ``pki.validity`` of the spec: the longest life.
    """
    usages = PROFILES[request.kind].usages
    algorithm = key_type_for(request.kind, key_type)
    key, bits = KEYS[algorithm]
    encipherment = ("KeyEncipherment",) if key == "rsa" and SERVER_AUTH in usages else ()
    seconds = int(life_of(request.kind, validity).total_seconds())
    return Role(
        role_name(request),
        {
            **_CLOSED,
            **_names(request),
            "server_flag": SERVER_AUTH in usages,
            "client_flag": CLIENT_AUTH in usages,
            "key_type": key,
            "key_bits": bits,
            "key_usage": ("DigitalSignature", *encipherment),
            "ttl": seconds,
            "max_ttl": seconds,
            "not_before_duration": int(BACKDATED.total_seconds()),
        },
    )


def life_of(kind: CertificateKind, validity: Validity) -> timedelta:
    """How long a certificate of that kind is good for."""
    return validity.client if PROFILES[kind].needs_common_name else validity.member


def differs(role: Role, found: Mapping[str, object]) -> tuple[str, ...]:
    """The parameters in which a role on the server is another than this one.

    What the server does not know is no difference: HashiCorp Vault lacks some that OpenBao has.
    """
    return tuple(name for name, value in role.parameters.items() if name in found and not _same(value, found[name]))


def _names(request: CertificateRequest) -> dict[str, Parameter]:
    """What it may be called: its one Common Name, or the hosts of a server and no Common Name at all."""
    if request.common_name is not None:
        domains: tuple[str, ...] = (request.common_name,)
        addresses: tuple[str, ...] = ()
    else:
        domains = tuple(host for host in request.hosts if not is_address(host))
        addresses = tuple(host for host in request.hosts if is_address(host))
    return {
        "allowed_domains": domains,
        "allow_bare_domains": True,
        # "email" on a server's role refuses every Common Name without an @, and so every user there can be.
        "cn_validations": ("hostname",) if request.common_name is not None else ("email",),
        "require_cn": request.common_name is not None,
        "allow_ip_sans": bool(addresses),
        "allowed_ip_sans_cidr": tuple(_network(address) for address in addresses),  # OpenBao's own
    }


def _network(address: str) -> str:
    return str(ipaddress.ip_network(address))


def _same(wanted: Parameter, found: object) -> bool:
    if isinstance(wanted, tuple):
        return (isinstance(found, list) and sorted(wanted) == sorted(map(str, found))) or (not wanted and not found)
    return wanted == found
