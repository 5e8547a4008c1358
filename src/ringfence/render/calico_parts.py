"""The parts of Calico's hosted manifest that concern etcd, found, or everything that is missing said at once.

Names and wiring are the same from Calico v3.0 on (``manifests/calico-etcd.yaml`` of its releases). Workloads are told
by the container that runs in them. Nothing is changed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ringfence.errors import ManifestError, Place, Problem
from ringfence.render.manifest import Container, Resource, containers, duplicates, mounts_secret, variables
from ringfence.yamlio import nodes

CONFIG_MAP = "calico-config"
SECRET = "calico-etcd-secrets"  # noqa: S105 - the name of a Kubernetes Secret
MOUNT = "/calico-secrets"
"""Where the pods see the Secret, each of its keys as a file."""

SECRET_KEYS = {"etcd_ca": "etcd-ca", "etcd_cert": "etcd-cert", "etcd_key": "etcd-key"}
"""For each path in the ConfigMap the key of the Secret that it leads to."""

COMPACTION = "COMPACTION_PERIOD"
"""How often kube-controllers compacts etcd (Calico ``kube-controllers/pkg/config/runconfig.go``)."""

_VARIABLES = {
    "ETCD_ENDPOINTS": "etcd_endpoints",
    "ETCD_CA_CERT_FILE": "etcd_ca",
    "ETCD_CERT_FILE": "etcd_cert",
    "ETCD_KEY_FILE": "etcd_key",
}
"""Which key of the ConfigMap each variable is taken from."""

_NODE = "calico-node"
_CONTROLLERS = "calico-kube-controllers"

_RIGHT_ONE = "take calico-etcd.yaml of your Calico release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What there is to change: the settings, the Secret, and the two containers that read them."""

    config: Resource
    secret: Resource
    node: Container
    controllers: Container


def calico_parts(found: Sequence[Resource], file: str) -> Parts:
    """The parts of a manifest's resources.

    Args:
        found: all resources of the manifest.
        file: its name, for the places of problems.

    Raises:
        ManifestError: it is for another kind of installation, or parts are missing, ambiguous, or not wired together.
    """
    foreign = list(_operator(found)) or list(_canal(found)) or list(_kubernetes_datastore(found))
    if foreign:
        raise ManifestError(*foreign)
    configs, secrets = _named(found, "ConfigMap", CONFIG_MAP), _named(found, "Secret", SECRET)
    agents, controllers = _running(found, "DaemonSet", _NODE), _running(found, "Deployment", _CONTROLLERS)
    problems = [
        *_count(configs, f"ConfigMap {CONFIG_MAP}", file),
        *_count(secrets, f"Secret {SECRET}", file),
        *_count([where for where, _ in agents], f"DaemonSet with a container {_NODE}", file),
        *_count([where for where, _ in controllers], f"Deployment with a container {_CONTROLLERS}", file),
    ]
    for config in configs:
        problems += _unusable_config(config)
    for secret in secrets:
        problems += _unusable_secret(secret)
    for workload, container in (*agents, *controllers):
        problems += _unusable_workload(workload, container)
    if problems:
        raise ManifestError(*problems)
    return Parts(config=configs[0], secret=secrets[0], node=agents[0][1], controllers=controllers[0][1])


def _operator(found: Sequence[Resource]) -> Iterator[Problem]:
    for resource in found:
        if resource.group == "operator.tigera.io" or resource.name.endswith((".operator.tigera.io", "tigera-operator")):
            what = f"{resource} belongs to an operator installation of Calico, and these do not use etcd"
            yield Problem(what, resource.place, f"only hosted installations do: {_RIGHT_ONE}")
            return


def _canal(found: Sequence[Resource]) -> Iterator[Problem]:
    for resource in _named(found, "ConfigMap", "canal-config"):
        yield Problem("this is Canal's manifest, in which flannel needs etcd too", resource.place, _RIGHT_ONE)


