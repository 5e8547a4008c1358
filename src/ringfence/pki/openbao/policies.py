"""Policies: what a token may ask of the PKI engine, as HCL text. Pure.

A policy for one identity pins its request letter by letter on top of what the role refuses: a role does not regard
case, and on HashiCorp Vault a request can go beyond the longest life by ``not_after``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringfence.model.certificate import CertificateRequest
from ringfence.pki.openbao.names import PREFIX, is_address, policy_name, role_name

SIGN, ISSUE = "sign", "issue"
"""The two ways to a certificate: with a request of one's own, or with a key that the server makes."""

_FREE = {
    SIGN: ("csr", "exclude_cn_from_sans", "format", "ttl"),
    ISSUE: ("exclude_cn_from_sans", "format", "private_key_format", "ttl"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: its name on the server, and its text."""

    name: str
    text: str


def policy_for(mount: str, request: CertificateRequest, ways: Sequence[str] = (SIGN,)) -> Policy:
    """The policy for whoever may draw this one certificate and no other.

    Args:
        mount: the path of the PKI engine.
        request: the certificate.
        ways: ``SIGN``, ``ISSUE`` or both.
    """
    role = role_name(request)
    pinned = names_in(request)
    rules = [
        rule(f"{mount}/{way}/{role}", "allowed_parameters", {**dict.fromkeys(_FREE[way], ""), **pinned}) for way in ways
    ]
    return Policy(policy_name(mount, role), "\n".join(rules))


def issuing_policy(mount: str) -> Policy:
    """The policy for ringfence itself: every certificate of the spec, and nothing else of the server."""
    denied = dict.fromkeys(("not_after", "not_before"), "")
    text = rule(f"{mount}/{SIGN}/{PREFIX}*", "denied_parameters", denied)
    return Policy(policy_name(mount, f"{PREFIX}issuer"), text)


def names_in(request: CertificateRequest) -> dict[str, str]:
    """The parameters of a signing request that name somebody: always the same for an identity, letter by letter."""
    if request.common_name is not None:
        return {"common_name": request.common_name}
    domains = ",".join(host for host in request.hosts if not is_address(host))
    addresses = ",".join(host for host in request.hosts if is_address(host))
    return {name: value for name, value in (("alt_names", domains), ("ip_sans", addresses)) if value}


def rule(path: str, restriction: str, parameters: Mapping[str, str]) -> str:
    """One path that may be written.

    Args:
        path: below ``/v1/``.
        restriction: ``allowed_parameters`` or ``denied_parameters``.
        parameters: with the one value of each, or an empty text for any.
    """
    lines = [f"    {json.dumps(name)} = [{json.dumps(value) if value else ''}]" for name, value in parameters.items()]
    return "\n".join(
        (
            f"path {json.dumps(path)} {{",
            '  capabilities = ["update"]',
            f"  {restriction} = {{",
            *lines,
            "  }",
            "}",
            "",
        )
    )
