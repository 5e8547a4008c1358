"""Secrets as manifests of their own."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest

from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.render.manifests.plain import plain
from ringfence.render.manifests.secrets import (
    AGE_RECIPIENT,
    IdentitySecret,
    is_sealed_from,
    is_secret_name,
    sealed_manifest,
    secret_manifest,
    sops_files,
    sops_manifest,
)
from ringfence.yamlio.nodes import parse

_SECRET = IdentitySecret(
    name="calico-node-etcd-secrets",
    namespace="kube-system",
    identity=UserName("calico-node"),
    component="calico-node",
    restart="daemonset/calico-node",
    credentials=Credentials(b"the ca", b"the certificate", b"the key"),
)
_METADATA = {
    "name": "calico-node-etcd-secrets",
    "namespace": "kube-system",
    "labels": {"app.kubernetes.io/managed-by": "ringfence", "app.kubernetes.io/component": "calico-node"},
}
_AGE = "age1" + "q" * 58


def _read(text: str) -> object:
    node = parse(text, "secret.yaml")
    assert node is not None
    return plain(node)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _commands(text: str) -> list[str]:
    """The commands in its head, whatever lines they were broken over."""
    return re.findall("`([^`]+)`", re.sub(r"\n# +", " ", text))


@pytest.mark.parametrize("with_keys", [False, True])
def test_a_secret(*, with_keys: bool) -> None:
    """The three files that Calico's pods look for, the key only when it is wanted; labels tell whose it is."""
    data = {"etcd-key": _base64(b"the key")} if with_keys else {}
    data |= {"etcd-cert": _base64(b"the certificate"), "etcd-ca": _base64(b"the ca")}
    expected = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": _METADATA, "data": data}
    text = secret_manifest(_SECRET, with_keys=with_keys)
    assert expected == _read(text)
    assert with_keys == (_base64(b"the key") in text)
    assert with_keys == any("kubectl apply" in command for command in _commands(text))
    assert "kubectl -n kube-system delete secret calico-node-etcd-secrets" in _commands(text)


def test_a_sealed_secret() -> None:
    """Encrypted values, and the Secret's name and labels again for what the controller makes of it."""
    text = sealed_manifest(_SECRET, {"etcd-key": "AAAA"}, digest="0" * 64)
    assert {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": _METADATA,
        "spec": {"encryptedData": {"etcd-key": "AAAA"}, "template": {"type": "Opaque", "metadata": _METADATA}},
    } == _read(text)
    assert _base64(b"the key") not in text
    assert (True, False) == (is_sealed_from(text, "0" * 64), is_sealed_from(text, "1" * 64))


def test_a_component_that_is_no_label() -> None:
    """It is left out: Kubernetes would refuse the whole Secret."""
    read = _read(secret_manifest(replace(_SECRET, component="a b"), with_keys=True))
    assert isinstance(read, dict)
    assert {"app.kubernetes.io/managed-by": "ringfence"} == read["metadata"]["labels"]


def test_the_rule_of_sops() -> None:
    """It finds the plain file, encrypts what is secret, for everybody named; git leaves the plain folder alone."""
    files = sops_files(age=(_AGE, _AGE), pgp=())
    read = _read(files[".sops.yaml"])
    assert isinstance(read, dict)
    (rule,) = read["creation_rules"]
    assert f"{_AGE},{_AGE}" == rule["age"]
    assert "pgp" not in rule
    assert re.search(rule["path_regex"], "plain/calico-node-etcd-secrets.yaml")
    assert re.search(rule["path_regex"], "calico-node-etcd-secrets.yaml"), "sops updatekeys asks for what is encrypted"
    assert not re.search(rule["path_regex"], "kustomization.yaml")
    assert re.search(rule["encrypted_regex"], "data")
    assert not re.search(rule["encrypted_regex"], "metadata")
    assert files[".gitignore"].endswith("\n/plain/\n")
    encrypt = "sops --encrypt --output calico-node-etcd-secrets.yaml plain/calico-node-etcd-secrets.yaml"
    assert encrypt in _commands(sops_manifest(_SECRET))


@pytest.mark.parametrize(
    ("name", "good"),
    [("calico-node-etcd-secrets", True), ("a.b", True), ("A", False), ("a_b", False), ("-a", False), ("", False)],
)
def test_names_of_secrets(name: str, *, good: bool) -> None:
    """What Kubernetes takes, and what it does not."""
    assert good == is_secret_name(name)


@pytest.mark.parametrize(("text", "good"), [(_AGE, True), (_AGE[:-1], False), (_AGE + "q", False), ("age1b", False)])
def test_public_keys_of_age(text: str, *, good: bool) -> None:
    """Whole ones only."""
    assert good == bool(AGE_RECIPIENT.fullmatch(text))


def test_nothing_of_the_key_is_shown() -> None:
    """A secret can be printed by mistake."""
    assert "the key" not in repr(_SECRET)
