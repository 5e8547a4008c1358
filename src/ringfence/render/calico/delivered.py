"""What a pod of Calico's manifest sees at the path of its certificate, and what a CNI plugin is told: as values.

Which way leads there (files on the node, an agent, cert-manager) is said by whoever makes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ringfence.render.calico.agent import Agent
from ringfence.render.calico.parts import Part
from ringfence.render.datastore import Datastore
from ringfence.render.manifests.etcd_secret import Values
from ringfence.yamlio.entry import New


@dataclass(frozen=True, slots=True)
class Names:
    """What CA, certificate and key are called in a folder."""

    ca: str
    certificate: str
    key: str

    def within(self, folder: PurePosixPath | str) -> dict[str, str]:
        """The paths as the ConfigMap of Calico calls them."""
        return {
            "etcd_ca": f"{folder}/{self.ca}",
            "etcd_cert": f"{folder}/{self.certificate}",
            "etcd_key": f"{folder}/{self.key}",
        }


APART = Names("etcd-ca", "etcd-cert", "etcd-key")
"""As in a Secret of Calico's manifests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPod:
    """An agent beside a program, as an init container and as one that stays.

    Args:
        agent: its configuration.
        config_map: the name of the ConfigMap with it.
        image: the image.
        program: what is started in it, ``bao`` or ``vault``.
        audience: what the token of the pod is made for.
        writes: where it sees the volume of the program.
        mounts: more volumes that it writes to: their paths in the agent by the volume's name.
        volumes: those.
        user: the number of the user that it runs as.
    """

    agent: Agent
    config_map: str
    image: str
    program: str
    audience: str
    writes: PurePosixPath
    mounts: Mapping[str, str] = field(default_factory=dict)
    volumes: Sequence[Mapping[str, New]] = ()
    user: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How everything comes into the pods of one manifest.

    Args:
        endpoints: etcd's client URLs.
        names: what the files are called.
        sources: what is behind the volume of each program: the volume without its name.
        cni: the folder on the host that the CNI plugin reads, and the installer leaves alone; None where the
            installer copies what it sees.
        agents: by the program that they stand beside.
        secrets: values of Secrets that belong into the manifest, by their names.
        notices: what the operator has to know.
        datastore: the store of etcd that this Calico uses.
    """

    endpoints: Sequence[str]
    names: Names
    sources: Mapping[Part, Mapping[str, New]]
    cni: PurePosixPath | None
    agents: Mapping[Part, AgentPod] = field(default_factory=dict)
    secrets: Mapping[str, Values] = field(default_factory=dict, repr=False)
    notices: Sequence[str] = ()
    datastore: Datastore = Datastore.ETCD_V3
