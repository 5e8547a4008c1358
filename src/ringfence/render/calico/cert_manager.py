"""Objects for cert-manager and its approver-policy: a ``Certificate`` for each identity, and a fence for its name.

cert-manager asks its issuer for whatever a ``Certificate`` says, ``CN=root`` too. The fence is the policy: in this
namespace the issuer signs these names and nothing else. That holds only while approver-policy runs, cert-manager's own
approver is switched off (``disableAutoApproval``), and no other policy that allows more is bound to cert-manager.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import Plain, dump
from ringfence.yamlio.entry import Bare, New

FILES = {"ca.crt": "etcd-ca", "tls.crt": "etcd-cert", "tls.key": "etcd-key"}
"""What cert-manager calls the keys of a Secret, and Calico's programs the files."""

_USAGES = ("client auth", "digital signature")
_KEYS = {"ecdsa-p256": ("ECDSA", "256"), "ecdsa-p384": ("ECDSA", "384"), "ed25519": ("Ed25519", None)}
_RSA = {"rsa-2048": "2048", "rsa-4096": "4096"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who signs.

    Args:
        name: of the issuer.
        kind: ``ClusterIssuer``, ``Issuer``, or another with its ``group``.
        group: the API group of the kind.
    """

    name: str
    kind: str = "ClusterIssuer"
    group: str = "cert-manager.io"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One certificate: the Common Name, the Secret that it goes to."""

    common_name: str
    secret: str


def cert_manager_objects(
    wishes: Mapping[str, Wish],
    issuer: Issuer,
    *,
    namespace: str,
    key: str,
    life: timedelta,
    in_overlay: bool = False,
) -> str:
    """All objects as one text of several documents.

    Args:
        wishes: the certificates by the names of their objects.
        issuer: who signs them.
        namespace: where the pods and their Secrets are.
        key: the kind of key, as in ``pki.key`` of the spec.
        life: how long a certificate is good for; it is renewed when two thirds are over.
        in_overlay: whether they are applied with the overlay that they are part of.
    """
    hours = f"{max(1, int(life.total_seconds() // 3600))}h"
    documents = [
        *(_certificate(name, wish, issuer, namespace, key, hours) for name, wish in wishes.items()),
        *(_policy(name, wish, issuer, namespace, key, hours) for name, wish in wishes.items()),
        *_permission(tuple(wishes), namespace),
    ]
    alone = "`kubectl apply -f FILE`, then the manifest that was made with it (`render calico --deliver cert-manager`)"
    told = Usage(
        title="What cert-manager makes the Secrets of Calico's pods from, and the fence for their names",
        apply=("it is part of the overlay beside it: `kubectl apply -k .` in this folder" if in_overlay else alone,),
        undo=(
            (
                "the manifest as it was; then `kubectl delete -f FILE`, which leaves the Secrets: `kubectl -n "
                f"{namespace} delete secret {' '.join(wish.secret for wish in wishes.values())}`"
            ),
        ),
        notes=("the fence holds while approver-policy runs and cert-manager's own approver is switched off.",),
    )
    return head(told) + "---\n".join(dump(each) for each in documents)


def secret_source(secret: str, mode: int) -> Mapping[str, New]:
    """The volume that shows such a Secret under the names of Calico's programs.

    Args:
        secret: its name.
        mode: of the files.
    """
    items = [{"key": key, "path": path} for key, path in FILES.items()]
    return {"secret": {"secretName": secret, "defaultMode": Bare(str(mode)), "items": items}}


def _certificate(name: str, wish: Wish, issuer: Issuer, namespace: str, key: str, hours: str) -> Mapping[str, Plain]:
    algorithm, size = _algorithm(key)
    sizes = {} if size is None else {"size": int(size)}
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "secretName": wish.secret,
            "commonName": wish.common_name,
            "duration": hours,
            "isCA": False,
            "usages": list(_USAGES),
            "privateKey": {"algorithm": algorithm, **sizes, "rotationPolicy": "Always"},
            "issuerRef": _reference(issuer),
        },
    }


def _policy(name: str, wish: Wish, issuer: Issuer, namespace: str, key: str, hours: str) -> Mapping[str, Plain]:
    algorithm, size = _algorithm(key)
    sizes = {} if size is None else {"minSize": int(size), "maxSize": int(size)}
    return {
        "apiVersion": "policy.cert-manager.io/v1alpha1",
        "kind": "CertificateRequestPolicy",
        "metadata": {"name": f"ringfence-{name}"},
        "spec": {
            # What is not allowed here is refused: names of hosts, addresses, URIs, other subjects.
            "allowed": {
                "commonName": {"value": wish.common_name, "required": True},
                "isCA": False,
                "usages": list(_USAGES),
            },
            "constraints": {"maxDuration": hours, "privateKey": {"algorithm": algorithm, **sizes}},
            "selector": {"issuerRef": _reference(issuer), "namespace": {"matchNames": [namespace]}},
        },
    }


def _permission(names: tuple[str, ...], namespace: str) -> Iterator[Mapping[str, Plain]]:
    """A policy counts for whoever may ``use`` it; requests are cert-manager's own."""
    group = "rbac.authorization.k8s.io"
    policies = [f"ringfence-{name}" for name in names]
    named = "ringfence-certificate-policies"
    yield {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": named},
        "rules": [
            {
                "apiGroups": ["policy.cert-manager.io"],
                "resources": ["certificaterequestpolicies"],
                "verbs": ["use"],
                "resourceNames": policies,
            }
        ],
    }
    yield {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": named, "namespace": namespace},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": named},
        "subjects": [{"kind": "ServiceAccount", "name": "cert-manager", "namespace": "cert-manager"}],
    }


def _reference(issuer: Issuer) -> Mapping[str, str]:
    return {"name": issuer.name, "kind": issuer.kind, "group": issuer.group}


def _algorithm(key: str) -> tuple[str, str | None]:
    return ("RSA", _RSA[key]) if key in _RSA else _KEYS[key]
