"""Calico's manifest with certificates that come by a folder, an agent or cert-manager: what changes, and what not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath

import pytest

from ringfence.errors import ManifestError
from ringfence.render.calico.agent import CA, PAIR, Agent, Draws
from ringfence.render.calico.cert_manager import secret_source
from ringfence.render.calico.delivered import APART, AgentPod, Delivered, Names
from ringfence.render.calico.delivery import patch_calico_delivery
from ringfence.render.calico.parts import Part
from ringfence.render.manifests.manifest import containers, mounts, named, resources, variables, volumes
from ringfence.render.manifests.patch import Patched
from ringfence.yamlio.nodes import Mapping as Node

from . import component_manifests as own

_ENDPOINTS = ("https://10.0.0.1:2379",)
_MEMORY = {"emptyDir": {"medium": "Memory"}}
_AT = PurePosixPath("/ringfence")


def _agent(*draws: Draws, server_ca: str | None = None, address: str = "https://bao.example:8200") -> Agent:
    return Agent(
        address=address,
        server_ca=server_ca,
        namespace=None,
        pki="pki",
        login="jwt-etcd",
        login_role="ringfence-calico-node",
        token=_AT / "token" / "token",
        life=timedelta(hours=1),
        draws=draws,
        folder=_AT / "config",
    )


def _draws(identity: str, folder: str) -> Draws:
    return Draws(identity=identity, role=f"role-{identity}", by_node=True, folder=_AT / folder)


def _pod(name: str, *draws: Draws, address: str = "https://bao.example:8200") -> AgentPod:
    return AgentPod(
        agent=_agent(*draws, address=address),
        config_map=name,
        image="bao:1",
        program="bao",
        audience="openbao",
        writes=draws[0].folder,
        mounts={f"volume-{each.identity}": str(each.folder) for each in draws[1:]},
        user=0,
    )


HOSTPATH = Delivered(
    endpoints=_ENDPOINTS,
    names=APART,
    sources={Part.NODE: {"hostPath": {"path": "/etc/calico/etcd/node", "type": "Directory"}}},
    cni=PurePosixPath("/etc/calico/etcd/cni"),
)
AGENT = Delivered(
    endpoints=_ENDPOINTS,
    names=Names(CA, PAIR, PAIR),
    sources={Part.NODE: _MEMORY, Part.CONTROLLERS: _MEMORY},
    cni=PurePosixPath("/etc/calico/etcd/cni"),
    agents={
        Part.NODE: _pod("node-agent", _draws("calico-node", "node"), _draws("calico-cni", "cni")),
        Part.CONTROLLERS: _pod("controllers-agent", _draws("kube-controllers", "controllers")),
    },
)
CERT_MANAGER = Delivered(
    endpoints=_ENDPOINTS,
    names=APART,
    sources={part: secret_source(part.value, 0o400) for part in Part if part is not Part.FLANNEL},
    cni=None,
)
ALL = {"hostpath": HOSTPATH, "agent": AGENT, "cert-manager": CERT_MANAGER}


def _patch(text: str, delivered: Delivered) -> Patched:
    return patch_calico_delivery(text, "c.yaml", delivered, with_keys=True)


def _behind(text: str) -> dict[str, Node]:
    """For each container the volume that it sees at the usual path."""
    found: dict[str, Node] = {}
    for workload in resources(text, "c.yaml"):
        by_name = {volume.text("name"): volume for volume in volumes(workload)}
        for container in containers(workload):
            for mount in mounts(container, "/calico-secrets"):
                found[container.name] = by_name[mount.text("name")]
    return found


@pytest.mark.parametrize("text", [own.HOSTED, own.OLD])
@pytest.mark.parametrize("delivered", ALL.values(), ids=ALL)
def test_a_second_time_changes_nothing(text: str, delivered: Delivered) -> None:
    """Whatever the way, and where install-cni is a container that stays."""
    once = _patch(text, delivered)
    assert once.changes
    assert (once.text, ()) == (_patch(once.text, delivered).text, _patch(once.text, delivered).changes)


@pytest.mark.parametrize("text", [own.HOSTED, own.OLD])
def test_a_folder_of_the_node_is_mounted(text: str) -> None:
    """calico-node sees it; the installer sees nothing, and the plugin is told the folder."""
    done = _patch(text, HOSTPATH).text
    behind = _behind(done)
    assert {"calico-node", "calico-kube-controllers"} == set(behind)
    assert "/etc/calico/etcd/node" == behind["calico-node"].text("hostPath", "path")
    assert "Directory" == behind["calico-node"].text("hostPath", "type")
    (config,) = named(resources(done, "c.yaml"), "ConfigMap", "calico-config")
    template = config.body.text("data", "cni_network_config") or ""
    for name in ("etcd-ca", "etcd-cert", "etcd-key"):
        assert f'"/etc/calico/etcd/cni/{name}"' in template
    assert "__ETCD_ENDPOINTS__" in template
    assert "FILE__" not in template


def test_an_agent_stands_beside_each_program() -> None:
    """One that ends before the others start, one that stays, both with the folders that they write to."""
    done = _patch(own.HOSTED, AGENT).text
    for kind, folders in (("DaemonSet", {"/ringfence/node"}), ("Deployment", {"/ringfence/controllers"})):
        (workload,) = (each for each in resources(done, "c.yaml") if each.kind == kind)
        names = [container.name for container in containers(workload)]
        # Before install-cni, whose configuration of the plugin names what the agent writes.
        assert "etcd-agent-first" == names[0]
        assert "etcd-agent" == names[-1]
        for container in containers(workload):
            if not container.name.startswith("etcd-agent"):
                continue
            (node,) = variables(container, "NODE_NAME")
            assert "spec.nodeName" == node.text("valueFrom", "fieldRef", "fieldPath")
            assert all(mounts(container, folder) for folder in ("/ringfence/config", "/ringfence/token", *folders))
    assert "Memory" == _behind(done)["calico-node"].text("emptyDir", "medium")


def test_both_paths_name_the_one_file() -> None:
    """So that key and certificate are always of one renewal; the CA is apart, for etcd's client reads it whole."""
    (config,) = named(resources(_patch(own.HOSTED, AGENT).text, "c.yaml"), "ConfigMap", "calico-config")
    paths = [config.body.text("data", name) for name in ("etcd_cert", "etcd_key", "etcd_ca")]
    assert ["/calico-secrets/etcd.pem", "/calico-secrets/etcd.pem", "/calico-secrets/etcd-ca"] == paths


