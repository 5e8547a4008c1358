"""The stage that integration tests play on: an authority, and a real three-member TLS cluster on loopback."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ringfence.local.cluster import LocalCluster, LocalMember
from ringfence.local.ports import free_ports
from ringfence.model.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """A certificate authority for tests: whatever is asked for, well formed or not."""

    def __init__(self, name: str = "test CA") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _subject(name)
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        )
        self.ca = built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def issue(
        self, *names: str, hosts: tuple[str, ...] = (), days: int = 1, usages: tuple[str, ...] = ("client",)
    ) -> Pair:
        """A certificate with these Common Names; negative ``days``: it expired that long ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        oids = {"client": ExtendedKeyUsageOID.CLIENT_AUTH, "server": ExtendedKeyUsageOID.SERVER_AUTH}
        built = (
            x509.CertificateBuilder()
            .subject_name(_subject(*names))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=20))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.ExtendedKeyUsage([oids[usage] for usage in usages]), critical=False)
        )
        if hosts:
            built = built.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        pem = serialization.Encoding.PEM
        return Pair(
            built.sign(self._key, hashes.SHA256()).public_bytes(pem),
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        )

    def client(self, *names: str, days: int = 1) -> Credentials:
        """What a client with this Common Name shows."""
        pair = self.issue(*names, days=days)
        return Credentials(self.ca, pair.certificate, pair.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedMember:
    """Where a member of the stage listens."""

    name: str
    client: str
    peer: str
    metrics: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A running cluster, its authority, and its members in order."""

    cluster: LocalCluster
    authority: Authority
    members: tuple[StagedMember, ...]

    def as_user(self, name: str) -> Credentials:
        """Credentials of a new certificate with that Common Name."""
        return self.authority.client(name)


def prepare(
    folder: Path,
    etcd: Path,
    authority: Authority,
    *,
    size: int = 3,
    server: Pair | None = None,
    settings: Mapping[str, object] | None = None,
    v2: bool = False,
) -> Stage:
    """Write certificates and configuration into ``folder``; nothing runs yet.

    ``server`` replaces the server certificate; ``settings`` replace or (None) remove keys of the client's TLS section
    ``client-transport-security``, or with the key ``scheme`` the scheme of the client URL.
    ``v2`` switches the v2 API on.
    """
    settings = dict(settings or {})
    scheme = settings.pop("scheme", "https")
    ports = free_ports(3 * size)
    members = tuple(
        StagedMember(
            name=f"m{number}",
            client=f"{scheme}://127.0.0.1:{ports[3 * number]}",
            peer=f"https://127.0.0.1:{ports[3 * number + 1]}",
            metrics=f"http://127.0.0.1:{ports[3 * number + 2]}",
        )
        for number in range(size)
    )
    own = authority.issue(hosts=("127.0.0.1", "localhost"), usages=("server", "client"))
    for name, content in {
        "ca.pem": authority.ca,
        "peer.pem": own.certificate,
        "peer-key.pem": own.key,
        "server.pem": (server or own).certificate,
        "server-key.pem": (server or own).key,
    }.items():
        (folder / name).write_bytes(content)
    started = []
    for member in members:
        config = folder / f"{member.name}.json"
        own_settings = _config(folder, member, members, settings)
        config.write_text(json.dumps({**own_settings, "enable-v2": True} if v2 else own_settings))
        log = folder / f"{member.name}.log"
        started.append(LocalMember(name=member.name, config=config, log=log, metrics=member.metrics))
    return Stage(LocalCluster(etcd, started), authority, members)


def _config(
    folder: Path, member: StagedMember, members: tuple[StagedMember, ...], settings: Mapping[str, object]
) -> dict[str, object]:
    """A configuration file for etcd: JSON is YAML."""
    client_tls = {
        "cert-file": str(folder / "server.pem"),
        "key-file": str(folder / "server-key.pem"),
        "trusted-ca-file": str(folder / "ca.pem"),
        "client-cert-auth": True,
        **settings,
    }
    peer_tls = {
        "cert-file": str(folder / "peer.pem"),
        "key-file": str(folder / "peer-key.pem"),
        "trusted-ca-file": str(folder / "ca.pem"),
        "client-cert-auth": True,
    }
    config: dict[str, object] = {
        "name": member.name,
        "data-dir": str(folder / f"{member.name}.etcd"),
        "listen-client-urls": member.client,
        "advertise-client-urls": member.client,
        "listen-peer-urls": member.peer,
        "initial-advertise-peer-urls": member.peer,
        "listen-metrics-urls": member.metrics,
        "initial-cluster": ",".join(f"{one.name}={one.peer}" for one in members),
        "initial-cluster-state": "new",
        "initial-cluster-token": folder.name,
        "peer-transport-security": peer_tls,
        "unsafe-no-fsync": True,
        "heartbeat-interval": 100,
        "election-timeout": 1000,
        "logger": "zap",
    }
    if member.client.startswith("https:"):
        config["client-transport-security"] = {name: value for name, value in client_tls.items() if value is not None}
    return config


def _subject(*names: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
