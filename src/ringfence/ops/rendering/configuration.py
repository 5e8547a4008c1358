"""``render``: the configuration of each component, from the spec; the caller decides where it is written."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from ringfence.errors import InputError
from ringfence.model.cluster import ProxyKind
from ringfence.render.etcd.forms import member_files, member_usage
from ringfence.render.etcd.gateway import gateway_flags, gateway_usage
from ringfence.render.kube_apiserver.backend import Backend
from ringfence.render.kube_apiserver.flags import kube_apiserver_flags
from ringfence.render.kube_apiserver.kubeadm import kubeadm_api, kubeadm_configuration
from ringfence.render.kube_apiserver.pod import patch_kube_apiserver
from ringfence.render.manifests.patch import Patched
from ringfence.render.usage import FOLDER_PAGE as PAGE
from ringfence.render.usage import page
from ringfence.spec.shape import CatalogComponent, Compaction, KubeApiserver, OwnComponent, Spec, StorageBackend


def target_folder(spec: Spec) -> PurePosixPath:
    """Where the pki files lie on the machine that uses them: what the spec says, else where they are now."""
    return spec.cluster.paths_pki or PurePosixPath(spec.pki.directory.absolute())


def folder_of_here(spec: Spec, texts: Iterable[str]) -> PurePosixPath | None:
    """The folder of this machine, if these texts name it because the spec does not say where files lie on theirs."""
    folder = target_folder(spec)
    is_named = spec.cluster.paths_pki is None and any(str(folder) in text for text in texts)
    return folder if is_named else None


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
            cluster=spec.cluster.name,
            members=members,
            member=member,
            pki=target_folder(spec),
            gateway=enables_gateway(spec),
            v2=enables_v2(spec),
        )
        files.update({f"{member.name}/{name}": text for name, text in rendered.items()})
        files[f"{member.name}/{PAGE}"] = page(member_usage(member.name))
    for proxy in spec.cluster.proxies:
        if proxy.kind is ProxyKind.GATEWAY:
            files[f"{proxy.name}/flags"] = gateway_flags(proxy, members)
            files[f"{proxy.name}/{PAGE}"] = page(gateway_usage(proxy.name))
    return files


_ENABLE_V2_SINCE = (3, 2)
"""etcd ``etcdmain/config.go``; members served v2 without being told up to 3.3."""


def enables_v2(spec: Spec) -> bool:
    """Whether members are told to serve the v2 API: where the spec has it, and they know the flag."""
    etcd = spec.cluster.etcd
    return spec.cluster.has_v2 and (etcd is None or etcd.line >= _ENABLE_V2_SINCE)


def enables_gateway(spec: Spec) -> bool:
    """Whether members serve the JSON gateway: where a component logs in by password, which is what speaks to it."""
    owners = (each for each in spec.components if isinstance(each, (OwnComponent, CatalogComponent)))
    return any(each.password is not None for each in owners)


class ApiserverForm(enum.Enum):
    """How a kube-apiserver is told: plain flags, in its static pod, or through kubeadm."""

    FLAGS = "flags"
    STATIC_POD = "static-pod"
    KUBEADM = "kubeadm"


def kube_apiserver(spec: Spec, identity: str | None) -> KubeApiserver:
    """The kube-apiserver of that identity, or the only one.

    Raises:
        InputError: there is none, or several and none was named.
    """
    found = [each for each in spec.components if isinstance(each, KubeApiserver)]
    chosen = [each for each in found if identity in (None, each.identity)]
    if len(chosen) != 1:
        names = ", ".join(each.identity for each in found) or "none"
        raise InputError.of(f"the spec has these kube-apiservers: {names}", hint="name one of them with --identity")
    return chosen[0]


def render_kube_apiserver(spec: Spec, component: KubeApiserver, form: ApiserverForm) -> str:
    """The flags of a kube-apiserver, or the ClusterConfiguration of kubeadm; the static pod is patched, see below.

    Raises:
        InputError: it keeps its data in etcd v2, and the form is none of its time.
    """
    if form is ApiserverForm.KUBEADM:
        refuse_in_v2(component, form.value)
        return kubeadm_configuration(
            kubeadm_api(component.version),
            endpoints=spec.cluster.endpoints,
            prefix=component.prefix,
            folder=component.files or target_folder(spec),
            identity=component.identity,
            compacts=component.compaction is Compaction.APISERVER,
        )
    return kube_apiserver_flags(
        endpoints=spec.cluster.endpoints,
        prefix=component.prefix,
        folder=component.files or target_folder(spec),
        identity=component.identity,
        compacts=component.compaction is Compaction.APISERVER,
        backend=Backend(component.backend.value),
    )


def refuse_in_v2(component: KubeApiserver, form: str) -> None:
    """Refuse forms that came after the API servers that keep their data in etcd v2."""
    if component.backend is StorageBackend.ETCD2:
        raise InputError.of(
            f"{form} is newer than API servers with storage-backend: etcd2",
            place=component.place,
            hint="choose --format flags, static-pod or systemd",
        )


def patch_static_pod(
    spec: Spec, component: KubeApiserver, manifest: str, file: str, annotations: Mapping[str, str] | None = None
) -> Patched:
    """The static pod of a kube-apiserver with the flags in place; see ``ringfence.render.kube_apiserver.pod``."""
    return patch_kube_apiserver(
        manifest,
        file,
        endpoints=spec.cluster.endpoints,
        prefix=component.prefix,
        folder=component.files or target_folder(spec),
        identity=component.identity,
        compacts=component.compaction is Compaction.APISERVER,
        backend=Backend(component.backend.value),
        annotations=annotations,
    )


def manifest_text(content: bytes, file: str) -> str:
    """The manifest as text, line ends and all.

    Raises:
        InputError: it is not UTF-8 text.
    """
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise InputError.of(f"{file} is not UTF-8 text", hint="name a manifest with --in") from None
