"""``render calico --deliver openbao-agent --out DIR``: beside the manifest what the server and its agents are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.ops.certs.life import drawn_life
from ringfence.ops.certs.pods import NO_ACCESSOR, trust_of
from ringfence.ops.rendering.calico import calico
from ringfence.ops.rendering.delivery import PROGRAMS, by_agent
from ringfence.render.calico.agent import agent_files
from ringfence.render.openbao import ServerAccess, access_files, readme
from ringfence.wanted.components.drawers import drawers, drawn_alone

if TYPE_CHECKING:
    from ringfence.spec.shape import Spec
    from ringfence.spec.ways import Delivery


def render_agent_files(spec: Spec, chosen: Delivery, manifest: str) -> dict[str, str]:
    """The files by their path below the folder of the manifest.

    Args:
        spec: with a Calico and OpenBao.
        chosen: an agent.
        manifest: how the manifest is called there.

    Raises:
        InputError: the spec has no OpenBao.
        FileError: the file with the cluster's public keys, or with the CA of the server, cannot be read.
    """
    agents = by_agent(spec, calico(spec), chosen).agents.values()
    folders = [pod.config_map.removesuffix("-etcd-agent") for pod in agents]
    access = _access(spec, chosen)
    return {
        "README.md": readme(access, manifest, folders),
        **{
            f"agent/{folder}/{name}": text
            for folder, pod in zip(folders, agents, strict=True)
            for name, text in agent_files(pod.agent).items()
        },
        **{f"openbao/{name}": text for name, text in access_files(access).items()},
    }


def _access(spec: Spec, chosen: Delivery) -> ServerAccess:
    from ringfence.pki.openbao.pod_access import drawing_policy, drawn_roles, login_role, proof_role

    assert spec.pki.openbao is not None
    mount, key, life = spec.pki.openbao.mount, spec.pki.key, drawn_life(spec, chosen)
    found = drawers(spec, calico(spec))
    roles = [role for each in found for role in drawn_roles(each, NO_ACCESSOR, key, life)]
    roles += [proof_role(each, key) for each in drawn_alone(spec)]
    logins = [login_role(mount, each, chosen.audience) for each in found]
    policies = [drawing_policy(mount, each, NO_ACCESSOR) for each in found]
    return ServerAccess(
        program=PROGRAMS[chosen.way],
        engine=mount,
        login=chosen.mount,
        accessor=NO_ACCESSOR,
        trust=trust_of(chosen.trust).settings or None,
        login_roles={role.name: role.parameters for role in logins},
        pki_roles={role.name: role.parameters for role in roles},
        policies={policy.name: policy.text for policy in policies},
    )
