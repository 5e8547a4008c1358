"""OpenSSL's strict verification, somebody else's reading of the standard, accepts every kind and key type."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from ringfence.model.certificate import KeyType
from ringfence.pki.folder.store import Store
from tests.integration.pki.conftest import Issue
from tests.unit.pki.making import CLIENT, LEAVES, PEER, PROXY, ROOT, SERVER

PURPOSES = {"sslserver": {SERVER, PEER, PROXY}, "sslclient": {SERVER, PEER, ROOT, CLIENT}}


def _openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    binary = shutil.which("openssl")
    assert binary is not None, "these tests need the openssl program"
    return subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("key_type", [KeyType.ECDSA_P256, KeyType.ECDSA_P384, KeyType.ED25519, KeyType.RSA_2048])
def test_every_kind_passes_strict_verification(store: Store, issue: Issue, key_type: KeyType) -> None:
    """For the purposes of its profile it verifies, for the other one it does not."""
    issue(now=datetime.now(UTC), key_type=key_type)
    ca = str(store.certificate_path("ca"))
    for purpose, kinds in PURPOSES.items():
        for request in LEAVES:
            path = str(store.certificate_path(request.name))
            done = _openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile", ca, path)
            assert (request in kinds) == (done.returncode == 0), f"{request.kind} as {purpose}: {done.stderr}"


def test_the_largest_keys_work_too(store: Store, issue: Issue) -> None:
    """RSA-4096 once, authority and client; the key on disk is a valid one."""
    issue((CLIENT,), now=datetime.now(UTC), key_type=KeyType.RSA_4096)
    ca, path = str(store.certificate_path("ca")), str(store.certificate_path("calico"))
    done = _openssl("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", ca, path)
    assert 0 == done.returncode, done.stderr
    assert "4096 bit" in _openssl("pkey", "-in", str(store.key_path("calico")), "-text", "-noout").stdout


@pytest.mark.parametrize("host", [*SERVER.hosts, "10.9.9.9"])
def test_hosts_are_what_was_asked_for(store: Store, issue: Issue, host: str) -> None:
    """OpenSSL finds each host of the request in the certificate, and no other."""
    issue((SERVER,), now=datetime.now(UTC))
    kind = "-verify_hostname" if host.endswith("internal") else "-verify_ip"
    path, ca = str(store.certificate_path(SERVER.name)), str(store.certificate_path("ca"))
    done = _openssl("verify", "-x509_strict", kind, host, "-CAfile", ca, path)
    assert (host in SERVER.hosts) == (done.returncode == 0), done.stderr
