"""A hosted manifest of Calico is changed where it must be, and nowhere else."""

from __future__ import annotations

import base64
import difflib
import json
from collections.abc import Callable

import pytest

from ringfence.model.credentials import Credentials
from ringfence.model.version import Version
from ringfence.render.calico.single import Patched, patch_calico
from ringfence.yamlio.nodes import Mapping, Scalar, Sequence, parse

from . import manifests

_ENDPOINTS = ("https://10.0.0.1:2379", "https://10.0.0.2:2379")
_KEY = b"-----BEGIN PRIVATE KEY-----\nkey\n-----END PRIVATE KEY-----\n"
_CREDENTIALS = Credentials(b"ca", b"certificate", _KEY)
_VALUES = {
    "etcd-key": base64.b64encode(_KEY).decode(),
    "etcd-cert": base64.b64encode(b"certificate").decode(),
    "etcd-ca": base64.b64encode(b"ca").decode(),
}
_CONFIG_LINES = [
    '-  etcd_endpoints: "http://<ETCD_IP>:<ETCD_PORT>"',
    '-  etcd_ca: ""   # "/calico-secrets/etcd-ca"',
    '-  etcd_cert: "" # "/calico-secrets/etcd-cert"',
    '-  etcd_key: ""  # "/calico-secrets/etcd-key"',
    '+  etcd_endpoints: "https://10.0.0.1:2379,https://10.0.0.2:2379"',
    '+  etcd_ca: "/calico-secrets/etcd-ca"   # "/calico-secrets/etcd-ca"',
    '+  etcd_cert: "/calico-secrets/etcd-cert" # "/calico-secrets/etcd-cert"',
    '+  etcd_key: "/calico-secrets/etcd-key"  # "/calico-secrets/etcd-key"',
]
_COMPACTION_LINES = [
    "+            # etcd compacts itself; 0 because Calico must not compact what it shares with others.",
    "+            - name: COMPACTION_PERIOD",
    '+              value: "0"',
]


def _patch(text: str, *, with_keys: bool = True, credentials: Credentials = _CREDENTIALS) -> Patched:
    return patch_calico(text, "c.yaml", endpoints=_ENDPOINTS, credentials=credentials, with_keys=with_keys)


