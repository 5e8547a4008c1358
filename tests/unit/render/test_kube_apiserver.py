"""The flags of kube-apiserver."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from ringfence.model.names import UserName
from ringfence.render.kube_apiserver.flags import kube_apiserver_flags


def _lines(*, compacts: bool) -> list[str]:
    return kube_apiserver_flags(
        endpoints=("https://10.0.0.1:2379", "https://10.0.0.2:2379"),
        prefix="/registry",
        folder=PurePosixPath("/etc/kubernetes/pki/etcd"),
        identity=UserName("kube-apiserver"),
        compacts=compacts,
    ).splitlines()


@pytest.mark.parametrize(("compacts", "interval"), [(False, "0"), (True, "5m")])
def test_flags(*, compacts: bool, interval: str) -> None:
    """Endpoints, prefix, the three files, and the compaction that fits the choice; the rest are comments."""
    expected = [
        "--etcd-servers=https://10.0.0.1:2379,https://10.0.0.2:2379",
        "--etcd-prefix=/registry",
        "--etcd-cafile=/etc/kubernetes/pki/etcd/ca.pem",
        "--etcd-certfile=/etc/kubernetes/pki/etcd/kube-apiserver.pem",
        "--etcd-keyfile=/etc/kubernetes/pki/etcd/kube-apiserver-key.pem",
        f"--etcd-compaction-interval={interval}",
    ]
    assert expected == [line for line in _lines(compacts=compacts) if not line.startswith("# ")]


@pytest.mark.parametrize("compacts", [False, True])
def test_the_comment_says_what_root_would_mean(*, compacts: bool) -> None:
    """Both choices name the key outside of the prefix, the releases that guard compaction, and what root may do."""
    comment = " ".join(line.removeprefix("# ") for line in _lines(compacts=compacts) if line.startswith("# "))
    for said in ("compact_rev_key", "3.4.42, 3.5.28, 3.6.9, 3.7", "the role root", "every key"):
        assert said in comment
