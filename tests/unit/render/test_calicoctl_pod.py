"""The Pod with calicoctl gets what its release left in comments, and one identity."""

from __future__ import annotations

import difflib

import pytest

from ringfence.errors import ManifestError
from ringfence.model.credentials import Credentials
from ringfence.model.version import Version
from ringfence.render.calicoctl_pod import patch_calicoctl_pod
from ringfence.render.manifests.patch import Patched

from .component_manifests import CALICOCTL

_CREDENTIALS = Credentials(b"ca", b"certificate", b"-----BEGIN PRIVATE KEY-----\n")
_SECRET = "calicoctl-full-etcd-secrets"
_EXPECTED = """\
# Two words before.
apiVersion: v1
kind: Pod
metadata:
  name: calicoctl
  namespace: kube-system
spec:
  containers:
    - name: calicoctl
      image: quay.io/calico/ctl:v3.32.1
      env:
        - name: ETCD_ENDPOINTS
          valueFrom:
            configMapKeyRef:
              name: calico-config
              key: etcd_endpoints
      # If you use TLS:
        - name: ETCD_CA_CERT_FILE
          valueFrom:
            configMapKeyRef:
              name: calico-config
              key: etcd_ca
      # The key.
        - name: ETCD_KEY_FILE
          valueFrom:
            configMapKeyRef:
              name: calico-config
              key: etcd_key
        - name: ETCD_CERT_FILE
          valueFrom:
            configMapKeyRef:
              name: calico-config
              key: etcd_cert
      volumeMounts:
      - mountPath: /calico-secrets
        name: etcd-certs
  volumes:
    # For TLS.
    - name: etcd-certs
      secret:
        secretName: calicoctl-full-etcd-secrets
---
apiVersion: v1
kind: Secret
type: Opaque
metadata:
  name: calicoctl-full-etcd-secrets
  namespace: kube-system
data:
  # etcd-key: null
  etcd-cert: Y2VydGlmaWNhdGU=
  etcd-ca: Y2E=
"""


def _patch(text: str, *, with_keys: bool = False, canal: bool = False, secret: str = _SECRET) -> Patched:
    return patch_calicoctl_pod(
        text, "c.yaml", secret=secret, credentials=_CREDENTIALS, with_keys=with_keys, canal=canal
    )


def test_the_commented_parts_are_switched_on() -> None:
    """Lined up with what stands above them; other comments stay, and the Secret comes behind."""
    patched = _patch(CALICOCTL)
    assert _EXPECTED == patched.text
    assert Version(3, 32, 1) == patched.version


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("with_keys", [False, True])
def test_doing_it_again_changes_nothing(ending: str, *, with_keys: bool) -> None:
    """Byte for byte; and another identity afterwards changes only the Secret."""
    once = _patch(CALICOCTL.replace("\n", ending), with_keys=with_keys)
    again = _patch(once.text, with_keys=with_keys)
    assert (once.text, ()) == (again.text, again.changes)
    other = _patch(once.text, with_keys=with_keys, secret="other").text.split(ending)
    first = next(line for line in difflib.unified_diff(once.text.split(ending), other, n=0) if line.startswith("+ "))
    assert "+        secretName: other" == first


def test_what_is_not_in_comments_either_is_added() -> None:
    """Somebody tidied up."""
    text = "\n".join(line for line in CALICOCTL.split("\n") if not line.lstrip().startswith("#"))
    patched = _patch(text)
    assert "container calicoctl: ETCD_CA_CERT_FILE, ETCD_KEY_FILE, ETCD_CERT_FILE added" in patched.changes
    assert "      volumeMounts:\n        - mountPath: /calico-secrets\n          name: etcd-certs\n" in patched.text
    assert "  volumes:\n    - name: etcd-certs\n      secret:\n        secretName: " + _SECRET in patched.text
    assert () == _patch(patched.text).changes


def test_canal_has_another_config_map() -> None:
    """The shipped Pod names Calico's, which is not there with canal."""
    text = _patch(CALICOCTL, canal=True).text
    assert 4 == text.count("name: canal-config\n")
    assert "calico-config" not in text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: Pod", "kind: Pot", ["c.yaml: found no Pod with a container calicoctl"]),
        (
            (
                "          valueFrom:\n            configMapKeyRef:\n              name: calico-config\n"
                "              key: etcd_endpoints\n"
            ),
            "          value: https://a:2379\n",
            ["c.yaml:12: ETCD_ENDPOINTS is not taken from a ConfigMap"],
        ),
        (
            "      env:\n",
            "      env:\n        - {name: DATASTORE_TYPE, value: kubernetes}\n",
            ["c.yaml:12: DATASTORE_TYPE is kubernetes"],
        ),
        (
            "  volumes:\n",
            "  volumes:\n    - {name: etcd-certs, emptyDir: {}}\n",
            ["c.yaml:38: volume etcd-certs has no Secret behind it"],
        ),
        (
            "# Two words before.\n",
            f"kind: Secret\nmetadata: {{name: {_SECRET}, namespace: kube-system}}\ndata: {{a: b}}\n---\n",
            [f"c.yaml:1: the name {_SECRET} is taken by a Secret for something else"],
        ),
    ],
)
def test_what_cannot_be_patched(old: str, new: str, told: list[str]) -> None:
    """Beside the shipped Pod, which can."""
    assert old in CALICOCTL
    _patch(CALICOCTL)
    with pytest.raises(ManifestError) as raised:
        _patch(CALICOCTL.replace(old, new))
    assert told == [str(problem) for problem in raised.value.problems]
    assert all(problem.hint for problem in raised.value.problems)


@pytest.mark.parametrize("name", ["Calico", "a_b", "", "-a", "a" * 254])
def test_a_name_that_no_secret_can_have(name: str) -> None:
    """Kubernetes would refuse the manifest."""
    with pytest.raises(ManifestError, match="cannot be the name of a Secret"):
        _patch(CALICOCTL, secret=name)
    _patch(CALICOCTL, secret="a.b-c")


def test_a_second_pod_is_named_with_both_places() -> None:
    """Which one is meant is not guessed."""
    with pytest.raises(ManifestError) as raised:
        _patch(f"{CALICOCTL}---\n{CALICOCTL}")
    expected = "c.yaml:44: found a second Pod with a container calicoctl, the first is in line 2"
    assert [expected] == [str(problem) for problem in raised.value.problems]
