"""The CA of the PKI engine: an existing one imported, one of its own under an existing root, or one that it makes.

One that is there is never replaced: what runs trusts it. Its subject has no Common Name, for the v2 API of etcd tries
that of every certificate of a chain as a user.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from ringfence.errors import CertificateError, Place, Problem
from ringfence.model.certificate import KeyType
from ringfence.pki.chain import as_pem, authority_problems, find
from ringfence.pki.issuing.authority import BACKDATED
from ringfence.pki.keys import digest_for, key_pem, same_public_key
from ringfence.pki.openbao.change import Change, command
from ringfence.pki.openbao.engine import Chain, Engine
from ringfence.pki.openbao.roles import KEYS
from ringfence.pki.outside.csr import load_csr
from ringfence.pki.pair import Pair
from ringfence.pki.pem import PemFile
from ringfence.pki.profiles import authority_extensions, extension


@dataclass(frozen=True, slots=True)
class ImportCa:
    """The engine gets this certificate and its key."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class SignWith:
    """The engine makes a key of its own, and this authority signs its certificate, here."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class GenerateRoot:
    """The engine makes a key and signs its own certificate."""


Choice = ImportCa | SignWith | GenerateRoot


def check_choice(choice: Choice, now: datetime) -> None:
    """Refuse an authority from files that cannot do its part.

    Raises:
        CertificateError: with every reason.
    """
    if isinstance(choice, GenerateRoot):
        return
    pair = choice.pair
    problems = [
        *authority_problems(pair.certificate, now, pair.certificate_place),
    ]
    if not same_public_key(pair.certificate.public_key(), pair.key.public_key()):
        hint = "name a folder in which both are of the same authority"
        problems.append(Problem(f"does not belong to {pair.certificate_place.file}", pair.key_place, hint))
    constraints = find(pair.certificate, x509.BasicConstraints)
    if isinstance(choice, SignWith) and constraints is not None and constraints.path_length == 0:
        hint = "its path length is 0: import it instead (--import-ca), or take a root that may"
        problems.append(Problem("this authority may sign no other authority", pair.certificate_place, hint))
    if problems:
        raise CertificateError(*problems)


def own_ca_changes(
    engine: Engine, chain: Chain | None, choice: Choice | None, key_type: KeyType, lifetime: timedelta, now: datetime
) -> tuple[Change, ...]:
    """What is to be done so that the engine has a CA.

    Args:
        engine: the engine, which need not be mounted yet.
        chain: what it has now.
        choice: what it should have; None where it must have one already.
        key_type: of a key that it makes.
        lifetime: of a certificate that is made now.
        now: the moment, with a time zone.

    Raises:
        CertificateError: it has another one than chosen, or none and nothing is chosen.
    """
    if chain is not None:
        _check_same(engine, chain, choice)
        return ()
    match choice:
        case None:
            hint = "choose: --import-ca DIR, --sign-with DIR, or --generate-root"
            raise CertificateError.of("the PKI engine has no CA", place=engine.place, hint=hint)
        case ImportCa(pair):
            return (_import(engine, pair),)
        case SignWith(pair):
            return (_intermediate(engine, pair, key_type, lifetime, now),)
        case GenerateRoot():
            return (_root(engine, key_type, lifetime),)


def _check_same(engine: Engine, chain: Chain, choice: Choice | None) -> None:
    match choice:
        case ImportCa(pair):
            same = pair.certificate == chain.certificates[0]
        case SignWith(pair):
            same = pair.certificate in chain.certificates[1:]
        case _:
            same = True
    if not same:
        hint = "what runs may trust it: leave the flag out to keep it, or name another mount"
        raise CertificateError.of("the PKI engine has another CA already", place=engine.place, hint=hint)


def _import(engine: Engine, pair: Pair) -> Change:
    path = f"{engine.mount}/config/ca"

    async def carry_out() -> None:
        bundle = as_pem(pair.chain) + key_pem(pair.key)
        await engine.client.write(path, {"pem_bundle": bundle.decode()})

    what = f"the CA of {engine.mount}: {pair.certificate_place.file}, with its key"
    return Change(what, f"bao write {path} pem_bundle=@BUNDLE.pem", carry_out)


def _root(engine: Engine, key_type: KeyType, lifetime: timedelta) -> Change:
    path = f"{engine.mount}/root/generate/internal"
    body: dict[str, object] = {
        **_key(key_type),
        **_new_subject(),
        "ttl": f"{int(lifetime.total_seconds())}s",
        "not_before_duration": f"{int(BACKDATED.total_seconds())}s",
        "max_path_length": 0,
    }

    async def carry_out() -> None:
        await engine.client.write(path, body, repeatable=False)

    return Change(f"the CA of {engine.mount}: a new root that never leaves it", command(path, body), carry_out)


def _intermediate(engine: Engine, root: Pair, key_type: KeyType, lifetime: timedelta, now: datetime) -> Change:
    path, back = f"{engine.mount}/intermediate/generate/internal", f"{engine.mount}/intermediate/set-signed"
    body = {**_key(key_type), **_new_subject()}

    async def carry_out() -> None:
        answer = await engine.client.write(path, body, repeatable=False)
        csr = load_csr(PemFile(answer.part("data").text("csr").encode(), Place(f"{engine.client.address}/v1/{path}")))
        signed = sign_intermediate(csr, root, lifetime, now)
        bundle = as_pem((signed, *root.chain))
        await engine.client.write(back, {"certificate": bundle.decode()})

    what = f"the CA of {engine.mount}: a new intermediate, signed here by {root.certificate_place.file}"
    typed = f"{command(path, body)}; sign the csr; bao write {back} certificate=@CHAIN.pem"
    return Change(what, typed, carry_out)


def sign_intermediate(
    csr: x509.CertificateSigningRequest, root: Pair, lifetime: timedelta, now: datetime
) -> x509.Certificate:
    """An authority below ``root`` that may sign certificates and no further authority.

    Args:
        csr: its key; nothing else is taken from it but the subject.
        root: signs it.
        lifetime: from ``now`` on; cut where the root ends.
        now: the moment, with a time zone.
    """
    public, issuer = csr.public_key(), root.certificate
    own = find(issuer, x509.SubjectKeyIdentifier) or x509.SubjectKeyIdentifier.from_public_key(issuer.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(csr.subject)
        .issuer_name(issuer.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(min(now + lifetime, issuer.not_valid_after_utc))
    )
    identifiers = (
        extension(x509.SubjectKeyIdentifier.from_public_key(public)),
        extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)),
    )
    for each in (*authority_extensions(), *identifiers):
        builder = builder.add_extension(each.value, critical=each.critical)
    return builder.sign(root.key, digest_for(root.key))


def _key(key_type: KeyType) -> Mapping[str, object]:
    name, bits = KEYS[key_type]
    return {"key_type": name, "key_bits": bits}


def _new_subject() -> Mapping[str, object]:
    return {"organization": "ringfence", "ou": f"etcd authority {secrets.token_hex(4)}"}
