"""``render calico`` and the files of Calico's other programs, from the spec.

Which identity each program uses follows from the segmentation: with one for all, every program uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from ringfence.errors import InputError
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.ops.rendering.configuration import target_folder
from ringfence.render.calico.components import patch_calico_components
from ringfence.render.calico.parts import Part
from ringfence.render.calico.single import patch_calico
from ringfence.render.calicoctl import calicoctl_files
from ringfence.render.calicoctl_pod import patch_calicoctl_pod
from ringfence.render.cni import cni_conf_of_calico_2, cni_conflist, cni_usage
from ringfence.render.datastore import Datastore
from ringfence.render.environment import Program, environment
from ringfence.render.helm_values import COMPACTION_NOTICE, helm_values
from ringfence.render.manifests.patch import Patched
from ringfence.render.openstack import openstack_section
from ringfence.render.usage import Usage
from ringfence.spec.shape import Calico, CalicoPart, CatalogComponent, Segmentation, Spec
from ringfence.spec.ways import Way

Login = Callable[[UserName], Credentials]
"""Where the certificate and key of an identity come from."""

_PARTS = {
    Part.NODE: "calico/node",
    Part.CNI: "calico/cni",
    Part.CONTROLLERS: "calico/kube-controllers",
    Part.FLANNEL: "flannel",
}
_PROGRAMS = {
    "calico-node": (Program.NODE, "calico/node"),
    "kube-controllers": (Program.CONTROLLERS, "calico/kube-controllers"),
    "felix": (Program.FELIX, "calico/node"),
}
_CANAL = "canal"


def calico(spec: Spec) -> Calico:
    """The Calico of the spec.

    Raises:
        InputError: it has none.
    """
    found = next((each for each in spec.components if isinstance(each, Calico)), None)
    if found is None:
        raise InputError.of("the spec has no calico", hint="add a component with use: calico")
    return found


def render_manifest(spec: Spec, manifest: str, file: str, login: Login, *, with_keys: bool) -> Patched:
    """The hosted manifest, with one identity or with one for each program; see ``ringfence.render``.

    Raises:
        InputError: each node has certificates of its own.
        ManifestError: it is not one that can be patched.
        CertificateError, FileError: an identity's certificate is not at hand.
    """
    component = calico(spec)
    _refuse_by_node(component, *component.parts)
    endpoints, store = spec.cluster.endpoints, Datastore.of_calico(component.version)
    if component.segmentation is Segmentation.SINGLE:
        return patch_calico(
            manifest,
            file,
            endpoints=endpoints,
            credentials=login(component.identity),
            with_keys=with_keys,
            canal=component.network == _CANAL,
            datastore=store,
        )
    identities = {part: component.identity_of(name) for part, name in _PARTS.items()}
    credentials = {part: login(identity) for part, identity in identities.items() if identity is not None}
    return patch_calico_components(
        manifest, file, endpoints=endpoints, identities=credentials, with_keys=with_keys, datastore=store
    )


def render_helm_values(spec: Spec, way: Way, login: Login, *, with_keys: bool) -> tuple[str, str]:
    """Values for the chart that makes the hosted manifest, and a notice about what they cannot say.

    Args:
        spec: with a Calico.
        way: how its certificates come into the pods.
        login: where its certificate and key come from.
        with_keys: whether the key may stand in the values.

    Raises:
        InputError: certificates come by another way than a Secret, or there is one identity for each program: the
            chart knows one identity and one Secret.
    """
    component = calico(spec)
    if Datastore.of_calico(component.version) is Datastore.ETCD_V2:
        hint = "patch its hosted manifest: render calico --in calico.yaml"
        raise InputError.of(f"Calico {component.version} has no chart", place=component.place, hint=hint)
    if way is not Way.SECRET:
        raise InputError.of(
            f"the chart puts the certificate into a Secret, and it is to come by {way.value}",
            place=component.place,
            hint=f"patch the manifest that the chart renders: render calico --in FILE --deliver {way.value}",
        )
    if component.segmentation is not Segmentation.SINGLE:
        raise InputError.of(
            "the chart gives all of Calico one identity, and the spec has several",
            place=component.place,
            hint="patch the manifest that the chart renders: render calico --in FILE",
        )
    values = helm_values(
        endpoints=spec.cluster.endpoints,
        credentials=login(component.identity),
        with_keys=with_keys,
        canal=component.network == _CANAL,
    )
    return values, COMPACTION_NOTICE


def render_calicoctl(spec: Spec, identity: str | None) -> dict[str, str]:
    """The configuration file and the environment of a calicoctl, by file name."""
    return calicoctl_files(
        endpoints=spec.cluster.endpoints,
        folder=target_folder(spec),
        identity=_calicoctl(spec, identity),
        datastore=Datastore.of_calico(calico(spec).version),
    )


def render_calicoctl_pod(
    spec: Spec, identity: str | None, manifest: str, file: str, login: Login, *, with_keys: bool
) -> Patched:
    """The manifest of the calicoctl Pod, its commented parts switched on."""
    name = _calicoctl(spec, identity)
    return patch_calicoctl_pod(
        manifest,
        file,
        secret=f"{name}-etcd-secrets",
        credentials=login(name),
        with_keys=with_keys,
        canal=calico(spec).network == _CANAL,
    )


def render_cni(spec: Spec) -> tuple[str, Usage]:
    """The CNI configuration list, of Calico 2 that of its one plugin, with the paths written out; and how to use it.

    Raises:
        InputError: each node has a certificate of its own.
    """
    component = calico(spec)
    endpoints, folder, identity = spec.cluster.endpoints, target_folder(spec), _identity(component, "calico/cni")
    if Datastore.of_calico(component.version) is Datastore.ETCD_V2:
        conf = cni_conf_of_calico_2(endpoints=endpoints, folder=folder, identity=identity)
        return conf, cni_usage(identity, alone=True)
    is_canal = component.network == _CANAL
    return cni_conflist(endpoints=endpoints, folder=folder, identity=identity, canal=is_canal), cni_usage(identity)


def render_environment(spec: Spec, program: str) -> str:
    """The environment file of ``calico-node``, ``kube-controllers`` or ``felix``.

    Raises:
        InputError: a path or URL has characters that such files cannot hold; each node has a certificate of its own.
    """
    kind, name = _PROGRAMS[program]
    component = calico(spec)
    try:
        return environment(
            kind,
            endpoints=spec.cluster.endpoints,
            folder=target_folder(spec),
            identity=_identity(component, name),
            datastore=Datastore.of_calico(component.version),
        )
    except ValueError as error:
        raise InputError.of(str(error), hint="set cluster.paths.pki to a plain path") from None


def render_openstack(spec: Spec, folder: PurePosixPath | None = None) -> str:
    """The section of neutron's configuration; the password is referred to, never written.

    Raises:
        InputError: the spec has no OpenStack driver.
    """
    found = next(
        (
            each
            for each in spec.components
            if isinstance(each, CatalogComponent) and each.use == "calico/openstack-driver"
        ),
        None,
    )
    if found is None:
        raise InputError.of(
            "the spec has no OpenStack driver", hint="add a component with use: calico/openstack-driver"
        )
    return openstack_section(
        endpoints=spec.cluster.endpoints,
        folder=folder or target_folder(spec),
        identity=found.identity,
        certificate="openstack",
        password=None,
    )


def _identity(component: Calico, name: str) -> UserName:
    """The identity that a program uses, whatever node it runs on."""
    part = component.part_of(name)
    if part is None:
        return component.identity
    _refuse_by_node(component, part)
    return part.identity


def _refuse_by_node(component: Calico, *parts: CalicoPart) -> None:
    """Refuse what has another certificate on each node."""
    by_node = [part.component for part in parts if part.by_node]
    if by_node:
        raise InputError.of(
            f"{', '.join(by_node)}: each node has a certificate of its own, and this is the same for all nodes",
            place=component.place,
            hint="a DaemonSet cannot pick a Secret for each node: render calico --deliver hostpath, or openbao-agent",
        )


def _calicoctl(spec: Spec, identity: str | None) -> UserName:
    component = calico(spec)
    found = [part.identity for part in component.parts if part.component.startswith("calicoctl")]
    if not found and component.segmentation is Segmentation.SINGLE:
        found = [component.identity]
    chosen = [name for name in found if identity in (None, name)]
    if len(chosen) != 1:
        raise InputError.of(
            f"the spec has these calicoctl identities: {', '.join(found) or 'none'}",
            place=component.place,
            hint="name one of them with --identity; add them with calicoctl: [read-only, policy-editor, full]",
        )
    return chosen[0]
