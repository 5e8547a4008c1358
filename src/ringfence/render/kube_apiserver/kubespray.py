"""Variables of kubespray with which the API servers that it installs use their own identity in etcd.

Kubespray hands them to kubeadm as an external etcd (its ``kubeadm-config`` template). It has no mode without an etcd of
its own: its inventory check refuses an empty group ``etcd``, and the play for that group installs members. So these
variables are for API servers only; an etcd of kubespray's keeps the certificates that kubespray made for its members.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.render import target
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import dump

CERTIFICATES = PurePosixPath("/etc/ssl/etcd/ssl")
"""Kubespray's ``etcd_cert_dir``, below which it looks for the files that it names to kubeadm."""

_FOLDER = CERTIFICATES / "ringfence"


def kubespray_variables(
    *, endpoints: Sequence[str], prefix: str, folder: PurePosixPath, identity: UserName, compacts: bool
) -> str:
    """A file for ``group_vars``.

    Args:
        endpoints: etcd's client URLs.
        prefix: ``--etcd-prefix``, under which every key of this cluster lies.
        folder: where the pki files lie on a control plane; where kubespray cannot name that, another one is said.
        identity: the etcd user, which is also the name of its certificate file.
        compacts: whether the API server compacts etcd's history; see ``flags`` for what that means.
    """
    reachable = folder if folder.is_relative_to(CERTIFICATES) else _FOLDER
    inside = reachable.relative_to(CERTIFICATES)
    names = [PurePosixPath(target.authority(folder)).name]
    names += [PurePosixPath(name(folder, identity)).name for name in (target.certificate, target.private_key)]
    interval = "5m" if compacts else "0"
    told = Usage(
        title=f"kube-apiserver in etcd as user {identity}, for kubespray",
        apply=(
            f"put {', '.join(names)} into {reachable} of each control plane, the key mode 0600;",
            (
                "this file as group_vars/k8s_cluster/etcd-identity.yml of the inventory, then run cluster.yml or "
                "upgrade_cluster.yml"
            ),
        ),
        undo=("remove the file from the inventory and run the same playbook; then remove the folder",),
        notes=(
            (
                "kubespray insists on a group etcd of its own (unless etcd_deployment_type is kubeadm, where none of "
                "this is used): it cannot be told to install none. For an etcd that is not its own, kubeadm is the way."
            ),
            (
                "kubespray before 2.24 does not know kube_apiserver_etcd_compaction_interval: where the API server's "
                f"flags do not show --etcd-compaction-interval={interval}, put it into the extra args below."
            ),
            "a kube_kubeadm_apiserver_extra_args of your own wins or loses as a whole: merge the two.",
        ),
    )
    authority, certificate, key = (str(inside / name) for name in names)
    return head(told) + dump(
        {
            "etcd_access_addresses": ",".join(endpoints),
            "kube_etcd_cacert_file": authority,
            "kube_etcd_cert_file": certificate,
            "kube_etcd_key_file": key,
            "kube_apiserver_etcd_compaction_interval": interval,
            "kube_kubeadm_apiserver_extra_args": {"etcd-prefix": prefix},
        }
    )
