"""The part of the configuration of k3s and RKE2 servers that makes them use an etcd outside, as a drop-in file.

Both read it alike, since RKE2 hands these settings on to k3s. Neither moves data: a server that has a store of its own
starts with an empty one here. Agents need nothing of this. That RKE2's support is experimental is said by its
maintainers (rke2 issue 6194), that the store of its own fails with auth by those of k3s (k3s issue 10303).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.render import target
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import dump

BOOTSTRAP = "/bootstrap"
"""Where a server keeps the cluster's authorities, encrypted with the join token, and looks by prefix (k3s
``pkg/cluster/storage.go``); outside of every ``--etcd-prefix``."""


class Distribution(enum.Enum):
    """Who reads the file; the value is the word in paths, and what its unit begins with."""

    K3S = "k3s"
    RKE2 = "rke2"


def server_configuration(
    distribution: Distribution,
    *,
    endpoints: Sequence[str],
    prefix: str,
    folder: PurePosixPath,
    identity: UserName,
    compacts: bool,
) -> str:
    """A file for ``/etc/rancher/*/config.yaml.d``.

    Args:
        distribution: who reads it.
        endpoints: etcd's client URLs.
        prefix: ``--etcd-prefix`` of its API server.
        folder: where the pki files lie on the server.
        identity: the etcd user, which is also the name of its certificate file.
        compacts: whether the API server compacts etcd's history; see ``flags`` for what that means.
    """
    path = f"/etc/rancher/{distribution.value}/config.yaml.d/50-etcd.yaml"
    unit = "k3s" if distribution is Distribution.K3S else "rke2-server"
    told = Usage(
        title=f"The servers of {distribution.value} in etcd as user {identity}",
        apply=(
            (
                f"as {path} on each server, before its first start; where it uses this etcd already, "
                f"`systemctl restart {unit}`, one after the other"
            ),
        ),
        undo=(
            (
                f"put the former file back, or remove it, and `systemctl restart {unit}`; without any such setting the "
                "server starts with an empty store of its own"
            ),
        ),
        notes=tuple(_notes(distribution)),
    )
    settings = {
        "datastore-endpoint": ",".join(endpoints),
        "datastore-cafile": target.authority(folder),
        "datastore-certfile": target.certificate(folder, identity),
        "datastore-keyfile": target.private_key(folder, identity),
        # The plus sign adds to what config.yaml says; without it those flags would be gone.
        "kube-apiserver-arg+": [f"etcd-prefix={prefix}", f"etcd-compaction-interval={'5m' if compacts else '0'}"],
    }
    return head(told) + dump(settings)


def _notes(distribution: Distribution) -> Iterator[str]:
    yield (
        f"the server also reads and writes keys that begin with {BOOTSTRAP} under the same certificate, and does not "
        "start without. In them lie the cluster's authorities, encrypted with the join token; two such clusters in one "
        "etcd share them, and no fence goes between."
    )
    if distribution is Distribution.RKE2:
        yield (
            "RKE2 calls stores outside experimental, and its snapshots (`rke2 etcd-snapshot`) do not know this etcd. "
            "A cluster that runs on RKE2's own etcd cannot be brought here by configuration, and that etcd cannot be "
            "fenced: its servers do not work once auth is switched on there."
        )
