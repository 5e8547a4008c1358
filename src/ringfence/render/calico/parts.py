"""The parts of Calico's hosted manifest that concern etcd, found, or everything that is missing said at once.

Names and wiring are the same from Calico v2.5 on (``calico-etcd.yaml`` and ``canal-etcd.yaml`` of its releases, of v2
``calico.yaml``), but for the installer of the CNI plugin, a second container up to v3.5, in canal with a longer name;
and for kube-controllers, in v2.5 the policy controller, of which v2.6 keeps a Deployment without pods.
Workloads are told by the container that runs in them. Nothing is changed here.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ringfence.errors import ManifestError, Place, Problem
from ringfence.render.datastore import Datastore
from ringfence.render.manifests.manifest import (
    Container,
    Resource,
    containers,
    duplicates,
    mounts_secret,
    named,
    not_texts,
    variables,
)
from ringfence.yamlio import nodes

SECRET = "calico-etcd-secrets"  # noqa: S105 - the name of a Kubernetes Secret
MOUNT = "/calico-secrets"
"""Where the pods see the Secret, each of its keys as a file."""

SECRET_KEYS = {"etcd_ca": "etcd-ca", "etcd_cert": "etcd-cert", "etcd_key": "etcd-key"}
"""For each path in the ConfigMap the key of the Secret that it leads to."""

COMPACTION = "COMPACTION_PERIOD"
"""How often kube-controllers compacts etcd (Calico ``kube-controllers/pkg/config/runconfig.go``)."""

NETWORK_CONFIG = "/coreos.com/network/config"
"""The key with flannel's network (flannel ``main.go``, ``--etcd-prefix``)."""

_CALICO_CONFIG, _CANAL_CONFIG = "calico-config", "canal-config"


class Part(enum.Enum):
    """A program of Calico with an identity of its own; the value is the container that it runs in."""

    NODE = "calico-node"
    CNI = "install-cni"
    CONTROLLERS = "calico-kube-controllers"
    FLANNEL = "flannel"


_KINDS = {Part.CONTROLLERS: "Deployment"}
_CONTAINERS = {Part.CNI: ("install-cni", "install-calico-cni")}
_POLICY_CONTROLLER = "calico-policy-controller"

_ETCD = {
    "ETCD_ENDPOINTS": "etcd_endpoints",
    "ETCD_CA_CERT_FILE": "etcd_ca",
    "ETCD_CERT_FILE": "etcd_cert",
    "ETCD_KEY_FILE": "etcd_key",
}
_VARIABLES = {
    Part.NODE: _ETCD,
    Part.CNI: {"ETCD_ENDPOINTS": "etcd_endpoints"},
    Part.CONTROLLERS: _ETCD,
    Part.FLANNEL: {
        "FLANNELD_ETCD_ENDPOINTS": "etcd_endpoints",
        "FLANNELD_ETCD_CAFILE": "etcd_ca",
        "FLANNELD_ETCD_CERTFILE": "etcd_cert",
        "FLANNELD_ETCD_KEYFILE": "etcd_key",
    },
}
"""Which key of the ConfigMap each variable is taken from. The installer of the CNI plugin knows the names of its files
(Calico ``cni-plugin/pkg/install/install.go``)."""

