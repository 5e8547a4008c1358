"""The configuration of Calico's CNI plugin with literal paths, for hosts where no install-cni puts it.

The container runtime reads it at ``/etc/cni/net.d/10-calico.conflist``, that of Calico 2 at
``/etc/cni/net.d/10-calico.conf``; the plugin reads the files that it names at each call, as root.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.render import target
from ringfence.render.datastore import Datastore
from ringfence.render.usage import Usage

KUBECONFIG = PurePosixPath("/etc/cni/net.d/calico-kubeconfig")
"""Where install-cni puts it, and so do the instructions for a manual installation."""

Json = str | bool | Sequence["Json"] | Mapping[str, "Json"]


def cni_conflist(
    *,
    endpoints: Sequence[str],
    folder: PurePosixPath,
    identity: UserName,
    canal: bool = False,
    kubeconfig: PurePosixPath = KUBECONFIG,
    nodename: str | None = None,
) -> str:
    """A conflist, JSON, with the fields of Calico's ``cni-plugin/pkg/types/types.go``.

    Args:
        endpoints: etcd's client URLs.
        folder: where the pki files lie on the host.
        identity: the etcd user, which is also the name of its certificate file.
        canal: whether flannel's plugin gives out addresses and calls Calico's.
        kubeconfig: with what the plugin asks Kubernetes about pods.
        nodename: what the node is called; None for what calico/node wrote to /var/lib/calico/nodename, or its hostname.
    """
    calico: dict[str, Json] = {
        "type": "calico",
        "log_level": "info",
        "log_file_path": "/var/log/calico/cni/cni.log",
        **({} if nodename is None else {"nodename": nodename}),
        **_etcd(Datastore.ETCD_V3, endpoints, folder, identity),
        "policy": {"type": "k8s"},
        "kubernetes": {"kubeconfig": str(kubeconfig)},
    }
    first: dict[str, Json]
    if canal:
        first = {"type": "flannel", "delegate": {"include_default_routes": True, **calico}}
    else:
        first = {**calico, "ipam": {"type": "calico-ipam"}}
    ports: dict[str, Json] = {"type": "portmap", "snat": True, "capabilities": {"portMappings": True}}
    name = "canal" if canal else "k8s-pod-network"
    return json.dumps({"name": name, "cniVersion": "0.3.1", "plugins": [first, ports]}, indent=2) + "\n"


def cni_conf_of_calico_2(
    *, endpoints: Sequence[str], folder: PurePosixPath, identity: UserName, kubeconfig: PurePosixPath = KUBECONFIG
) -> str:
    """The configuration of the one plugin of Calico 2, JSON, from before kubelets read lists of plugins.

    For the arguments see ``cni_conflist``; fields as in docs.projectcalico.org/v2.6/reference/cni-plugin/configuration.
    """
    conf: dict[str, Json] = {
        "name": "k8s-pod-network",
        "cniVersion": "0.1.0",
        "type": "calico",
        "log_level": "info",
        **_etcd(Datastore.ETCD_V2, endpoints, folder, identity),
        "ipam": {"type": "calico-ipam"},
        "policy": {"type": "k8s"},
        "kubernetes": {"kubeconfig": str(kubeconfig)},
    }
    return json.dumps(conf, indent=2) + "\n"


def cni_usage(identity: UserName, *, alone: bool = False) -> Usage:
    """How the configuration is put to use; JSON holds no comment.

    Args:
        identity: the etcd user.
        alone: whether it is of one plugin, as Calico 2 takes it.
    """
    ending = "conf" if alone else "conflist"
    return Usage(
        title=f"Calico's CNI plugin in etcd as user {identity}",
        apply=(
            (
                f"as /etc/cni/net.d/10-calico.{ending} of each node, the first of that folder by name; "
                "nothing is restarted: the next pod is made with it"
            ),
        ),
        undo=("the former file in its place; none of its pods changes",),
    )


def _etcd(datastore: Datastore, endpoints: Sequence[str], folder: PurePosixPath, identity: UserName) -> dict[str, Json]:
    return {
        "datastore_type": datastore.value,
        "etcd_endpoints": ",".join(endpoints),
        "etcd_ca_cert_file": target.authority(folder),
        "etcd_cert_file": target.certificate(folder, identity),
        "etcd_key_file": target.private_key(folder, identity),
    }
