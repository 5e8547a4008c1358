"""``render kustomize``: the hosted manifest of Calico and an overlay, in the place of a patched copy."""

from __future__ import annotations

from pathlib import PurePosixPath

from ringfence.errors import InputError
from ringfence.ops.rendering.calico import Login, calico
from ringfence.ops.rendering.delivery import delivery, render_cert_manager, render_delivered
from ringfence.render.calico.cert_manager import Issuer
from ringfence.render.manifests.kustomize import ADDED, KUSTOMIZATION, SECRETS, Overlay, overlay
from ringfence.render.manifests.patch import Patched
from ringfence.spec.shape import Spec
from ringfence.spec.ways import Way

OBJECTS = "cert-manager.yaml"
"""The file of what cert-manager is given."""


def render_kustomize(
    spec: Spec,
    manifest: str,
    file: str,
    login: Login,
    *,
    base: str | None,
    way: str | None,
    issuer: Issuer | None,
    with_keys: bool,
) -> tuple[Overlay, Patched]:
    """The overlay, and the patch in place that it does the same as.

    Args:
        spec: with a Calico.
        manifest: its text.
        file: its name.
        login: where certificates and keys come from.
        base: how the kustomization names the manifest; None puts a copy of it beside the kustomization.
        way: how certificates come into the pods, None for what the spec says; see ``ops.rendering.delivery``.
        issuer: who signs what cert-manager makes; it is needed with that way, and with no other.
        with_keys: whether the Secrets are in the overlay.

    Raises:
        InputError: the way is none for this spec, its issuer is missing, or the base would be in its own way.
        ManifestError: the manifest cannot be patched.
        CertificateError, FileError: a certificate is not at hand.
    """
    name = base or PurePosixPath(file).name
    if name in {KUSTOMIZATION, SECRETS, ADDED, OBJECTS, ".", ""}:
        raise InputError.of(f"{name or file} cannot be the base of the overlay", hint="rename it, or use --in-name")
    chosen = delivery(calico(spec), way)
    patched = render_delivered(spec, chosen, manifest, file, login, with_keys=with_keys)
    objects = _objects(spec, chosen.way, issuer)
    made = overlay(manifest, patched.text, file, name, with_keys=with_keys, beside=objects)
    if base is not None:
        return made, patched
    # With keys the folder is for one owner anyway, and a manifest that was patched before may hold one too.
    if with_keys:
        return Overlay(made.public, {**made.private, name: manifest}, made.left_out), patched
    return Overlay({**made.public, name: manifest}, made.private, made.left_out), patched


def _objects(spec: Spec, way: Way, issuer: Issuer | None) -> dict[str, str]:
    """What cert-manager is given, where it is the way: without it the pods would wait for Secrets that nobody makes."""
    if way is not Way.CERT_MANAGER:
        if issuer is not None:
            hint = "leave --issuer out, or add --deliver cert-manager"
            raise InputError.of(f"certificates come by {way.value}, not by cert-manager", hint=hint)
        return {}
    if issuer is None:
        raise InputError.of("cert-manager needs to know who signs", hint="add --issuer NAME")
    return {OBJECTS: render_cert_manager(spec, issuer, in_overlay=True)}
