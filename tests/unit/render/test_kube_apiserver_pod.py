"""A static pod of kube-apiserver gets its flags, and its folder where none is mounted."""

from __future__ import annotations

import difflib
from pathlib import PurePosixPath

import pytest

from ringfence.errors import ManifestError
from ringfence.model.names import UserName
from ringfence.model.version import Version
from ringfence.render.kube_apiserver.pod import patch_kube_apiserver
from ringfence.render.manifests.patch import Patched

from .component_manifests import APISERVER

_FLAGS = [
    "--etcd-servers=https://a:2379,https://b:2379",
    "--etcd-cafile={0}/ca.pem",
    "--etcd-prefix=/registry",
    "--etcd-certfile={0}/api.pem",
    "--etcd-keyfile={0}/api-key.pem",
    "--etcd-compaction-interval=0",
]


def _patch(
    text: str,
    folder: str = "/etc/kubernetes/pki/etcd",
    *,
    compacts: bool = False,
    annotations: dict[str, str] | None = None,
) -> Patched:
    return patch_kube_apiserver(
        text,
        "a.yaml",
        endpoints=("https://a:2379", "https://b:2379"),
        prefix="/registry",
        folder=PurePosixPath(folder),
        identity=UserName("api"),
        compacts=compacts,
        annotations=annotations,
    )


def _added(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]


def test_flags_are_changed_where_they_stand_and_added_behind() -> None:
    """The folder lies below one that is mounted, so that is enough."""
    flags = [flag.format("/etc/kubernetes/pki/etcd") for flag in _FLAGS]
    patched = _patch(APISERVER)
    assert [f"- {flags[0]} # here", *(f"- {flag}" for flag in flags[1:])] == _added(APISERVER, patched.text)
    assert Version(1, 34, 1) == patched.version


def test_a_folder_that_is_not_mounted_is() -> None:
    """Read only, and from a folder that has to be there."""
    assert [
        "- mountPath: /srv/etcd",
        "name: etcd-pki",
        "readOnly: true",
        "- name: etcd-pki",
        "hostPath:",
        "path: /srv/etcd",
        "type: Directory",
    ] == _added(APISERVER, _patch(APISERVER, "/srv/etcd").text)[6:]


@pytest.mark.parametrize("folder", ["/etc/kubernetes/pki/etcd", "/srv/etcd"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_doing_it_again_changes_nothing(folder: str, ending: str) -> None:
    """Byte for byte."""
    once = _patch(APISERVER.replace("\n", ending), folder)
    again = _patch(once.text, folder)
    assert (once.text, ()) == (again.text, again.changes)


@pytest.mark.parametrize(
    ("before", "added"),
    [
        ("  name: kube-apiserver\nspec", ["annotations:", "ours/a: one"]),
        ("  annotations:\n    b: two\n  name: kube-apiserver\nspec", ["ours/a: one"]),
        ("  annotations:\n    ours/a: zero # this\n  name: kube-apiserver\nspec", ["ours/a: one # this"]),
        ('  annotations: {"ours/a": zero}\n  name: kube-apiserver\nspec', ['annotations: {"ours/a": "one"}']),
        ("  annotations:\n  name: kube-apiserver\nspec", ["ours/a: one"]),
    ],
)
def test_the_pod_is_annotated(before: str, added: list[str]) -> None:
    """Beside what it is annotated with, in place of an older value, and once."""
    whole = _patch(APISERVER).text.replace("  name: kube-apiserver\nspec", before)
    patched = _patch(whole, annotations={"ours/a": "one"})
    assert added == _added(whole, patched.text)
    assert () == _patch(patched.text, annotations={"ours/a": "one"}).changes


def test_our_mount_follows_the_folder() -> None:
    """A second run with another folder leaves no mount of the first."""
    assert _patch(APISERVER, "/srv/b").text == _patch(_patch(APISERVER, "/srv/a").text, "/srv/b").text


def test_an_api_server_that_compacts() -> None:
    """It is told how often, as by default."""
    assert "- --etcd-compaction-interval=5m" in _added(APISERVER, _patch(APISERVER, compacts=True).text)


def test_flags_may_stand_in_args() -> None:
    """With the program alone in the command."""
    text = APISERVER.replace("    - kube-apiserver\n", "    - kube-apiserver\n    args:\n")
    assert _patch(APISERVER).text == _patch(text).text.replace("    args:\n", "")


def test_other_servers_for_some_resources_are_told() -> None:
    """They are reached with the same certificate."""
    (notice,) = _patch(
        APISERVER.replace("--allow-privileged=true", "--etcd-servers-overrides=/events#https://c")
    ).notices
    assert "needs the same role there" in notice
    assert () == _patch(APISERVER).notices


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: Pod", "kind: Pot", ["a.yaml: found no Pod with a container kube-apiserver"]),
        (
            "    - --allow-privileged=true\n",
            "    - --etcd-servers=https://c:1\n    - --etcd-prefix\n    - /x\n",
            [
                "a.yaml:11: --etcd-servers stands twice, first in line 9",
                "a.yaml:12: --etcd-prefix and its value are two items",
            ],
        ),
        (
            (
                "    - --etcd-servers=https://127.0.0.1:2379 # here\n"
                "    - --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt\n    - --allow-privileged=true\n"
            ),
            "    - -c\n    - exec kube-apiserver $FLAGS\n",
            ["a.yaml:7: the flags of kube-apiserver cannot be told apart"],
        ),
        (
            "  volumes:\n",
            "  volumes:\n  - {name: etcd-pki, emptyDir: {}}\n",
            ["a.yaml:19: the name etcd-pki is taken by another volume"],
        ),
    ],
)
def test_what_cannot_be_patched(old: str, new: str, told: list[str]) -> None:
    """Everything at once, with places and hints."""
    assert old in APISERVER
    with pytest.raises(ManifestError) as raised:
        _patch(APISERVER.replace(old, new))
    assert told == [str(problem) for problem in raised.value.problems]
    assert all(problem.hint for problem in raised.value.problems)