def test_another_address_changes_the_configuration_in_place() -> None:
    """An agent that is there is not added again."""
    other = _pod("node-agent", _draws("calico-node", "node"), _draws("calico-cni", "cni"), address="https://other:8200")
    once = _patch(own.HOSTED, AGENT).text
    moved = Delivered(
        endpoints=AGENT.endpoints,
        names=AGENT.names,
        sources=AGENT.sources,
        cni=AGENT.cni,
        agents={**AGENT.agents, Part.NODE: other},
    )
    again = _patch(once, moved)
    assert ["first.hcl", "always.hcl"] == [
        change.split(": ")[1].removesuffix(" is another") for change in again.changes
    ]
    (config,) = named(resources(again.text, "c.yaml"), "ConfigMap", "node-agent")
    assert '"https://other:8200"' in (config.body.text("data", "always.hcl") or "")


def test_secrets_of_cert_manager_have_the_usual_names() -> None:
    """Each program sees its own Secret, its keys under the names that Calico's installer knows."""
    behind = _behind(_patch(own.HOSTED, CERT_MANAGER).text)
    assert {part.value for part in CERT_MANAGER.sources} == set(behind)
    for name, volume in behind.items():
        assert name == volume.text("secret", "secretName")


def test_a_manifest_without_the_mount_is_refused() -> None:
    """It works; calico-node mounts nothing there; it refuses."""
    _patch(own.HOSTED, HOSTPATH)
    broken = own.HOSTED.replace("mountPath: /calico-secrets", "mountPath: /elsewhere")
    with pytest.raises(ManifestError, match="container calico-node mounts nothing at /calico-secrets"):
        _patch(broken, HOSTPATH)
