"""The manifest and the scripts for nodes, as the authority and the nodes get to see them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ringfence.model.certificate import CertificateRequest, KeyType
from ringfence.model.names import NodeName
from ringfence.pki.outside.manifest import Entry, manifest_json
from ringfence.pki.outside.node_script import node_script
from tests.unit.pki.making import CLIENT, DAY, SERVER


def _entry(request: CertificateRequest, key_type: KeyType = KeyType.ECDSA_P256) -> dict[str, object]:
    entry = Entry(request=request, lifetime=90 * DAY, key_type=key_type, public_key_sha256="ab" * 32)
    (found,) = json.loads(manifest_json("shared", [entry]))["requests"]
    return dict(found)


def test_a_client_in_the_manifest() -> None:
    """Every field, since its form is a contract."""
    expected = {
        "name": "calico",
        "kind": "client",
        "cn": "calico",
        "hosts": [],
        "node": None,
        "key": "ecdsa-p256",
        "key_on_node": False,
        "public_key_sha256": "ab" * 32,
        "ca": False,
        "key_usage": ["digitalSignature"],
        "extended_key_usage": ["clientAuth"],
        "validity_seconds": 7776000,
        "script": None,
        "csr": "calico.csr",
        "certificate": "calico.pem",
    }
    assert expected == _entry(CLIENT)


def test_a_member_in_the_manifest() -> None:
    """Its hosts, both usages, and what RSA needs besides."""
    found = _entry(SERVER, KeyType.RSA_2048)
    assert (None, list(SERVER.hosts), ["serverAuth", "clientAuth"], ["digitalSignature", "keyEncipherment"]) == (
        found["cn"],
        found["hosts"],
        found["extended_key_usage"],
        found["key_usage"],
    )


def test_an_empty_manifest_says_so() -> None:
    """Nothing waits: the file is there and lists nothing."""
    assert {"version": 1, "cluster": "shared", "requests": []} == json.loads(manifest_json("shared", []))


@pytest.mark.parametrize("name", ["it's", "$(reboot)", "`reboot`", "a b", "x;reboot", '"x"', "-rf"])
def test_a_name_is_never_run_by_the_shell(name: str) -> None:
    """It stands in single quotes where the shell reads it, and in a heredoc that the shell leaves alone."""
    text = node_script("node-a", "node-a.sh", [replace(CLIENT, name=name, common_name=name)], KeyType.ECDSA_P256)
    (call,) = (line for line in text.splitlines() if line.startswith("request ") and "genpkey" not in line)
    quoted = call.removeprefix("request ").split(" '' -algorithm")[0]
    assert name == quoted or quoted.startswith("'")
    assert call.endswith("<<'END-OF-REQUEST'")


def test_a_node_cannot_end_the_comment() -> None:
    """A line break in the name of a node does not become a command."""
    text = node_script("a\nreboot", "a\nreboot.sh", [replace(CLIENT, node=NodeName("a\nreboot"))], KeyType.ECDSA_P256)
    assert not [line for line in text.splitlines() if line.startswith("reboot")]
