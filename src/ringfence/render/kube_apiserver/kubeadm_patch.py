"""A file for kubeadm's ``--patches`` folder that keeps a kube-apiserver's own identity through upgrades.

It is a JSON patch, made from the static pod before and after ``render.kube_apiserver.pod``: a strategic merge would
replace the whole command. Its tests refuse another command than the one it was made for.
"""

from __future__ import annotations

from ringfence.render.manifests.json_patch import json_patch
from ringfence.render.manifests.manifest import Resource, containers, resources
from ringfence.render.manifests.plain import plain
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import dump

FILE = "kube-apiserver0+json.yaml"
"""What kubeadm wants it to be called: target, a suffix for the order, kind of patch (kubeadm ``util/patches``)."""


def kubeadm_patch(before: str, after: str, file: str) -> str:
    """The patch file.

    Args:
        before: the static pod as kubeadm wrote it.
        after: the same with the flags of etcd in place.
        file: its name, for the places of problems.

    Raises:
        ManifestError: one of them cannot be read.
    """
    old, new = (_server(text, file) for text in (before, after))
    operations = [dict(each) for each in json_patch(plain(old.body), plain(new.body))]
    told = Usage(
        title="Patch of kubeadm for the static pod of kube-apiserver",
        apply=(
            (
                f"as /etc/kubernetes/patches/{FILE} on each control plane, and name that folder to each "
                "`kubeadm init|join|upgrade`: `--patches /etc/kubernetes/patches`, or patches.directory in its file"
            ),
        ),
        undo=("remove the file and run `kubeadm upgrade` (`apply` or `node`) without it",),
        notes=(
            (
                "it tests what it changes. Where kubeadm says that a test failed, the release made another command: "
                "run kubeadm without the patch, render it from that static pod, and run kubeadm with it."
            ),
        ),
    )
    return head(told) + dump(operations)


def _server(text: str, file: str) -> Resource:
    return next(
        pod
        for pod in resources(text.removeprefix("\ufeff"), file)
        if pod.kind == "Pod" and any(one.name == "kube-apiserver" for one in containers(pod))
    )
