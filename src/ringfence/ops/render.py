"""``render``: the configuration of each component, from the spec; the caller decides where it is written."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ringfence.errors import InputError
from ringfence.model.cluster import ProxyKind
from ringfence.model.credentials import Credentials
from ringfence.render.calico import Patched, patch_calico
from ringfence.render.etcd import member_files
from ringfence.render.etcd_gateway import gateway_flags
from ringfence.render.kube_apiserver import kube_apiserver_flags
from ringfence.spec.shape import Calico, Compaction, KubeApiserver, Spec


def target_folder(spec: Spec) -> PurePosixPath:
    """Where the pki files lie on the machine that uses them: what the spec says, else where they are now."""
    return spec.cluster.paths_pki or PurePosixPath(spec.pki.directory.absolute())


def render_etcd(spec: Spec) -> dict[str, str]:
    """The files of every member and proxy, by their path below the output folder.

    Raises:
        InputError: the spec names no members.
    """
    members = spec.cluster.members
    if not members:
        raise InputError.of(
            "the spec names no members", place=spec.cluster.place, hint="add cluster.members, each with name and hosts"
        )
    files: dict[str, str] = {}
    for member in members:
        rendered = member_files(
            cluster=spec.cluster.name, members=members, member=member, pki=target_folder(spec), gateway=False
        )
        files.update({f"{member.name}/{name}": text for name, text in rendered.items()})
    for proxy in spec.cluster.proxies:
        if proxy.kind is ProxyKind.GATEWAY:
            files[f"{proxy.name}/flags"] = gateway_flags(proxy, members)
    return files


def render_kube_apiserver(spec: Spec, identity: str | None) -> str:
    """The flags of a kube-apiserver.

    Args:
        spec: with at least one.
        identity: which one, where there are several.
    """
    found = [each for each in spec.components if isinstance(each, KubeApiserver)]
    chosen = [each for each in found if identity in (None, each.identity)]
    if len(chosen) != 1:
        names = ", ".join(each.identity for each in found) or "none"
        raise InputError.of(f"the spec has these kube-apiservers: {names}", hint="name one of them with --identity")
    component = chosen[0]
    return kube_apiserver_flags(
        endpoints=spec.cluster.endpoints,
        prefix=component.prefix,
        folder=component.files or target_folder(spec),
        identity=component.identity,
        compacts=component.compaction is Compaction.APISERVER,
    )


def calico_component(spec: Spec) -> Calico:
    """The Calico of the spec.

    Raises:
        InputError: it has none.
    """
    found = next((each for each in spec.components if isinstance(each, Calico)), None)
    if found is None:
        raise InputError.of("the spec has no calico", hint="add a component with use: calico")
    return found


def render_calico(spec: Spec, manifest: bytes, file: str, credentials: Credentials, *, with_keys: bool) -> Patched:
    """The hosted manifest, patched for the identity of the spec's Calico.

    Raises:
        InputError: the manifest is not UTF-8 text.
        ManifestError: it is not one that can be patched; see ``ringfence.render.calico``.
    """
    try:
        text = manifest.decode()
    except UnicodeDecodeError:
        raise InputError.of(f"{Path(file).name} is not UTF-8 text", hint="name a manifest with --in") from None
    return patch_calico(text, file, endpoints=spec.cluster.endpoints, credentials=credentials, with_keys=with_keys)
