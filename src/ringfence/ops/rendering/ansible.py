"""``render ansible``: the whole project, from the spec; which certificates it will ask for is checked before.

Values are decided here and in ``ringfence.render``; what Ansible does with them is in ``ringfence.render.ansible``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ringfence.errors import FileError, InputError, Place, Problem
from ringfence.ops.rendering.calico_on_hosts import CalicoOnHosts, calico_on_hosts
from ringfence.ops.rendering.configuration import ApiserverForm, enables_gateway, enables_v2, render_kube_apiserver
from ringfence.ops.telling import Advance
from ringfence.render.ansible.foreign import inventory_problems
from ringfence.render.ansible.inventory import Host, Value, inventory_yaml
from ringfence.render.ansible.jinja import FOLDER, ROOT, template
from ringfence.render.ansible.pairs import named_pair
from ringfence.render.ansible.static import static_files
from ringfence.render.ansible.variables import common, group_vars
from ringfence.render.etcd.forms import ENVIRONMENT_FILE, YAML_FILE, member_files
from ringfence.spec.naming import member_files as certificates_of
from ringfence.spec.shape import KubeApiserver, Spec, StorageBackend
from ringfence.yamlio.dump import Plain

_MOST = 10
"""More certificates than these are not named one by one."""

_MARKERS = {str(ROOT): "ringfence_root", str(FOLDER): "ringfence_root ~ ringfence_folder"}


def render_ansible(
    spec: Spec, out: Path, inventory: Path | None = None, advance: Advance = lambda _done, _all: None
) -> dict[str, str]:
    """The files of the project, by their path below ``out``; nothing is written.

    Args:
        spec: with members, or with nodes and a Calico.
        out: where it will be written; the spec and its pki folder are named relative to it.
        inventory: what ``ansible-inventory --list`` writes of an inventory that is to be compared with the spec.
        advance: is told how many certificates were looked for.

    Raises:
        InputError: the spec has nothing for any host or does not say where certificates lie there, a host has two
            addresses, health is only told over TLS, the inventory differs from it, or keys are made on the nodes.
        FileError: certificates are missing, or the inventory cannot be read.
    """
    members = [_member(spec, number) for number in range(len(spec.cluster.members))]
    calico = calico_on_hosts(spec, _folder(spec))
    apiservers = [each for each in spec.components if isinstance(each, KubeApiserver)]
    hosts = {"etcd": members, "calico_nodes": list(calico.nodes)}
    expected = {group: [host.name for host in found] for group, found in hosts.items()}
    _check(spec, hosts, expected, inventory)
    names = {*_member_certificates(spec), *calico.certificates, *(a.identity for a in apiservers)}
    _check_certificates(spec, names, advance)
    return {
        **static_files(),
        "inventory/ringfence.yml": inventory_yaml(hosts),
        **_group_vars(spec, out, calico, apiservers, expected),
        **{f"templates/etcd/{name}.conf.yml.j2": text for name, text in _etcd(spec)},
        **calico.templates,
        **{f"templates/kube-apiserver/{name}.j2": text for name, text in _apiserver_templates(spec, apiservers)},
    }


def _folder(spec: Spec) -> PurePosixPath:
    """Where certificates lie on the hosts: not where they are here, so the spec must say it."""
    if spec.cluster.paths_pki is None:
        hint = "add paths: {pki: /etc/etcd/pki} under cluster"
        what = "the spec does not say where certificates lie on the hosts"
        raise InputError.of(what, place=spec.cluster.place, hint=hint)
    return spec.cluster.paths_pki


def _member(spec: Spec, number: int) -> Host:
    member = spec.cluster.members[number]
    variables: dict[str, Value] = {
        "etcd_member_name": member.name,
        "etcd_member_data": str(member.data_dir),
        "etcd_member_metrics": member.metrics,
        "etcd_member_certificates": [named_pair(name) for name in certificates_of(member)],
    }
    return Host(member.name, member.hosts[0], variables)


def _member_certificates(spec: Spec) -> Iterator[str]:
    for member in spec.cluster.members:
        yield from certificates_of(member)


def _group_vars(
    spec: Spec,
    out: Path,
    calico: CalicoOnHosts,
    apiservers: list[KubeApiserver],
    expected: Mapping[str, list[str]],
) -> dict[str, str]:
    shared = common(
        spec=_seen_from(out, Path(spec.file)),
        pki=_seen_from(out, spec.pki.directory),
        folder=str(_folder(spec)),
        expected=expected,
    )
    folders: dict[str, str] = {str(each.identity): str(each.files or _folder(spec)) for each in apiservers}
    own: dict[str, str] = {"kube_apiserver_identity": apiservers[0].identity} if len(apiservers) == 1 else {}
    groups: dict[str, Mapping[str, Plain]] = {
        "all": shared,
        "calico_nodes": calico.group,
        "kube_controllers": calico.controllers,
        "kube_apiservers": {**own, "kube_apiserver_folders": folders} if apiservers else {},
    }
    return {f"group_vars/{name}/00-ringfence.yml": group_vars(values) for name, values in groups.items() if values}


def _seen_from(out: Path, path: Path) -> str:
    """``path`` as playbooks name it, so that both can be moved together."""
    return f"{{{{ playbook_dir }}}}/{os.path.relpath(path.absolute(), out.absolute())}"


def _etcd(spec: Spec) -> Iterator[tuple[str, str]]:
    """The configuration file of each member; the hint at its other forms is left out, as they are not installed."""
    members = spec.cluster.members
    for member in members:
        files = member_files(
            cluster=spec.cluster.name,
            members=members,
            member=replace(member, data_dir=ROOT / member.data_dir.relative_to("/")),
            pki=FOLDER,
            gateway=enables_gateway(spec),
            v2=enables_v2(spec),
        )
        lines = files[YAML_FILE].splitlines(keepends=True)
        yield member.name, template("".join(line for line in lines if ENVIRONMENT_FILE not in line), _MARKERS)


def _apiserver_templates(spec: Spec, apiservers: list[KubeApiserver]) -> Iterator[tuple[str, str]]:
    for component in apiservers:
        # Paths of an API server are those in its pod or unit, and a host that is a folder runs neither.
        there = replace(component, files=component.files or _folder(spec))
        flags = render_kube_apiserver(spec, there, ApiserverForm.FLAGS)
        yield f"{component.identity}.flags", template(flags, _MARKERS)
        if component.backend is StorageBackend.ETCD3:
            kubeadm = render_kube_apiserver(spec, there, ApiserverForm.KUBEADM)
            yield f"{component.identity}.kubeadm.yaml", template(kubeadm, _MARKERS)


def _check(
    spec: Spec, hosts: Mapping[str, list[Host]], expected: Mapping[str, list[str]], inventory: Path | None
) -> None:
    apiserver = any(isinstance(each, KubeApiserver) for each in spec.components)
    if not (any(hosts.values()) or apiserver):
        hint = "add cluster.members, or nodes, each with its name and address"
        raise InputError.of("the spec names no hosts to set up", place=spec.cluster.place, hint=hint)
    if spec.pki.external is not None and spec.pki.external.keys_on_node:
        hint = "install what certs accept took with its own archives, or let keys be made here"
        raise InputError.of("keys are made on the nodes, so there is none to install", place=spec.pki.place, hint=hint)
    problems = [*_two_addresses(spec, hosts), *_unasked(spec)]
    if inventory is not None:
        try:
            text = inventory.read_bytes()
        except OSError as error:
            raise FileError.of(f"cannot be read: {error.strerror}", place=Place(str(inventory))) from None
        problems += inventory_problems(text, str(inventory), expected)
    if problems:
        raise InputError(*problems)


def _two_addresses(spec: Spec, hosts: Mapping[str, list[Host]]) -> Iterator[Problem]:
    """A machine may be member and node, under one name in the inventory, and then it is one machine."""
    members = {member.name: member for member in spec.cluster.members}
    for node in spec.nodes:
        member = members.get(node.name)
        if (
            member is not None
            and node.address is not None
            and node.address != member.hosts[0]
            and hosts["calico_nodes"]
        ):
            what = f"{node.name} is reached at {node.address}, and the member of that name at {member.hosts[0]}"
            yield Problem(what, node.place, "one machine has one address in the inventory: give both the same")


def _unasked(spec: Spec) -> Iterator[Problem]:
    """Members are restarted one by one, which needs their health, and that is asked on their own host without TLS."""
    for member in spec.cluster.members:
        if not member.metrics.startswith("http:"):
            what = f"the health of {member.name} cannot be asked at {member.metrics}"
            hint = "listen on loopback without TLS for it: metrics: http://127.0.0.1:2381"
            yield Problem(what, spec.cluster.place, hint)


def _check_certificates(spec: Spec, names: set[str], advance: Advance) -> None:
    folder = spec.pki.directory
    files = sorted({"ca.pem", *(f"{name}{ending}" for name in names for ending in (".pem", "-key.pem"))})
    missing = []
    for done, file in enumerate(files, 1):
        if not (folder / file).is_file():
            missing.append(file)
        advance(done, len(files))
    if not missing:
        return
    hint = "ringfence certs issue makes what is missing"
    problems = [Problem("there is no such file", Place(str(folder / file)), hint) for file in missing[:_MOST]]
    if len(missing) > _MOST:
        problems.append(Problem(f"and {len(missing) - _MOST} more files are missing", Place(str(folder)), hint))
    raise FileError(*problems)
