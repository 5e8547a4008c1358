"""Each program of Calico sees its own Secret, and nothing else in the manifest changes."""

from __future__ import annotations

import base64
import difflib
import json
from collections.abc import Callable

import pytest

from ringfence.model.credentials import Credentials
from ringfence.model.version import Version
from ringfence.render.calico.components import SECRETS, patch_calico_components
from ringfence.render.calico.parts import Part
from ringfence.render.calico.single import patch_calico
from ringfence.render.manifests.manifest import containers, mounts, named, resources, volumes
from ringfence.render.manifests.patch import Patched
from ringfence.yamlio.nodes import Mapping, Node, Scalar, Sequence, parse

from . import component_manifests as own

_ENDPOINTS = ("https://10.0.0.1:2379",)
_KEY = b"-----BEGIN PRIVATE KEY-----\nkey\n-----END PRIVATE KEY-----\n"
CALICO: dict[Part, Credentials] = {
    part: Credentials(b"ca", part.value.encode(), _KEY) for part in Part if part is not Part.FLANNEL
}
CANAL = CALICO | {Part.FLANNEL: Credentials(b"ca", b"flannel", _KEY)}


def _patch(text: str, *, with_keys: bool = True) -> Patched:
    identities = CANAL if "canal-config" in text else CALICO
    return patch_calico_components(text, "c.yaml", endpoints=_ENDPOINTS, identities=identities, with_keys=with_keys)


