"""What of Calico the rendered Ansible project installs: on each node, and where kube-controllers run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ringfence.errors import InputError, Problem
from ringfence.model.names import NodeName, UserName
from ringfence.render.ansible.inventory import Host, Value
from ringfence.render.ansible.jinja import FOLDER, HOST, IDENTITY, template
from ringfence.render.ansible.pairs import named_pair
from ringfence.render.cni import cni_conf_of_calico_2, cni_conflist
from ringfence.render.datastore import Datastore
from ringfence.render.environment import Program, environment
from ringfence.spec.services import CONTROLLERS, FELIX, NODE, Runs
from ringfence.spec.shape import Calico, CalicoPart, Spec
from ringfence.spec.ways import Delivery, Way
from ringfence.yamlio.dump import Plain

_PROGRAMS = ("calico/node", "calico/cni", "calico/kube-controllers")
_OF_NODES = {NODE: "calico_node", FELIX: "calico_node"}
_OF_CONTROLLERS = {CONTROLLERS: "kube_controllers"}
_IMAGES = {NODE: "quay.io/calico/node", CONTROLLERS: "quay.io/calico/kube-controllers"}
_IN_FOLDER = {"certificate": "etcd-cert", "key": "etcd-key"}
"""What the pods of a manifest with ``deliver: hostpath`` look for, beside ``etcd-ca``."""

_EXTRA = """\
{% for name, value in calico_node_extra_env.items() %}
{{ name }}={{ value }}
{% endfor %}
"""
"""The operator's own variables, below ours."""

_WITH_EXTRA = frozenset({"calico-node.env", "felix.env"})

_OF_CALICO_2 = {"calico_node_conflist": "/etc/cni/net.d/10-calico.conf"}
"""Its plugin is configured by a file for one plugin, not by a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalicoOnHosts:
    """All of it; empty where the spec has no Calico, or has its certificates delivered in another way.

    Args:
        nodes: the hosts, each with the certificates that it gets.
        group: variables of all nodes.
        controllers: variables of the hosts that run kube-controllers.
        templates: files of the project.
        certificates: the names of every certificate that is installed.
    """

    nodes: tuple[Host, ...] = ()
    group: Mapping[str, Plain] = field(default_factory=dict)
    controllers: Mapping[str, Plain] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    certificates: frozenset[str] = frozenset()


def calico_on_hosts(spec: Spec, folder: PurePosixPath) -> CalicoOnHosts:
    """What is installed of the spec's Calico.

    Args:
        spec: the spec.
        folder: where certificates lie on the hosts, unless they are delivered to a manifest.

    Raises:
        InputError: an environment file cannot hold an endpoint or a path, or a program is to run on nodes and there are
            none.
    """
    component = next((each for each in spec.components if isinstance(each, Calico)), None)
    if component is None:
        return CalicoOnHosts()
    _check_nodes(spec, component)
    deliver = component.deliver
    by_manifest = deliver is not None and deliver.way is Way.HOSTPATH
    if deliver is not None and deliver.way is not Way.SECRET and not by_manifest:
        return CalicoOnHosts()
    node, cni, controllers = (_part(component, name) for name in _PROGRAMS)
    hosts = tuple(
        Host(each.name, each.address, _of_node(node, cni, each.name, folder, deliver if by_manifest else None))
        for each in spec.nodes
    )
    used = {part.name_on(each.name) for each in spec.nodes for part in (node, cni)}
    return CalicoOnHosts(
        nodes=hosts,
        group={
            "calico_node_by_manifest": by_manifest,
            "calico_node_folder": str(folder),
            **_started(component, _OF_NODES),
            **({} if Datastore.of_calico(component.version) is Datastore.ETCD_V3 else _OF_CALICO_2),
        },
        controllers={
            "kube_controllers_folder": str(folder),
            "kube_controllers_certificate": controllers.identity,
            "kube_controllers_certificates": [named_pair(controllers.identity)],
            **_started(component, _OF_CONTROLLERS),
        },
        templates=_templates(spec, component, by_manifest=by_manifest),
        certificates=frozenset({*used, controllers.identity}),
    )


def _check_nodes(spec: Spec, component: Calico) -> None:
    """With identities that nodes share the spec need not name nodes, but then there is no host to start anything on."""
    hint = "add nodes: [{name: NODE, address: 10.0.1.1}], or nodes: {file: nodes.txt}"
    problems = [
        Problem(f"{program} is to run on hosts, and the spec names no nodes", service.place, hint)
        for program, service in component.services.items()
        if program in _OF_NODES and not spec.nodes
    ]
    if problems:
        raise InputError(*problems)


def _started(component: Calico, variables: Mapping[str, str]) -> dict[str, Plain]:
    """The variables that say how programs are started; none where the spec leaves that to the operator.

    Args:
        component: the spec's Calico.
        variables: what the variables of each program begin with.
    """
    found: dict[str, Plain] = {}
    for program, service in component.services.items():
        if program in variables:
            prefix = variables[program]
            found[f"{prefix}_service"] = FELIX if program == FELIX else service.runs.value
            if service.runs is Runs.CONTAINER and (image := service.image or _released(component, program)):
                found[f"{prefix}_image"] = image
    return found


def _released(component: Calico, program: str) -> str | None:
    """The image of Calico's release; None where the spec does not say which that is."""
    version = component.version
    return None if version is None or version.patch is None else f"{_IMAGES[program]}:v{version}"