def _difference(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _with_secret(data: str) -> str:
    """The hosted manifest with another ``data`` in its Secret."""
    secret = manifests.SECRET[: manifests.SECRET.index("\ndata:") + 1] + data
    return manifests.manifest(secret, manifests.CONFIG, manifests.NODE, manifests.CONTROLLERS)


def _secret_part(text: str) -> str:
    """The Secret's ``data`` in a manifest made by ``_with_secret``."""
    return text[text.index("\ndata:") + 1 : text.index("---\nkind: ConfigMap")]


def test_only_the_expected_lines_differ() -> None:
    """Placeholders give way to values, a variable is added behind the last one, every other line stays."""
    expected = [
        *(f"-  # {name}: null" for name in _VALUES),
        *(f"+  {name}: {value}" for name, value in _VALUES.items()),
        *_CONFIG_LINES,
        *_COMPACTION_LINES,
    ]
    assert expected == _difference(manifests.HOSTED, _patch(manifests.HOSTED).text)


def test_without_keys_the_place_of_the_private_key_stays_empty() -> None:
    """Certificate and CA are public and are filled in; no change speaks of the key."""
    patched = _patch(manifests.HOSTED, with_keys=False, credentials=Credentials(b"ca", b"certificate"))
    expected = [
        "-  # etcd-cert: null",
        "-  # etcd-ca: null",
        *(f"+  {name}: {value}" for name, value in _VALUES.items() if name != "etcd-key"),
        *_CONFIG_LINES,
        *_COMPACTION_LINES,
    ]
    assert expected == _difference(manifests.HOSTED, patched.text)
    assert not any("etcd-key is" in change for change in patched.changes)


def test_changes_are_told_without_secrets() -> None:
    """One line for each thing that changed, and neither they nor the result's representation hold a key."""
    patched = _patch(manifests.HOSTED)
    expected = (
        "ConfigMap calico-config: etcd_endpoints is https://10.0.0.1:2379,https://10.0.0.2:2379",
        "ConfigMap calico-config: etcd_ca is /calico-secrets/etcd-ca",
        "ConfigMap calico-config: etcd_cert is /calico-secrets/etcd-cert",
        "ConfigMap calico-config: etcd_key is /calico-secrets/etcd-key",
        "Secret calico-etcd-secrets: etcd-key is set",
        "Secret calico-etcd-secrets: etcd-cert is set",
        "Secret calico-etcd-secrets: etcd-ca is set",
        "container calico-kube-controllers: COMPACTION_PERIOD is 0",
    )
    assert expected == patched.changes
    assert _VALUES["etcd-key"] not in repr(patched)


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def _without_end(text: str) -> str:
    return text.rstrip("\n")


def _with_mark(text: str) -> str:
    return "\ufeff" + text


def _as_list(text: str) -> str:
    documents = text.removeprefix("---\n").split("---\n")
    items = ("  - " + document.replace("\n", "\n    ").rstrip() + "\n" for document in documents)
    return "kind: List\napiVersion: v1\nitems:\n" + "".join(items)


def _secret_last(text: str) -> str:
    *others, secret = text.removeprefix("---\n").split("---\n")[::-1]
    return manifests.manifest(*others, secret)


@pytest.mark.parametrize("form", [_windows, _without_end, _with_mark, _as_list, _secret_last])
@pytest.mark.parametrize("with_keys", [False, True])
def test_any_form_of_the_manifest_is_kept(form: Callable[[str], str], *, with_keys: bool) -> None:
    """Line endings, a missing last line break, a byte order mark and lists: the patch of the form has that form."""
    patched = _patch(form(manifests.HOSTED), with_keys=with_keys)
    assert form(_patch(manifests.HOSTED, with_keys=with_keys).text) == patched.text


@pytest.mark.parametrize("form", [str, _windows, _without_end, _with_mark, _as_list, _secret_last])
@pytest.mark.parametrize("with_keys", [False, True])
def test_doing_it_again_changes_nothing(form: Callable[[str], str], *, with_keys: bool) -> None:
    """The second run gives the same bytes and tells of no change."""
    once = _patch(form(manifests.HOSTED), with_keys=with_keys)
    again = _patch(once.text, with_keys=with_keys)
    assert (once.text, ()) == (again.text, again.changes)


def test_json_is_patched_too() -> None:
    """What kubectl prints as JSON stays JSON, and holds the values."""
    documents = manifests.HOSTED.removeprefix("---\n").split("---\n")
    before = json.dumps({"kind": "List", "items": [_plain(parse(document, "c.yaml")) for document in documents]})
    after = json.loads(_patch(before).text)
    secret, config, _, deployment = after["items"]
    assert _VALUES == secret["data"]
    assert "/calico-secrets/etcd-ca" == config["data"]["etcd_ca"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert {"name": "COMPACTION_PERIOD", "value": "0"} in container["env"]


def _plain(node: Mapping | Sequence | Scalar | None) -> object:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries if isinstance(key, Scalar)}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node]
    return None if node is None or node.is_null else node.text


_ALL = "".join(f"  {name}: {value}\n" for name, value in _VALUES.items())
_FLOW = ", ".join(f'"{name}": "{value}"' for name, value in _VALUES.items())
_CERTIFICATE, _CA, _PRIVATE = _VALUES["etcd-cert"], _VALUES["etcd-ca"], _VALUES["etcd-key"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("data:\n", "data:\n" + _ALL),
        ("data: null\n", "data: \n" + _ALL),
        ("data: {}\n", f"data: {{{_FLOW}}}\n"),
        ("data:\n  other: x\n", "data:\n  other: x\n" + _ALL),
        (
            "data:\n  etcd-key: b2xk\n  etcd-cert: 'b2xk' # c\n  # etcd-ca: null\n",
            f'data:\n  etcd-key: {_PRIVATE}\n  etcd-cert: "{_CERTIFICATE}" # c\n  etcd-ca: {_CA}\n',
        ),
        (
            "data:\n    etcd-ca: |\n      b2xk\n      b2xk\n    # etcd-key:\n",
            f'data:\n    etcd-ca: "{_CA}"\n    etcd-cert: {_CERTIFICATE}\n    etcd-key: {_PRIVATE}\n',
        ),
        (
            "data:\n  # etcd-key: null\n  etcd-key: null\n  etcd-cert:\n  etcd-ca: ''\n",
            f'data:\n  # etcd-key: null\n  etcd-key: {_PRIVATE}\n  etcd-cert: {_CERTIFICATE}\n  etcd-ca: "{_CA}"\n',
        ),
        (
            "data:\n  # etcd-ca: null\n",
            f"data:\n  etcd-key: {_PRIVATE}\n  etcd-cert: {_CERTIFICATE}\n  etcd-ca: {_CA}\n",
        ),
    ],
)
def test_values_of_the_secret(before: str, after: str) -> None:
    """Values are replaced where they stand, placeholders filled in, and what is missing is added."""
    assert after == _secret_part(_patch(_with_secret(before)).text)


