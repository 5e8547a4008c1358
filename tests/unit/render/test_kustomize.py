"""Overlays: their files, and which of them may be seen; what kustomize makes of them is tested with kubectl."""

from __future__ import annotations

from typing import Any

import pytest

from ringfence.errors import ManifestError
from ringfence.model.credentials import Credentials
from ringfence.render.calico.components import patch_calico_components
from ringfence.render.calico.parts import Part
from ringfence.render.calico.single import patch_calico
from ringfence.render.manifests.kustomize import Overlay, overlay
from ringfence.render.manifests.plain import plain
from ringfence.yamlio.nodes import parse

from . import component_manifests, manifests

_OWN = Credentials(b"ca", b"certificate", b"-----BEGIN PRIVATE KEY-----\n")
_KEY = "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCg=="


def _read(text: str) -> Any:
    node = parse(text, "file")
    assert node is not None
    return plain(node)


def _single(*, with_keys: bool) -> Overlay:
    after = patch_calico(
        manifests.HOSTED, "c.yaml", endpoints=("https://a:2379",), credentials=_OWN, with_keys=with_keys
    )
    return overlay(manifests.HOSTED, after.text, "c.yaml", "c.yaml", with_keys=with_keys)


def _components(*, with_keys: bool) -> Overlay:
    before = component_manifests.HOSTED
    identities: dict[Part, Credentials] = {part: _OWN for part in Part if part is not Part.FLANNEL}
    after = patch_calico_components(
        before, "c.yaml", endpoints=("https://a:2379",), identities=identities, with_keys=with_keys
    )
    return overlay(before, after.text, "c.yaml", "../base", with_keys=with_keys)


def test_a_secret_of_the_release_is_patched() -> None:
    """With keys its patch is private; each other patch is in the open, and the kustomization names all of them."""
    made = _single(with_keys=True)
    assert ["patches/secret-kube-system-calico-etcd-secrets.yaml"] == list(made.private)
    kustomization = _read(made.public["kustomization.yaml"])
    assert ["c.yaml"] == kustomization["resources"]
    assert {*made.private, *made.public} - {"kustomization.yaml"} == {one["path"] for one in kustomization["patches"]}
    assert () == made.left_out


def test_a_secret_of_the_release_is_taken_out() -> None:
    """Without keys, applying the overlay must not empty the Secret that comes another way; the head says so."""
    made = _single(with_keys=False)
    assert {} == made.private
    patch = _read(made.public["patches/secret-kube-system-calico-etcd-secrets.yaml"])
    assert ("delete", "calico-etcd-secrets") == (patch["$patch"], patch["metadata"]["name"])
    assert ("calico-etcd-secrets",) == made.left_out
    assert "not in it: Secret calico-etcd-secrets" in made.public["kustomization.yaml"]


@pytest.mark.parametrize("with_keys", [False, True])
def test_new_secrets(*, with_keys: bool) -> None:
    """With keys they are a resource for the owner alone, else they are left out; the base has the name it was given."""
    made = _components(with_keys=with_keys)
    assert (["secrets.yaml"] if with_keys else []) == list(made.private)
    resources = _read(made.public["kustomization.yaml"])["resources"]
    assert ["../base", *(["secrets.yaml"] if with_keys else [])] == resources
    assert (0 if with_keys else 3) == len(made.left_out)


@pytest.mark.parametrize("make", [_single, _components])
def test_no_key_is_in_the_open(make: Any) -> None:
    """Nor is it shown by accident."""
    made = make(with_keys=True)
    assert any(_KEY in text for text in made.private.values())
    assert not any(_KEY in text for text in made.public.values())
    assert _KEY not in repr(made)
    assert not any(_KEY in text for text in make(with_keys=False).public.values())


def test_two_of_one_name() -> None:
    """No patch could tell them apart; in two namespaces they are two."""
    once = manifests.HOSTED
    one = "---\napiVersion: v1\nkind: Service\nmetadata: {name: one}\n"
    other = "---\napiVersion: v1\nkind: Service\nmetadata: {name: one, namespace: other}\n"
    assert () == overlay(once + one + other, once + one + other, "c.yaml", "c.yaml", with_keys=True).left_out
    with pytest.raises(ManifestError) as raised:
        overlay(once + one + one, once + one + one, "c.yaml", "c.yaml", with_keys=True)
    (problem,) = raised.value.problems
    assert "second Service one" in problem.what


def test_a_manifest_with_a_key() -> None:
    """As the base of an overlay without keys it would bring one."""
    held = manifests.HOSTED.replace("  # etcd-key: null", f"  etcd-key: {_KEY}")
    assert () == overlay(held, held, "c.yaml", "c.yaml", with_keys=True).left_out
    with pytest.raises(ManifestError) as raised:
        overlay(held, held, "c.yaml", "c.yaml", with_keys=False)
    assert ["a private key stands here"] == [problem.what for problem in raised.value.problems]
