"""Resources, containers and versions are found by structure."""

from __future__ import annotations

import pytest

from ringfence.errors import ManifestError, Place, Problem
from ringfence.model.version import Version
from ringfence.render.manifests.manifest import containers, duplicates, mounts_secret, resources, variables

from . import manifests


@pytest.mark.parametrize(
    "text",
    [
        "kind: A\nmetadata: {name: x}\n---\n# nothing\n---\nkind: B\napiVersion: g.io/v1\nmetadata: {name: y}\n",
        "kind: List\nitems:\n- kind: A\n  metadata: {name: x}\n- {kind: B, apiVersion: g.io/v1, metadata: {name: y}}\n",
        (
            'kind: List\nitems: [{kind: List, items: [{"kind": "A", "metadata": {"name": "x"}}]}]\n'
            "---\nkind: B\napiVersion: g.io/v1\nmetadata: {name: y}\n...\n"
        ),
    ],
)
def test_resources_in_documents_and_lists(text: str) -> None:
    """Several documents, empty ones, lists and lists in lists give the same resources."""
    found = [(resource.kind, resource.group, resource.name) for resource in resources(text, "a.yaml")]
    assert [("A", "", "x"), ("B", "g.io", "y")] == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [Problem("the manifest is empty", Place("a.yaml"))]),
        ("# nothing\n---\n", [Problem("the manifest is empty", Place("a.yaml"))]),
        (
            "hello\n---\nkind: A\n---\n- b\n",
            [
                Problem("this is no Kubernetes resource", Place("a.yaml", 1), "looked for a mapping with a kind"),
                Problem("this is no Kubernetes resource", Place("a.yaml", 5), "looked for a mapping with a kind"),
            ],
        ),
    ],
)
def test_what_is_no_manifest(text: str, expected: list[Problem]) -> None:
    """Nothing at all, and documents that are no resources, each with its line."""
    with pytest.raises(ManifestError) as raised:
        resources(text, "a.yaml")
    assert expected == list(raised.value.problems)


@pytest.mark.parametrize(
    ("text", "line"),
    [("kind: A\nb: [\n", 3), ("kind: A\nb:\n\tc: d\n", 3), ("kind: {{ .Values.kind }}\n", 1), ("a: &x b\nc: *x\n", 2)],
)
def test_what_is_not_yaml(text: str, line: int) -> None:
    """Broken YAML, tabs, templates and anchors are one problem with a line and a hint."""
    with pytest.raises(ManifestError) as raised:
        resources(text, "a.yaml")
    (problem,) = raised.value.problems
    assert problem.place is not None
    assert ("a.yaml", line) == (problem.place.file, problem.place.line)
    assert problem.hint


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("docker.io/calico/node:v3.32.1", Version(3, 32, 1)),
        ("quay.io/calico/node:v3.24.6@sha256:00ff", Version(3, 24, 6)),
        ("registry.local:5000/mirror/node:v3.30.0-1", Version(3, 30, 0)),
        ("registry.local:5000/mirror/node", None),
        ("calico/node:master", None),
        ("calico/node@sha256:00ff", None),
        ("", None),
    ],
)
def test_the_version_is_in_the_tag(image: str, expected: Version | None) -> None:
    """A registry's port and a digest are no tag."""
    text = manifests.NODE.replace("docker.io/calico/node:v3.32.1", f'"{image}"')
    (workload,) = resources(text, "a.yaml")
    assert [expected] == [one.version for one in containers(workload) if one.name == "calico-node"]


def test_containers_and_what_they_are_given() -> None:
    """Init containers count, the environment is searched by name, volumes by their Secret."""
    (workload,) = resources(manifests.NODE, "a.yaml")
    first, second = containers(workload)
    assert ("install-cni", "calico-node") == (first.name, second.name)
    assert ([], 1) == (list(variables(first, "ETCD_CA_CERT_FILE")), len(list(variables(second, "ETCD_CA_CERT_FILE"))))
    assert mounts_secret(workload, "calico-etcd-secrets")
    assert not mounts_secret(workload, "etcd-certs")


def test_keys_that_stand_twice() -> None:
    """They are found at any depth, in lists too, and the same key in two places is none of them."""
    (resource,) = resources("kind: A\na:\n  b: x\n  b: y\nc:\n  - d: x\n    d: y\n  - d: z\nb: x\n", "a.yaml")
    expected = [("a.yaml", 4, "a.b"), ("a.yaml", 7, "c.d")]
    places = [problem.place for problem in duplicates(resource.body, "a.yaml")]
    assert expected == [(place.file, place.line, place.path) for place in places if place]
