"""Certificates of one authority for others, made with the library's builder: every kind, every algorithm.

What does not change from one certificate to the next is made once. Which requests are allowed is for the profiles to
say, and which dates for the authority.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.pki.chain import find
from ringfence.pki.keys import PrivateKey, digest_for
from ringfence.pki.names import NOBODY, alternative_names, subject
from ringfence.pki.profiles import extension, leaf_extensions

_KINDS = tuple(kind for kind in CertificateKind if kind is not CertificateKind.CA)


@dataclass(frozen=True, slots=True)
class Blank:
    """A certificate to be, all but signed.

    Args:
        request: what it is to be; its profile allows that.
        key: that it is for.
        start, end: the first and the last moment, UTC without a zone, in whole seconds.
    """

    request: CertificateRequest
    key: PrivateKey = field(repr=False)
    start: datetime
    end: datetime


class Leaves:
    """What makes them.

    Args:
        certificate: of the authority.
        key: its private key.
        key_type: the algorithm of the others' keys.
    """

    def __init__(self, certificate: x509.Certificate, key: PrivateKey, key_type: KeyType) -> None:
        self._issuer = certificate.subject
        self._key = key
        self._digest = digest_for(key)
        identifier = extension(_issuer_identifier(certificate))
        self._extensions: dict[CertificateKind, list[x509.Extension[x509.ExtensionType]]] = {
            kind: [_encoded(each) for each in (*leaf_extensions(kind, key_type), identifier)] for kind in _KINDS
        }

    def build(self, blank: Blank, serial: int) -> x509.Certificate:
        """The certificate.

        Raises:
            CertificateError: a host that no certificate can hold.
        """
        request, public = blank.request, blank.key.public_key()
        extensions = [*self._extensions[request.kind], extension(x509.SubjectKeyIdentifier.from_public_key(public))]
        if request.hosts:
            # RFC 5280, 4.2.1.6: an empty subject makes the alternative name critical.
            names = alternative_names(request.hosts)
            extensions.append(extension(names, critical=request.common_name is None))
        name = NOBODY if request.common_name is None else subject(request.common_name)
        return x509.CertificateBuilder(self._issuer, name, public, serial, blank.start, blank.end, extensions).sign(
            self._key, self._digest
        )


def _issuer_identifier(certificate: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """The identifier by which a leaf names its issuer's key, taken from the issuer where it has one."""
    own = find(certificate, x509.SubjectKeyIdentifier)
    if own is None:
        own = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _encoded(plain: x509.Extension[x509.ExtensionType]) -> x509.Extension[x509.ExtensionType]:
    """The same extension, already encoded: the builder then copies it instead of encoding it each time."""
    return x509.Extension(plain.oid, plain.critical, x509.UnrecognizedExtension(plain.oid, plain.value.public_bytes()))
