"""The named certificate profiles; there is no certificate outside of them.

A profile says which usages a certificate has and what a request for it must and must not name. It does not sign,
and it does not know which names are etcd users: the spec checks that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from ringfence.errors import CertificateError, Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.model.names import COMMON_NAME_BYTES, ROOT_USER
from ringfence.pki.names import alternative_names

SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT_AUTH = ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What all certificates of one kind have in common.

    Args:
        usages: the extended key usages, all of them; empty for the authority.
        needs_common_name: True for what logs in to etcd, False where one must not be, None where it may.
        has_hosts: whether it carries a subject alternative name.
    """

    usages: tuple[ObjectIdentifier, ...]
    needs_common_name: bool | None
    has_hosts: bool


PROFILES = {
    CertificateKind.CA: Profile(usages=(), needs_common_name=False, has_hosts=False),
    # etcd's JSON gateway and its health checks dial the member itself with the server certificate, hence clientAuth;
    # with a Common Name of a user every gateway request would run as that user (CVE-2018-16886 and after).
    CertificateKind.SERVER: Profile(usages=(SERVER_AUTH, CLIENT_AUTH), needs_common_name=None, has_hosts=True),
    CertificateKind.PEER: Profile(usages=(SERVER_AUTH, CLIENT_AUTH), needs_common_name=None, has_hosts=True),
    CertificateKind.PROXY: Profile(usages=(SERVER_AUTH,), needs_common_name=False, has_hosts=True),
    CertificateKind.ROOT: Profile(usages=(CLIENT_AUTH,), needs_common_name=True, has_hosts=False),
    CertificateKind.CLIENT: Profile(usages=(CLIENT_AUTH,), needs_common_name=True, has_hosts=False),
}
"""Each kind's profile."""


def check_request(request: CertificateRequest) -> None:
    """Refuse a request that its profile does not allow; its hosts are read when it is issued.

    Raises:
        CertificateError: with every reason.
    """
    problems = tuple(_problems(request))
    if problems:
        raise CertificateError(*problems)


def check_requests(requests: Iterable[CertificateRequest]) -> None:
    """Refuse requests before the first of them is issued: profile and hosts of each.

    Raises:
        CertificateError: with every reason of every request.
    """
    problems: list[Problem] = []
    for request in requests:
        problems += _problems(request)
        try:
            alternative_names(request.hosts)
        except CertificateError as error:
            problems += (Problem(f"certificate {request.name}: {each.what}", hint=each.hint) for each in error.problems)
    if problems:
        raise CertificateError(*problems)


def key_type_for(kind: CertificateKind, asked_for: KeyType) -> KeyType:
    """The algorithm of a kind's keys: as asked for, but for servers, whose Ed25519 gRPC's TLS library does not take."""
    if asked_for is KeyType.ED25519 and SERVER_AUTH in PROFILES[kind].usages:
        return KeyType.ECDSA_P256
    return asked_for


def leaf_extensions(kind: CertificateKind, key_type: KeyType) -> list[x509.Extension[x509.ExtensionType]]:
    """The extensions that every certificate of a kind shares, whoever signs it; not for the authority itself."""
    return [
        extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
        extension(key_usage_of(kind, key_type), critical=True),
        extension(x509.ExtendedKeyUsage(PROFILES[kind].usages)),
    ]


def key_usage_of(kind: CertificateKind, key_type: KeyType) -> x509.KeyUsage:
    """What a key of that type may be used for in a certificate of that kind; not for the authority itself."""
    # RSA alone can also encrypt a session key to the server; TLS 1.2 without forward secrecy does.
    encipherment = SERVER_AUTH in PROFILES[kind].usages and key_type in {KeyType.RSA_2048, KeyType.RSA_4096}
    return _key_usage(digital_signature=True, key_encipherment=encipherment)


def authority_extensions() -> list[x509.Extension[x509.ExtensionType]]:
    """The extensions of an authority: it signs certificates and revocation lists, and no other authority."""
    return [
        extension(x509.BasicConstraints(ca=True, path_length=0), critical=True),
        extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True),
    ]


def extension(value: x509.ExtensionType, *, critical: bool = False) -> x509.Extension[x509.ExtensionType]:
    """The extension that holds ``value``."""
    return x509.Extension(value.oid, critical, value)


def _key_usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _problems(request: CertificateRequest) -> Iterator[Problem]:
    kind, name = request.kind, request.common_name
    profile = PROFILES[kind]
    what = f"certificate {request.name}"
    if kind is CertificateKind.CA:
        yield Problem(f"{what}: an authority is not issued by an authority", hint="leave it out of the requests")
    if profile.needs_common_name and not name:
        yield Problem(f"{what}: a {kind.value} certificate needs a Common Name", hint="name its etcd user")
    if profile.needs_common_name is False and name is not None:
        yield Problem(
            f"{what}: a {kind.value} certificate must not have a Common Name",
            hint=f"leave out {name!r}: it logs in to nothing",
        )
    if name and len(name.encode()) > COMMON_NAME_BYTES:
        yield Problem(
            f"{what}: the Common Name has {len(name.encode())} bytes, X.509 allows {COMMON_NAME_BYTES}",
            hint="choose a shorter identity",
        )
    if kind is CertificateKind.ROOT and name and name != ROOT_USER:
        yield Problem(f"{what}: the Common Name is {name!r}", hint=f"etcd's root user is called {ROOT_USER!r}")
    if profile.has_hosts and name == ROOT_USER:
        yield Problem(
            f"{what}: with the Common Name {ROOT_USER!r} every request through etcd's JSON gateway would be root's",
            hint="leave the Common Name out",
        )
    if profile.has_hosts and not request.hosts:
        yield Problem(f"{what}: a {kind.value} certificate needs a host", hint="name the addresses that clients dial")
    if not profile.has_hosts and request.hosts:
        yield Problem(f"{what}: a {kind.value} certificate has no hosts", hint=f"leave out {', '.join(request.hosts)}")