def test_a_secret_without_data() -> None:
    """It gets its data behind the last entry."""
    text = _with_secret("")
    end = text.index("---\nkind: ConfigMap")
    assert text[:end] + "data:\n" + _ALL + "---\n" == _patch(text).text[: end + len("data:\n" + _ALL + "---\n")]


def test_a_key_that_is_there_is_emptied_when_none_should_be_shown() -> None:
    """Else the input's private key would get onto the screen."""
    patched = _patch(_with_secret(f"data:\n  etcd-key: {_PRIVATE} # k\n"), with_keys=False)
    expected = f"data:\n  etcd-key: null # k\n  etcd-cert: {_CERTIFICATE}\n  etcd-ca: {_CA}\n"
    assert expected == _secret_part(patched.text)
    assert "Secret calico-etcd-secrets: etcd-key is emptied" in patched.changes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('- {name: COMPACTION_PERIOD, value: "10m"}', '- {name: COMPACTION_PERIOD, value: "0"}'),
        (
            "- name: COMPACTION_PERIOD\n              value: 10m # c",
            '- name: COMPACTION_PERIOD\n              value: "0" # c',
        ),
        ("- name: COMPACTION_PERIOD\n              value: 0", '- name: COMPACTION_PERIOD\n              value: "0"'),
        ("- name: COMPACTION_PERIOD\n              value:", '- name: COMPACTION_PERIOD\n              value: "0"'),
        ("- name: COMPACTION_PERIOD", '- name: COMPACTION_PERIOD\n              value: "0"'),
        ("- name: COMPACTION_PERIOD\n              value: '0'", "- name: COMPACTION_PERIOD\n              value: '0'"),
    ],
)
def test_a_compaction_period_that_is_there(before: str, after: str) -> None:
    """It becomes the text 0, which Kubernetes does not take unless it is quoted."""
    last = "            - name: ENABLED_CONTROLLERS"
    text = manifests.HOSTED.replace(last, f"            {before}\n{last}")
    expected = _patch(manifests.HOSTED).text.replace("\n".join(line[1:] for line in _COMPACTION_LINES) + "\n", "")
    assert expected.replace(last, f"            {after}\n{last}") == _patch(text).text


def test_paths_that_are_missing_are_added() -> None:
    """Old ConfigMaps that were cut down to the endpoints get the three paths."""
    kept = [
        line
        for line in manifests.CONFIG.splitlines()
        if not line.startswith(("  etcd_ca", "  etcd_cert", "  etcd_key"))
    ]
    config = "\n".join(kept[:7]) + "\n"
    text = manifests.manifest(manifests.SECRET, config, manifests.NODE, manifests.CONTROLLERS)
    added = "".join(f"  etcd_{name}: /calico-secrets/etcd-{name}\n" for name in ("ca", "cert", "key"))
    assert f'https://10.0.0.2:2379"\n{added}---\n' in _patch(text).text


def test_the_version_of_the_images_is_returned() -> None:
    """So that a caller can warn when the spec names another."""
    assert Version(3, 32, 1) == _patch(manifests.HOSTED).version
    assert _patch(manifests.HOSTED.replace(":v3.32.1", ":master")).version is None


@pytest.mark.parametrize(
    ("credentials", "with_keys"), [(Credentials(b"ca"), False), (Credentials(b"ca", b"certificate"), True)]
)
def test_an_identity_without_certificate_or_key_is_a_mistake_of_the_caller(
    credentials: Credentials, *, with_keys: bool
) -> None:
    """Half a certificate would stop Calico."""
    with pytest.raises(ValueError, match="needs a certificate"):
        _patch(manifests.HOSTED, credentials=credentials, with_keys=with_keys)