def _kubernetes_datastore(found: Sequence[Resource]) -> Iterator[Problem]:
    hint = f"only the etcd datastore needs an etcd user: {_RIGHT_ONE}"
    for config in _named(found, "ConfigMap", CONFIG_MAP):
        if config.body.get("data", "etcd_endpoints") is None:
            what = f"{config} has no etcd_endpoints, as in manifests for the Kubernetes datastore"
            yield Problem(what, config.place, hint)
    for _, container in _running(found, "DaemonSet", _NODE):
        for variable in variables(container, "DATASTORE_TYPE"):
            if variable.text("value") == "kubernetes":
                place = Place(container.place.file, variable.extent.line)
                yield Problem("DATASTORE_TYPE is kubernetes: Calico does not use etcd here", place, hint)


def _named(found: Sequence[Resource], kind: str, name: str) -> list[Resource]:
    return [resource for resource in found if resource.kind == kind and resource.name == name]


def _running(found: Sequence[Resource], kind: str, container: str) -> list[tuple[Resource, Container]]:
    """The workloads of a kind with that container."""
    workloads = (resource for resource in found if resource.kind == kind)
    return [(where, inside) for where in workloads for inside in containers(where) if inside.name == container]


def _count(candidates: Sequence[Resource], looked_for: str, file: str) -> Iterator[Problem]:
    if not candidates:
        yield Problem(f"found no {looked_for}", Place(file), _RIGHT_ONE)
    for other in candidates[1:]:
        first = candidates[0].place.line
        yield Problem(f"found a second {looked_for}, the first is in line {first}", other.place, "leave only one")


def _unusable_config(config: Resource) -> Iterator[Problem]:
    yield from duplicates(config.body, config.place.file)
    yield from _not_texts(config, _VARIABLES.values())


def _unusable_secret(secret: Resource) -> Iterator[Problem]:
    yield from duplicates(secret.body, secret.place.file)
    data = secret.body.get("data")
    if (
        data is not None
        and not isinstance(data, nodes.Mapping)
        and not (isinstance(data, nodes.Scalar) and data.is_null)
    ):
        yield Problem(
            "this is no mapping", Place(secret.place.file, data.extent.line, "data"), "write key: value lines"
        )
    yield from _not_texts(secret, SECRET_KEYS.values())
    for name in SECRET_KEYS.values():
        shadow = secret.body.get("stringData", name)
        if shadow is not None:
            place = Place(secret.place.file, shadow.extent.line, f"stringData.{name}")
            yield Problem(f"this would win over data.{name}", place, "remove it")


def _not_texts(resource: Resource, names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        value = resource.body.get("data", name)
        if value is not None and not isinstance(value, nodes.Scalar):
            place = Place(resource.place.file, value.extent.line, f"data.{name}")
            yield Problem("this is no text", place, "write one text there")


def _unusable_workload(workload: Resource, container: Container) -> Iterator[Problem]:
    yield from duplicates(workload.body, workload.place.file)
    if not mounts_secret(workload, SECRET):
        what = f"{workload} has no volume with Secret {SECRET}, so its certificate would not be used"
        yield Problem(what, workload.place, _RIGHT_ONE)
    for name, key in _VARIABLES.items():
        sources = [variable.get("valueFrom", "configMapKeyRef") for variable in variables(container, name)]
        wired = [(ref.text("name"), ref.text("key")) for ref in sources if isinstance(ref, nodes.Mapping)]
        if wired != [(CONFIG_MAP, key)]:
            what = f"container {container.name} does not take {name} from ConfigMap {CONFIG_MAP}, key {key}"
            yield Problem(what, container.place, _RIGHT_ONE)
    for variable in variables(container, COMPACTION):
        if variable.get("valueFrom") is not None:
            place = Place(container.place.file, variable.extent.line)
            yield Problem(f"{COMPACTION} is taken from somewhere else", place, 'write value: "0" instead of valueFrom')
