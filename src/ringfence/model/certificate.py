"""What a certificate is asked to be."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta

from ringfence.model.names import NodeName


class CertificateKind(enum.Enum):
    """The named profiles; there is no certificate outside of them."""

    CA = "ca"
    SERVER = "server"
    PEER = "peer"
    PROXY = "proxy"
    ROOT = "root"
    CLIENT = "client"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """One certificate that should exist.

    Args:
        name: the file name in the pki folder, without ``.pem``.
        kind: the profile: key usages, and whether it has a Common Name.
        common_name: the etcd user for ROOT and CLIENT, a name that is no user or None for the others.
        hosts: DNS names and IP addresses for the subject alternative name; empty for clients.
        node: the node that it is for, None where it is for no node in particular.
    """

    name: str
    kind: CertificateKind
    common_name: str | None
    hosts: tuple[str, ...] = ()
    node: NodeName | None = None


class KeyType(enum.Enum):
    """``pki.key``: the algorithm of every key, the CA's included."""

    ECDSA_P256 = "ecdsa-p256"
    ECDSA_P384 = "ecdsa-p384"
    ED25519 = "ed25519"
    RSA_2048 = "rsa-2048"
    RSA_4096 = "rsa-4096"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """``pki.validity``: how long new certificates are good for."""

    ca: timedelta
    member: timedelta
    client: timedelta

    def of(self, kind: CertificateKind) -> timedelta:
        """How long a certificate of that kind is good for."""
        match kind:
            case CertificateKind.CA:
                return self.ca
            case CertificateKind.ROOT | CertificateKind.CLIENT:
                return self.client
            case _:
                return self.member
