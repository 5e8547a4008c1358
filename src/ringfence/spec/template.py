"""The spec that ``ringfence init`` writes: short, commented, and correct as it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ringfence.spec.writing import listed, word


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the operator says of the cluster.

    Args:
        name: the cluster's name.
        endpoints: client URLs, ``https://HOST:2379``.
        members: the name of each member with its hosts; empty where their certificates come from elsewhere.
        etcd: the release, or None.
        kubernetes: the release of the kube-apiserver, or None.
        calico: the release of Calico, or None.
    """

    name: str = "shared"
    endpoints: tuple[str, ...] = ("https://10.0.0.1:2379", "https://10.0.0.2:2379", "https://10.0.0.3:2379")
    members: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("etcd-1", ("10.0.0.1",)),
        ("etcd-2", ("10.0.0.2",)),
        ("etcd-3", ("10.0.0.3",)),
    )
    etcd: str | None = None
    kubernetes: str | None = None
    calico: str | None = None


def template(answers: Answers) -> str:
    """The text of a spec for ``answers``; it is correct where they are, which ``spec.read`` tells."""
    unknown = '  # etcd: "3.6.14"          # the release; the live cluster is checked against it'
    lines = (
        "# Who may touch what in this etcd. Next: ringfence check, ringfence certs issue, ringfence plan.",
        "version: 1",
        "",
        "cluster:",
        f"  name: {word(answers.name)}",
        f"  endpoints: {listed(answers.endpoints)}",
        unknown if answers.etcd is None else f"  etcd: {json.dumps(answers.etcd)}",
        *_members(answers),
        "  # paths: {pki: /etc/etcd/pki}   # where certificates lie on the machines; rendered files name this folder",
        "",
        "pki:",
        "  directory: pki            # certificates and keys, relative to this file; ca-key.pem is the one to guard",
        "  validity: {ca: 10y, member: 1y, client: 90d}",
        "",
        "# Each component logs in with a certificate whose Common Name is its user in etcd.",
        "components:",
        "  - use: kube-apiserver     # its keys: /registry/",
        *_release("kubernetes", answers.kubernetes),
        "    compaction: etcd        # etcd compacts by itself; a compacting kube-apiserver needs root on current etcd",
        "  - use: calico             # its keys: /calico/",
        *_release("calico", answers.calico),
        "    segmentation: single    # one user for all of Calico",
        "  # - name: inventory       # a tenant of your own: its user, its role and its certificate",
        "  #   grants:",
        "  #     - {prefix: /inventory/, access: readwrite, except: [/inventory/audit/]}",
        "",
        "# Users that are never deleted and never lose a role.",
        "protect: {users: [root]}",
    )
    return "\n".join(lines) + "\n"


def _members(answers: Answers) -> tuple[str, ...]:
    if not answers.members:
        return ("  # members:                # name and hosts of each, for their certificates and configuration",)
    entries = (f"    - {{name: {word(name)}, hosts: {listed(hosts)}}}" for name, hosts in answers.members)
    return ("  members:                  # for their certificates and configuration; URLs have defaults", *entries)


def _release(key: str, release: str | None) -> tuple[str, ...]:
    return () if release is None else (f"    {key}: {json.dumps(release)}",)