def _difference(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _seen(text: str) -> dict[str, str]:
    """For each container the Secret that it finds at the usual path."""
    found: dict[str, str] = {}
    for workload in resources(text, "c.yaml"):
        behind = {volume.text("name"): volume.text("secret", "secretName") for volume in volumes(workload)}
        for container in containers(workload):
            for mount in mounts(container, "/calico-secrets"):
                found[container.name] = behind[mount.text("name")] or ""
    return found


@pytest.mark.parametrize("text", [own.HOSTED, own.OLD, own.CANAL])
def test_each_container_sees_its_own_secret(text: str) -> None:
    """Also where install-cni is a second container, and in canal."""
    expected = {part.value: secret for part, secret in SECRETS.items() if part.value in text}
    expected |= {"configure-flannel": "flannel-etcd-secrets"} if "kind: Job" in text else {}
    assert expected == _seen(_patch(text).text)


@pytest.mark.parametrize("text", [own.HOSTED, own.OLD, own.CANAL])
def test_each_secret_holds_its_identity(text: str) -> None:
    """The certificate is the one of the part that sees the Secret, and key and CA are there."""
    found = resources(_patch(text).text, "c.yaml")
    for part in CANAL if "canal" in text else CALICO:
        (secret,) = named(found, "Secret", SECRETS[part])
        held = [base64.b64decode(secret.body.text("data", key) or "") for key in ("etcd-cert", "etcd-key", "etcd-ca")]
        assert [part.value.encode(), _KEY, b"ca"] == held


def _new_secret(part: Part) -> list[str]:
    certificate = base64.b64encode(part.value.encode()).decode()
    return [
        "+---",
        "+apiVersion: v1",
        "+kind: Secret",
        "+type: Opaque",
        "+metadata:",
        f"+  name: {SECRETS[part]}",
        "+data:",
        f"+  etcd-key: {base64.b64encode(_KEY).decode()}",
        f"+  etcd-cert: {certificate}",
        "+  etcd-ca: Y2E=",
    ]


def test_only_the_expected_lines_differ() -> None:
    """New Secrets, settings, one volume more, and two names: the Secret of the release is left as it is."""
    expected = [
        *(line for part in CALICO for line in _new_secret(part)),
        '-  etcd_endpoints: "http://<ETCD_IP>:<ETCD_PORT>"',
        '-  etcd_ca: ""   # "/calico-secrets/etcd-ca"',
        '-  etcd_cert: "" # "/calico-secrets/etcd-cert"',
        '-  etcd_key: ""  # "/calico-secrets/etcd-key"',
        '+  etcd_endpoints: "https://10.0.0.1:2379"',
        '+  etcd_ca: "/calico-secrets/etcd-ca"   # "/calico-secrets/etcd-ca"',
        '+  etcd_cert: "/calico-secrets/etcd-cert" # "/calico-secrets/etcd-cert"',
        '+  etcd_key: "/calico-secrets/etcd-key"  # "/calico-secrets/etcd-key"',
        "-              name: etcd-certs",
        "+              name: cni-etcd-certs",
        "-            secretName: calico-etcd-secrets",
        "+            secretName: calico-node-etcd-secrets",
        "+        # What container install-cni shows to etcd.",
        "+        - name: cni-etcd-certs",
        "+          secret:",
        "+            secretName: calico-cni-etcd-secrets",
        "+            defaultMode: 0400",
        "+            # etcd compacts itself; 0 because Calico must not compact what it shares with others.",
        "+            - name: COMPACTION_PERIOD",
        '+              value: "0"',
        "-            secretName: calico-etcd-secrets",
        "+            secretName: calico-kube-controllers-etcd-secrets",
    ]
    assert sorted(expected) == sorted(_difference(own.HOSTED, _patch(own.HOSTED).text))


def test_the_job_of_canal_writes_over_tls_what_flannel_reads() -> None:
    """Flannel 0.24 reads API 3, whose etcdctl has other words and takes its files from variables."""
    job = own.JOB.replace("calico-config", "canal-config")
    text = _patch(own.CANAL).text
    assert [
        '-            - "--no-sync"',
        '-            - "set"',
        '+            - "put"',
        "-            - name: ETCDCTL_PEERS",
        "+            - name: ETCDCTL_ENDPOINTS",
        "+            - name: ETCDCTL_CERT",
        "+              valueFrom:",
        "+                configMapKeyRef:",
        "+                  name: canal-config",
        "+                  key: etcd_cert",
        "+            - name: ETCDCTL_KEY",
        "+              valueFrom:",
        "+                configMapKeyRef:",
        "+                  name: canal-config",
        "+                  key: etcd_key",
        "-            secretName: calico-etcd-secrets",
        "+            secretName: flannel-etcd-secrets",
        "+            defaultMode: 0400",
    ] == _difference(job, text[text.index("apiVersion: batch/v1") :])


@pytest.mark.parametrize(("image", "added"), [("v3.1.5", []), ("v3.5.1", ["ETCDCTL_API"]), ("latest", ["ETCDCTL_API"])])
def test_the_job_of_an_old_canal_uses_the_api_of_its_flannel(image: str, added: list[str]) -> None:
    """Flannel before 0.18 reads API 2: the commented flags are switched on, and etcdctl is told where it would not."""
    text = own.CANAL.replace("flannel:v0.24.4", "flannel:v0.15.1").replace("etcd:v3.5.1", f"etcd:{image}")
    patched = _patch(text)
    (job,) = (one for one in resources(patched.text, "c.yaml") if one.kind == "Job")
    (container,) = containers(job)
    command, env = container.body.get("command"), container.body.get("env")
    assert isinstance(command, Sequence)
    assert isinstance(env, Sequence)
    assert [
        "etcdctl",
        "--cert-file=/calico-secrets/etcd-cert",
        "--key-file=/calico-secrets/etcd-key",
        "--ca-file=/calico-secrets/etcd-ca",
        "--no-sync",
        "set",
    ] == [word.text for word in command if isinstance(word, Scalar)][:6]
    names = [entry.text("name") for entry in env if isinstance(entry, Mapping)]
    assert ["ETCDCTL_PEERS", "ETCDCTL_CACERT", *added] == names
    assert any("speaks etcd's API 2" in notice for notice in patched.notices)


def test_flags_of_the_job_are_put_before_its_verb() -> None:
    """Etcdctl takes them nowhere else; here there are no comments to switch on."""
    plain = "\n".join(line for line in own.CANAL.split("\n") if '# - "--' not in line)
    text = _patch(plain.replace("flannel:v0.24.4", "flannel:v0.15.1")).text
    assert '- "etcdctl"\n            # Uncomment' not in text
    assert '- "etcdctl"\n            - --cert-file=/calico-secrets/etcd-cert\n' in text


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def _without_end(text: str) -> str:
    return text.rstrip("\n")


def _with_mark(text: str) -> str:
    return "\ufeff" + text


def _secret_last(text: str) -> str:
    documents = text.removeprefix("---\n").split("---\n")
    secret = next(one for one in documents if "calico-etcd-secrets\n  namespace" in one)
    return "".join(f"---\n{one}" for one in (*(other for other in documents if other is not secret), secret))


def _as_list(text: str) -> str:
    documents = text.removeprefix("---\n").split("---\n")
    items = ("  - " + document.replace("\n", "\n    ").rstrip() + "\n" for document in documents)
    return "kind: List\napiVersion: v1\nitems:\n" + "".join(items)


_FORMS = [str, _windows, _without_end, _with_mark, _secret_last, _as_list]


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("text", [own.HOSTED, own.OLD, own.CANAL])
@pytest.mark.parametrize("with_keys", [False, True])
def test_doing_it_again_changes_nothing(form: Callable[[str], str], text: str, *, with_keys: bool) -> None:
    """The second run gives the same bytes and tells of no change."""
    once = _patch(form(text), with_keys=with_keys)
    again = _patch(once.text, with_keys=with_keys)
    assert (once.text, ()) == (again.text, again.changes)


@pytest.mark.parametrize("form", [_windows, _without_end, _with_mark])
def test_any_form_of_the_manifest_is_kept(form: Callable[[str], str]) -> None:
    """Line endings, a missing last line break, a byte order mark: the patch of the form has that form."""
    assert form(_patch(own.CANAL).text) == _patch(form(own.CANAL)).text


@pytest.mark.parametrize("text", [own.HOSTED, own.CANAL])
def test_keys_can_be_put_in_later(text: str) -> None:
    """What was rendered without keys and then with them is what is rendered with them at once."""
    without = _patch(text, with_keys=False).text
    assert base64.b64encode(_KEY).decode() not in without
    assert _patch(text).text == _patch(without).text


@pytest.mark.parametrize("text", [own.HOSTED, own.OLD, own.CANAL])
def test_from_one_identity_to_many(text: str) -> None:
    """A manifest that was made for one identity is split, and the old Secret keeps its values for waiting pods."""
    one = patch_calico(
        text,
        "c.yaml",
        endpoints=_ENDPOINTS,
        credentials=Credentials(b"ca", b"one", _KEY),
        with_keys=True,
        canal="canal" in text,
    )
    split = _patch(one.text)
    assert _seen(_patch(text).text) == _seen(split.text)
    (old,) = named(resources(split.text, "c.yaml"), "Secret", "calico-etcd-secrets")
    assert base64.b64encode(b"one").decode() == old.body.text("data", "etcd-cert")
    assert any("stays for pods that wait" in notice for notice in split.notices)
    (shown,) = named(resources(_patch(one.text, with_keys=False).text, "c.yaml"), "Secret", "calico-etcd-secrets")
    assert "null" == shown.body.text("data", "etcd-key")


def test_a_volume_that_a_container_has_for_itself_is_kept() -> None:
    """Whoever gave install-cni a Secret volume before finds it under its name, with the mode that it had."""
    before = own.HOSTED.replace("name: etcd-certs\n      containers:", "name: mine\n      containers:").replace(
        "        # The end.",
        "        - name: mine\n          secret: {secretName: x, defaultMode: 256}\n        # The end.",
    )
    text = _patch(before).text
    assert "calico-cni-etcd-secrets" == _seen(text)["install-cni"]
    assert 'secret: {secretName: "calico-cni-etcd-secrets", defaultMode: 256}' in text
    assert "name: cni-etcd-certs" not in text


@pytest.mark.parametrize(("workload", "mode"), [(own.NODE, "0400"), (own.CONTROLLERS, "0440")])
def test_a_volume_without_a_mode_gets_the_one_that_fits(workload: str, mode: str) -> None:
    """The Secret of kube-controllers, which do not run as root, must be readable for its group."""
    bare = workload.replace("            defaultMode: 0400\n", "").replace("            defaultMode: 0440\n", "")
    text = _patch(own.HOSTED.replace(workload, bare)).text
    part = text[text.index(workload[:70]) :]
    assert f"            defaultMode: {mode}\n" in part[part.index("secretName: ") :][:120]


def test_json_is_patched_too() -> None:
    """What kubectl prints as JSON stays JSON, with modes that JSON has numbers for."""
    documents = own.HOSTED.removeprefix("---\n").split("---\n")
    items = [_plain(parse(document.replace("0400", "256").replace("0440", "288"), "c")) for document in documents]
    patched = _patch(json.dumps({"kind": "List", "items": items}))
    json.loads(patched.text)
    assert SECRETS[Part.CNI] == _seen(patched.text)["install-cni"]
    assert '"defaultMode": 256' in patched.text
    assert () == _patch(patched.text).changes


def _plain(node: Node | None) -> object:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries if isinstance(key, Scalar)}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node]
    if node is None or node.is_null:
        return None
    return int(node.text) if node.text.isdecimal() else node.text


def test_the_version_is_returned_and_no_secret_shown() -> None:
    """So that a caller can warn when the spec names another."""
    patched = _patch(own.OLD)
    assert Version(3, 1, 7) == patched.version
    assert base64.b64encode(_KEY).decode() not in repr(patched)
    assert _patch(own.HOSTED.replace(":v3.32.1", ":master")).version is None


def test_a_part_without_identity_is_a_mistake_of_the_caller() -> None:
    """It would be left with the Secret of the release."""
    with pytest.raises(ValueError, match="each part needs an identity"):
        patch_calico_components(
            own.HOSTED, "c.yaml", endpoints=_ENDPOINTS, identities={Part.NODE: CALICO[Part.NODE]}, with_keys=True
        )
