"""The heads of manifests that were patched: every byte below them is the release's own, or a change that was named."""

from __future__ import annotations

from pathlib import PurePosixPath

from ringfence.render.usage import Usage

STATIC_PODS = PurePosixPath("/etc/kubernetes/manifests")
"""Where kubelets look for static pods; they take every file there for one, copies included."""


def hosted_manifest(*, canal: bool = False) -> Usage:
    """Of Calico's hosted manifest, or of canal's."""
    workload = "daemonset/canal-node" if canal else "daemonset/calico-node"
    return Usage(
        title="Calico's hosted manifest with etcd and its certificates filled in",
        apply=(
            "`kubectl diff -f FILE`, then `kubectl apply -f FILE`;",
            f"`kubectl -n kube-system rollout status {workload}`, and of deployment/calico-kube-controllers",
        ),
        undo=("`kubectl apply -f` the manifest as it was; what is in this one alone, `kubectl delete` by name",),
    )


def static_pod() -> Usage:
    """Of a kube-apiserver's static pod."""
    return Usage(
        title="Static pod of kube-apiserver with the flags of etcd filled in",
        apply=(
            f"as {STATIC_PODS / 'kube-apiserver.yaml'} of each control plane, one by one: the kubelet restarts it;",
            "then `kubectl get --raw /readyz`",
        ),
        undo=(f"the former file in its place; keep copies outside of {STATIC_PODS}, whose files are all run",),
    )


def calicoctl_pod() -> Usage:
    """Of the Pod to run calicoctl in."""
    return Usage(
        title="Pod of calicoctl with etcd and its certificate filled in",
        apply=("`kubectl apply -f FILE`, then `kubectl -n kube-system exec calicoctl -- calicoctl get nodes`",),
        undo=("`kubectl delete -f FILE`, but for the ConfigMap, which is Calico's own where it is in the file",),
    )
