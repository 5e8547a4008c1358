"""What live verbs begin with: the spec, how to reach the cluster, and where the certificates come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ringfence.errors import InputError
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_USER
from ringfence.ops.certs.authority import proof_authority
from ringfence.ops.certs.posting import made_on_nodes
from ringfence.ops.load import load
from ringfence.ops.proving.keyring import Keyring
from ringfence.ops.reach.target import Target
from ringfence.pki.folder.store import AUTHORITY, Store
from ringfence.pki.login import named_credentials, stored_credentials
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.certificates import requests


@dataclass(frozen=True, slots=True)
class Connection:
    """What the operator says about reaching etcd; None leaves it to the spec and its pki folder."""

    endpoints: tuple[str, ...] | None = None
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """A spec, what follows from it, and the cluster that it is about."""

    spec: Spec
    wanted: Wanted
    target: Target
    keyring: Keyring


def prepare(path: Path, connection: Connection, now: datetime) -> Live:
    """Everything that a live verb needs before it dials.

    Args:
        path: the spec.
        connection: overrides.
        now: the time at which certificates must be valid, with a time zone.

    Raises:
        SpecError, FileError, CertificateError: something of it cannot be used.
    """
    spec, wanted = load(path, now.date())
    store = Store(spec.pki.directory)
    credentials = credentials_of(connection, store, now)
    target = Target(connection.endpoints or spec.cluster.endpoints, credentials)
    on_node = made_on_nodes(spec.pki, requests(spec, wanted))
    return Live(spec, wanted, target, Keyring(store, proof_authority(spec.pki, store, now), on_node))


def credentials_of(connection: Connection, store: Store, now: datetime) -> Credentials:
    """What to trust and to show: what the operator names, else root's of the pki folder.

    Raises:
        InputError, FileError, CertificateError: it cannot be used.
    """
    if connection.certificate is None and connection.key is None and connection.ca is None:
        return stored_credentials(store, ROOT_USER, ROOT_USER, now)
    if connection.certificate is None or connection.key is None:
        raise InputError.of("--cert and --key go together", hint="name both, and --cacert, or none of them")
    ca = connection.ca or store.certificate_path(AUTHORITY)
    return named_credentials(ca, connection.certificate, connection.key, now)
