"""The ways in which Calico's programs come by their certificates, as a spec says them."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path, PurePosixPath

from ringfence.errors import Place

HOST_FOLDER = PurePosixPath("/etc/calico/etcd")
"""Where files for the programs of a node lie unless the spec names another folder."""


class Way(enum.Enum):
    """``deliver``: how the certificate of a program comes into its pod.

    ``SECRET``: in Kubernetes Secrets that ringfence writes. ``HOSTPATH``: somebody puts files on each node. The agents
    log in and draw them. ``CERT_MANAGER``: cert-manager writes the Secrets.
    """

    SECRET = "secret"  # noqa: S105  # the name of a way
    HOSTPATH = "hostpath"
    OPENBAO_AGENT = "openbao-agent"
    VAULT_AGENT = "vault-agent"
    CERT_MANAGER = "cert-manager"

    @property
    def is_agent(self) -> bool:
        """Whether an agent in the pod draws the certificate."""
        return self in {Way.OPENBAO_AGENT, Way.VAULT_AGENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTrust:
    """How OpenBao believes the tokens of a Kubernetes cluster.

    ``issuer`` is what they must name as theirs, ``keys`` a PEM file with the public keys that sign them, ``discovery``
    the URL of an issuer that publishes its own. Without the last two ``certs prepare`` leaves that to the operator.
    """

    issuer: str | None = None
    keys: Path | None = None
    discovery: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """``deliver`` of a Calico.

    ``host`` is the folder on each node with one folder for each program. The rest is for agents: ``mount`` is the path
    of OpenBao's JWT method, ``audience`` what the pods' tokens are made for, ``life`` how long a certificate is good,
    ``image`` the agent's, None for the one that is known to work.
    """

    way: Way
    host: PurePosixPath = HOST_FOLDER
    mount: str = "jwt-etcd"
    audience: str = "openbao"
    life: timedelta = timedelta(days=1)
    image: str | None = None
    trust: ClusterTrust = field(default_factory=ClusterTrust)
    place: Place
