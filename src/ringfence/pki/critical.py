"""Extensions that are marked critical and that etcd does not know: its verifier refuses the whole certificate then."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from ringfence.errors import Place, Problem

_KNOWN = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
)
"""What Go's crypto/x509 parses (parser.go, processExtensions), in each release that etcd is built with."""


def critical_problems(certificate: x509.Certificate, place: Place, whose: str) -> Iterator[Problem]:
    """Each critical extension that etcd does not know; ``whose`` begins the sentence: ``it``."""
    for each in certificate.extensions:
        if each.critical and each.oid not in _KNOWN:
            what = f"{whose} has a critical extension that etcd does not know: {each.oid.dotted_string}"
            yield Problem(what, place, "have the authority leave it out, or not mark it critical")