def _part(component: Calico, name: str) -> CalicoPart:
    """The identity that a program has, or shares with all of Calico."""
    return component.part_of(name) or component.parts[0]


def _of_node(
    node: CalicoPart, cni: CalicoPart, name: NodeName, folder: PurePosixPath, deliver: Delivery | None
) -> dict[str, Value]:
    """What one node is told."""
    own, plugin = node.name_on(name), cni.name_on(name)
    installed: list[Value] = []
    if deliver is None:
        pairs = [named_pair(each) for each in dict.fromkeys((own, plugin))]
        installed.append({"folder": str(folder), "ca": "ca.pem", "pairs": pairs})
    else:
        for program, identity in (("node", own), ("cni", plugin)):
            pair = {"name": identity, **_IN_FOLDER}
            installed.append({"folder": str(deliver.host / program), "ca": "etcd-ca", "pairs": [pair]})
    return {
        "calico_node_certificate": own,
        "calico_cni_certificate": plugin,
        "calico_node_certificates": installed,
    }


def _templates(spec: Spec, component: Calico, *, by_manifest: bool) -> dict[str, str]:
    names: dict[str, str] = {"kube-controllers.env": "kube_controllers_certificate"}
    if not by_manifest:
        names |= {
            "calico-node.env": "calico_node_certificate",
            "felix.env": "calico_node_certificate",
            "10-calico.conflist": "calico_cni_certificate",
        }
    texts = dict(_texts(spec, component))
    markers = {str(FOLDER): "ringfence_root ~ ringfence_folder", HOST: "inventory_hostname"}
    return {
        f"templates/calico/{file}.j2": template(texts[file], {**markers, IDENTITY: variable})
        + (_EXTRA if file in _WITH_EXTRA else "")
        for file, variable in names.items()
    }


def _texts(spec: Spec, component: Calico) -> Iterator[tuple[str, str]]:
    endpoints, identity = spec.cluster.endpoints, UserName(IDENTITY)
    store, is_canal = Datastore.of_calico(component.version), component.network == "canal"
    if store is Datastore.ETCD_V2:
        plugin = cni_conf_of_calico_2(endpoints=endpoints, folder=FOLDER, identity=identity)
    else:
        plugin = cni_conflist(endpoints=endpoints, folder=FOLDER, identity=identity, canal=is_canal, nodename=HOST)
    yield "10-calico.conflist", plugin
    programs = {
        "calico-node.env": Program.NODE,
        "felix.env": Program.FELIX,
        "kube-controllers.env": Program.CONTROLLERS,
    }
    for file, program in programs.items():
        try:
            yield (
                file,
                environment(program, endpoints=endpoints, folder=FOLDER, identity=identity, datastore=store),
            )
        except ValueError as error:
            raise InputError.of(str(error), place=spec.cluster.place, hint="write plain endpoints") from None