_PATHS_OF_CNI = ("etcd_ca_cert_file", "etcd_cert_file", "etcd_key_file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a part runs: a container of a workload."""

    part: Part
    workload: Resource
    container: Container


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What there is to change: the settings, the Secret of the release (None where it is gone), and the programs.

    ``jobs`` write flannel's network; only canal has one.
    """

    config: Resource
    secret: Resource | None
    seats: tuple[Seat, ...]
    jobs: tuple[Seat, ...]

    def seat(self, part: Part) -> Seat:
        """The one seat of a part that the manifest was searched for."""
        return next(seat for seat in self.seats if seat.part is part)


def calico_parts(
    found: Sequence[Resource],
    file: str,
    *,
    canal: bool,
    separate: bool,
    datastore: Datastore = Datastore.ETCD_V3,
) -> Parts:
    """The parts of a manifest's resources.

    Args:
        found: all resources of the manifest.
        file: its name, for the places of problems.
        canal: whether it should be canal's, with flannel; else Calico's own.
        separate: whether each part is to have an identity of its own; else all use the one Secret of the release.
        datastore: the store that the release should keep its data in.

    Raises:
        ManifestError: it is for another kind of installation, or parts are missing, ambiguous, or not wired together.
    """
    config_map, wanted = _names(canal=canal, datastore=datastore)
    foreign = list(_operator(found, wanted)) or list(_other_network(found, wanted, canal=canal))
    foreign = foreign or list(_kubernetes_datastore(found, config_map, wanted))
    foreign = foreign or list(_other_store(found, datastore))
    if foreign:
        raise ManifestError(*foreign)
    configs, secrets = named(found, "ConfigMap", config_map), named(found, "Secret", SECRET)
    needed = [Part.NODE, Part.CONTROLLERS]
    needed += [Part.CNI] if separate else []
    needed += [Part.FLANNEL] if canal else []
    seats = {part: _running(found, part, datastore) for part in Part if part in needed}
    jobs = _jobs(found) if canal else []
    problems = [*_count(configs, f"ConfigMap {config_map}", file, wanted)]
    if not separate or len(secrets) > 1:
        problems += _count(secrets, f"Secret {SECRET}", file, wanted)
    for part, running in seats.items():
        looked_for = f"{_KINDS.get(part, 'DaemonSet')} with a container {part.value}"
        problems += _count([seat.workload for seat in running], looked_for, file, wanted)
    for config in configs:
        problems += _unusable_config(config, separate=separate)
    for workload in {id(seat.workload): seat.workload for running in seats.values() for seat in running}.values():
        problems += _unusable_workload(workload, wanted, separate=separate)
    for seat in (seat for running in seats.values() for seat in running):
        problems += _unwired(seat, config_map, wanted)
    for job in jobs:
        problems += duplicates(job.workload.body, file)
    if problems:
        raise ManifestError(*problems)
    return Parts(
        config=configs[0],
        secret=secrets[0] if secrets else None,
        seats=tuple(running[0] for running in seats.values()),
        jobs=tuple(jobs),
    )


def _names(*, canal: bool, datastore: Datastore) -> tuple[str, str]:
    """The name of the ConfigMap, and the advice to take the right manifest."""
    own = "calico-etcd.yaml" if datastore is Datastore.ETCD_V3 else "calico.yaml"
    config_map, release = (_CANAL_CONFIG, "canal-etcd.yaml") if canal else (_CALICO_CONFIG, own)
    return config_map, f"take {release} of your Calico release"


def _operator(found: Sequence[Resource], wanted: str) -> Iterator[Problem]:
    for resource in found:
        if resource.group == "operator.tigera.io" or resource.name.endswith((".operator.tigera.io", "tigera-operator")):
            what = f"{resource} belongs to an operator installation of Calico, and these do not use etcd"
            yield Problem(what, resource.place, f"only hosted installations do: {wanted}")
            return


def _other_network(found: Sequence[Resource], wanted: str, *, canal: bool) -> Iterator[Problem]:
    other = _CALICO_CONFIG if canal else _CANAL_CONFIG
    whose = "Calico's own manifest, without flannel" if canal else "Canal's manifest, in which flannel needs etcd too"
    for resource in named(found, "ConfigMap", other):
        hint = f"{wanted}, or write network: {'calico' if canal else 'canal'} in the spec"
        yield Problem(f"this is {whose}", resource.place, hint)


def _kubernetes_datastore(found: Sequence[Resource], config_map: str, wanted: str) -> Iterator[Problem]:
    hint = f"only the etcd datastore needs an etcd user: {wanted}"
    for config in named(found, "ConfigMap", config_map):
        if config.body.get("data", "etcd_endpoints") is None:
            what = f"{config} has no etcd_endpoints, as in manifests for the Kubernetes datastore"
            yield Problem(what, config.place, hint)
    for seat in _running(found, Part.NODE):
        for variable in variables(seat.container, "DATASTORE_TYPE"):
            if variable.text("value") == "kubernetes":
                place = Place(seat.container.place.file, variable.extent.line)
                yield Problem("DATASTORE_TYPE is kubernetes: Calico does not use etcd here", place, hint)


def _other_store(found: Sequence[Resource], datastore: Datastore) -> Iterator[Problem]:
    """The users of one store mean nothing to the other, so Calico would be locked out."""
    for seat in _running(found, Part.NODE):
        version = seat.container.version
        if version is not None and Datastore.of_calico(version) is not datastore:
            names = {Datastore.ETCD_V2: "v2", Datastore.ETCD_V3: "v3"}
            there, here = names[Datastore.of_calico(version)], names[datastore]
            what = f"this is Calico {version}, which keeps its data in etcd {there}, and the spec's Calico in {here}"
            yield Problem(what, seat.container.place, f'write calico: "{version.major}.{version.minor}" in the spec')


def _running(found: Sequence[Resource], part: Part, datastore: Datastore = Datastore.ETCD_V3) -> list[Seat]:
    """Where a part runs."""
    kind, names = _KINDS.get(part, "DaemonSet"), _CONTAINERS.get(part, (part.value,))
    if part is Part.CONTROLLERS and datastore is Datastore.ETCD_V2:
        names = (*names, _POLICY_CONTROLLER)
    return [
        Seat(part=part, workload=workload, container=container)
        for workload in found
        for container in (containers(workload) if workload.kind == kind else ())
        if container.name in names and not _is_retired(workload, container)
    ]


def _is_retired(workload: Resource, container: Container) -> bool:
    """Whether this is the policy controller that kube-controllers took the place of."""
    return container.name == _POLICY_CONTROLLER and workload.body.text("spec", "replicas") == "0"


def _jobs(found: Sequence[Resource]) -> list[Seat]:
    """The Jobs that write flannel's network, for which they need what flannel may."""
    return [
        Seat(part=Part.FLANNEL, workload=workload, container=container)
        for workload in found
        for container in (containers(workload) if workload.kind == "Job" else ())
        if container.name == "configure-flannel" or _says(container, NETWORK_CONFIG)
    ]


def _says(container: Container, word: str) -> bool:
    lists = (container.body.get(field) for field in ("command", "args"))
    items = [item for each in lists if isinstance(each, nodes.Sequence) for item in each]
    return any(isinstance(item, nodes.Scalar) and word in item.text for item in items)


def _count(candidates: Sequence[Resource], looked_for: str, file: str, wanted: str) -> Iterator[Problem]:
    if not candidates:
        yield Problem(f"found no {looked_for}", Place(file), wanted)
    for other in candidates[1:]:
        first = candidates[0].place.line
        yield Problem(f"found a second {looked_for}, the first is in line {first}", other.place, "leave only one")


def _unusable_config(config: Resource, *, separate: bool) -> Iterator[Problem]:
    yield from duplicates(config.body, config.place.file)
    yield from not_texts(config, _ETCD.values())
    template = config.body.get("data", "cni_network_config")
    if separate and isinstance(template, nodes.Scalar):
        for name in (name for name in _PATHS_OF_CNI if name not in template.text):
            place = Place(config.place.file, template.extent.line, "data.cni_network_config")
            hint = f'write "{name}": "__{name.upper()}__" beside "etcd_endpoints"'
            yield Problem(f"it does not say {name}, so the CNI plugin would have no certificate", place, hint)


def _unusable_workload(workload: Resource, wanted: str, *, separate: bool) -> Iterator[Problem]:
    yield from duplicates(workload.body, workload.place.file)
    if not separate and not mounts_secret(workload, SECRET):
        what = f"{workload} has no volume with Secret {SECRET}, so its certificate would not be used"
        yield Problem(what, workload.place, wanted)


def _unwired(seat: Seat, config_map: str, wanted: str) -> Iterator[Problem]:
    container = seat.container
    for name, key in _VARIABLES[seat.part].items():
        sources = [variable.get("valueFrom", "configMapKeyRef") for variable in variables(container, name)]
        wired = [(ref.text("name"), ref.text("key")) for ref in sources if isinstance(ref, nodes.Mapping)]
        if wired != [(config_map, key)]:
            what = f"container {container.name} does not take {name} from ConfigMap {config_map}, key {key}"
            yield Problem(what, container.place, wanted)
    for name in (COMPACTION,) if seat.part is Part.CONTROLLERS else ():
        for variable in variables(container, name):
            if variable.get("valueFrom") is not None:
                place = Place(container.place.file, variable.extent.line)
                yield Problem(f"{name} is taken from somewhere else", place, 'write value: "0" instead of valueFrom')
    for variable in variables(container, "TLS_ASSETS_DIR") if seat.part is Part.CNI else ():
        if variable.text("value") != MOUNT:
            place = Place(container.place.file, variable.extent.line)
            yield Problem(f"TLS_ASSETS_DIR is not {MOUNT}", place, "remove the variable and mount the Secret there")
