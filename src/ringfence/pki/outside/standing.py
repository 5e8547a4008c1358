"""How each certificate stands with an authority elsewhere: settled, to be asked for, or waited for.

It reads the keys and requests that wait; it makes and changes nothing.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ringfence.errors import CertificateError, Problem
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.model.issuance import Assessment
from ringfence.pki.chain import load_chain
from ringfence.pki.keys import PrivateKey, load_key, same_public_key
from ringfence.pki.outside.csr import csr_problems, load_csr
from ringfence.pki.outside.exchange import Exchange
from ringfence.pki.pem import PemFile
from ringfence.pki.profiles import key_type_for
from ringfence.pki.strength import is_of_type

_NEW_FOLDER = "run the script with the name of a new folder, where it makes a new key"


class Stage(enum.Enum):
    """What comes next.

    ``SETTLED``: nothing. ``UNASKED``: a key and a request are to be made here. ``HALF``: the key waits, its request is
    to be made. ``NODE``: the machine that uses the key has to make key and request. ``OUT``: the authority has to
    answer.
    """

    SETTLED = "settled"
    UNASKED = "unasked"
    HALF = "half"
    NODE = "node"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One certificate.

    Args:
        found: its request held against the store.
        stage: what comes next.
        key_type: of its key.
        on_node: whether its key is made where it is used.
        key: the public half of the key that waits, here or on the node.
        private: the key that waits here.
        reasons: why a request or key that lies there does not do.
        spent: whether what lies there is in the pair by now.
    """

    found: Assessment
    stage: Stage
    key_type: KeyType
    on_node: bool
    key: PublicKeyTypes | None = None
    private: PrivateKey | None = field(default=None, repr=False)
    reasons: tuple[Problem, ...] = ()
    spent: bool = False

    @property
    def name(self) -> str:
        """The file name of the certificate, without ``.pem``."""
        return self.found.request.name


def key_is_made_on_node(request: CertificateRequest, *, keys_on_node: bool) -> bool:
    """Whether ``keys: node`` speaks of this key: all but root's, which ringfence itself logs in with."""
    return keys_on_node and request.kind is not CertificateKind.ROOT


def stand(found: Assessment, exchange: Exchange, key_type: KeyType, *, on_node: bool, asked: bool) -> Standing:
    """How one certificate stands.

    Args:
        found: its request held against the store.
        exchange: the keys and requests that wait.
        key_type: as in the spec.
        on_node: whether its key is made where it is used.
        asked: whether a new certificate is wanted.

    Raises:
        FileError: a file cannot be read, or others may read a key.
    """
    judge = _stand_on_node if on_node else _stand_here
    return judge(found, exchange, key_type_for(found.request.kind, key_type), asked=asked)


def _stand_here(found: Assessment, exchange: Exchange, key_type: KeyType, *, asked: bool) -> Standing:
    def standing(stage: Stage, *reasons: Problem, key: PrivateKey | None = None, spent: bool = False) -> Standing:
        public = None if key is None else key.public_key()
        return Standing(
            found=found,
            stage=stage,
            key_type=key_type,
            on_node=False,
            key=public,
            private=key,
            reasons=reasons,
            spent=spent,
        )

    file, without = exchange.read_key(found.request.name), Stage.UNASKED if asked else Stage.SETTLED
    if file is None:
        return standing(without)
    try:
        key = load_key(file)
    except CertificateError as error:
        return standing(Stage.UNASKED, *error.problems)
    if _is_in_use(key.public_key(), found, exchange):
        return standing(without, spent=True)
    if not is_of_type(key.public_key(), key_type):
        return standing(Stage.UNASKED, Problem(f"its key is not {key_type.value}", file.place))
    csr = exchange.read_csr(found.request.name)
    if csr is None:
        return standing(Stage.HALF, key=key)
    reasons = _csr_reasons(csr, found.request, key.public_key())
    return standing(Stage.UNASKED, *reasons) if reasons else standing(Stage.OUT, key=key)


def _stand_on_node(found: Assessment, exchange: Exchange, key_type: KeyType, *, asked: bool) -> Standing:
    def standing(stage: Stage, *reasons: Problem, key: PublicKeyTypes | None = None, spent: bool = False) -> Standing:
        return Standing(
            found=found, stage=stage, key_type=key_type, on_node=True, key=key, reasons=reasons, spent=spent
        )

    file, without = exchange.read_csr(found.request.name), Stage.NODE if asked else Stage.SETTLED
    if file is None:
        return standing(without)
    reasons = _csr_reasons(file, found.request, None)
    if reasons:
        return standing(Stage.NODE, *reasons)
    key = load_csr(file).public_key()
    if _is_in_use(key, found, exchange):
        what = "is for the key that is in use already"
        return standing(without, *([Problem(what, file.place, _NEW_FOLDER)] if asked else []), spent=True)
    return standing(Stage.OUT, key=key)


def _csr_reasons(file: PemFile, request: CertificateRequest, key: PublicKeyTypes | None) -> tuple[Problem, ...]:
    """Why a request that lies there does not do; with ``key`` it must be for that one."""
    try:
        csr = load_csr(file)
    except CertificateError as error:
        return error.problems
    problems = list(csr_problems(csr, file.place, request))
    if key is not None and not same_public_key(csr.public_key(), key):
        problems.append(Problem("is for another key than the one that waits", file.place))
    return tuple(problems)


def _is_in_use(key: PublicKeyTypes, found: Assessment, exchange: Exchange) -> bool:
    """Whether the certificate in the store is for that key."""
    file = exchange.store.read_certificate(found.request.name)
    if file is None:
        return False
    try:
        return same_public_key(load_chain(file)[0].public_key(), key)
    except CertificateError:
        return False
