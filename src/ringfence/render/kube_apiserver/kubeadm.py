"""The part of kubeadm's ClusterConfiguration that concerns an external etcd, for ``kubeadm init --config``.

kubeadm mounts the folder of the pki files into the API server by itself (kubeadm ``phases/controlplane/volumes.go``).
A cluster that runs already does not read the file by itself: the head of the file says how it is made to.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.model.version import Version
from ringfence.render import target
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import Plain, dump


class KubeadmApi(enum.Enum):
    """A version of kubeadm's configuration; the extra flags are a mapping in the older, a list in the newer."""

    V1BETA3 = "kubeadm.k8s.io/v1beta3"
    V1BETA4 = "kubeadm.k8s.io/v1beta4"


_V1BETA4_SINCE = (1, 31)


def kubeadm_api(kubernetes: Version | None) -> KubeadmApi:
    """The newest configuration that the kubeadm of a release reads; of an unknown one, the newest of all."""
    older = kubernetes is not None and kubernetes.line < _V1BETA4_SINCE
    return KubeadmApi.V1BETA3 if older else KubeadmApi.V1BETA4


def kubeadm_configuration(
    api: KubeadmApi,
    *,
    endpoints: Sequence[str],
    prefix: str,
    folder: PurePosixPath,
    identity: UserName,
    compacts: bool,
) -> str:
    """A ClusterConfiguration with etcd and the flags of the API server that concern it; merge it into your own.

    Args:
        api: which version of the configuration.
        endpoints: etcd's client URLs.
        prefix: ``--etcd-prefix``, under which every key of this cluster lies.
        folder: where the pki files lie on the machine of the API server.
        identity: the etcd user, which is also the name of its certificate file.
        compacts: whether the API server compacts etcd's history; see ``flags`` for what that means.
    """
    flags = {"etcd-prefix": prefix, "etcd-compaction-interval": "5m" if compacts else "0"}
    extra: Plain = dict(flags)
    if api is KubeadmApi.V1BETA4:
        extra = [{"name": name, "value": value} for name, value in flags.items()]
    external: dict[str, Plain] = {
        "endpoints": list(endpoints),
        "caFile": target.authority(folder),
        "certFile": target.certificate(folder, identity),
        "keyFile": target.private_key(folder, identity),
    }
    told = Usage(
        title=f"kube-apiserver in etcd as user {identity}, for kubeadm",
        apply=(
            "merge it into your own ClusterConfiguration, then `kubeadm init --config FILE`;",
            (
                "for a cluster that runs: `kubeadm init phase upload-config kubeadm --config FILE`, and on each "
                "control plane `kubeadm init phase control-plane apiserver --config FILE`, each ready before the next"
            ),
        ),
        undo=(
            "the same with the file as it was; `kubectl -n kube-system get cm kubeadm-config -o yaml` shows it before",
        ),
        notes=(
            "a cluster whose etcd kubeadm itself runs (etcd.local) has its data there: this file moves none of it.",
        ),
    )
    return head(told) + dump(
        {
            "apiVersion": api.value,
            "kind": "ClusterConfiguration",
            "etcd": {"external": external},
            "apiServer": {"extraArgs": extra},
        }
    )
