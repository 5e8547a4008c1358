"""Kubernetes Secrets with what identities show to etcd, as manifests of their own: plain, sealed, or for SOPS.

For those who keep Secrets apart from the manifests that use them. Patching Secrets into a manifest is
``render.manifests.etcd_secret``; encrypting is ``ringfence.pki.sealing``, whose results are written here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.render.manifests.etcd_secret import Values, secret_values
from ringfence.render.usage import Usage, head
from ringfence.yamlio.dump import Plain, dump

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_LABEL = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
AGE_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
"""An age public key: Bech32, whose alphabet leaves out 1, b, i and o."""

PGP_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{40}")
PLAIN_FOLDER = "plain"
"""Where the Secrets lie that SOPS is to encrypt; git is told to leave it alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySecret:
    """A Secret for one identity.

    Args:
        name: of the Secret, as the pods mount it.
        namespace: where the pods are.
        identity: the etcd user.
        component: what uses it, for a label, such as ``calico-node``.
        restart: the workload that is to be restarted after a change, as kubectl names it; None where nobody knows.
        credentials: its authority, certificate and key.
    """

    name: str
    namespace: str
    identity: UserName
    component: str
    restart: str | None
    credentials: Credentials = field(repr=False)


def is_secret_name(name: str) -> bool:
    """Whether Kubernetes takes it as the name of a Secret (a DNS subdomain)."""
    return _NAME.fullmatch(name) is not None


def secret_manifest(secret: IdentitySecret, *, with_keys: bool) -> str:
    """The Secret itself; without its key it is for the eye, and its head says so."""
    told = Usage(
        title=_title(secret, "Secret"),
        apply=(_apply(secret),) if with_keys else ("not as it is: it has no private key; render it with --with-keys",),
        undo=(_undo(secret, "secret"),),
    )
    return head(told) + dump(_secret(secret, secret_values(secret.credentials, with_keys=with_keys)))


def sealed_manifest(secret: IdentitySecret, encrypted: Mapping[str, str], *, digest: str) -> str:
    """The SealedSecret from which the controller makes the Secret.

    Args:
        secret: what was sealed.
        encrypted: ``spec.encryptedData``.
        digest: what ``is_sealed_from`` finds again.
    """
    told = Usage(
        title=_title(secret, "SealedSecret"),
        apply=(_apply(secret),),
        undo=(f"{_undo(secret, 'sealedsecret')}; the controller deletes the Secret with it",),
        notes=(
            f"it opens only as {secret.namespace}/{secret.name}, in the cluster whose certificate sealed it.",
            _digest_note(digest),
        ),
    )
    metadata = _metadata(secret)
    return head(told) + dump(
        {
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "metadata": metadata,
            "spec": {"encryptedData": dict(encrypted), "template": {"type": "Opaque", "metadata": metadata}},
        }
    )


def is_sealed_from(manifest: str, digest: str) -> bool:
    """Whether a SealedSecret was made from content of this digest; sealing it again would only change the text."""
    return f"# Note:  {_digest_note(digest)}\n" in manifest and manifest.endswith("\n")


def sops_manifest(secret: IdentitySecret) -> str:
    """The Secret with its key, to be encrypted with the rule of ``sops_files`` before it goes anywhere."""
    file = f"{secret.name}.yaml"
    told = Usage(
        title=f"{_title(secret, 'Secret')}, not encrypted",
        apply=(
            f"in the folder above this one, `sops --encrypt --output {file} {PLAIN_FOLDER}/{file}`, and commit {file};",
            f"`sops --decrypt {file} | kubectl apply -f -`{_restart(secret)}",
        ),
        undo=(_undo(secret, "secret"), f"and remove {file} from git"),
    )
    return head(told) + dump(_secret(secret, secret_values(secret.credentials, with_keys=True)))


def sops_files(*, age: Sequence[str], pgp: Sequence[str]) -> dict[str, str]:
    """What lies beside the encrypted Secrets: the rule for SOPS, and what git is to leave alone.

    Args:
        age: public keys of those who may decrypt.
        pgp: fingerprints of those who may decrypt.
    """
    rule: dict[str, Plain] = {
        "path_regex": r"(^|/)[^/]+-etcd-secrets\.yaml$",  # plain, and encrypted: updatekeys asks for that one
        "encrypted_regex": "^(data|stringData)$",
    }
    rule |= {name: ",".join(keys) for name, keys in (("age", age), ("pgp", pgp)) if keys}
    told = Usage(
        title="Rule of SOPS for etcd's Secrets",
        apply=("sops reads it by itself where it is called in this folder",),
        undo=("remove this file; what is encrypted stays readable for the same keys",),
        notes=("whoever is added later needs `sops updatekeys FILE` for each encrypted file.",),
    )
    ignored = Usage(
        title="What git leaves alone beside etcd's Secrets",
        apply=("git reads it by itself",),
        undo=(f"remove {PLAIN_FOLDER}/ first, then this file",),
    )
    return {
        ".sops.yaml": head(told) + dump({"creation_rules": [rule]}),
        ".gitignore": head(ignored) + f"/{PLAIN_FOLDER}/\n",
    }


def _title(secret: IdentitySecret, kind: str) -> str:
    return f"{kind} with the certificate of {secret.identity} for etcd"


def _apply(secret: IdentitySecret) -> str:
    return f"`kubectl apply -f {secret.name}.yaml`{_restart(secret)}"


def _restart(secret: IdentitySecret) -> str:
    if secret.restart is None:
        return ", then restart what mounts it"
    return f", then `kubectl -n {secret.namespace} rollout restart {secret.restart}`"


def _undo(secret: IdentitySecret, kind: str) -> str:
    return f"when no pod mounts it any more, `kubectl -n {secret.namespace} delete {kind} {secret.name}`"


def _digest_note(digest: str) -> str:
    return f"content {digest}; the same content is not sealed again."


def _secret(secret: IdentitySecret, values: Values) -> dict[str, Plain]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": _metadata(secret),
        "data": {name: value for name, value in values.items() if value is not None},
    }


def _metadata(secret: IdentitySecret) -> dict[str, Plain]:
    labels: dict[str, Plain] = {"app.kubernetes.io/managed-by": "ringfence"}
    if _LABEL.fullmatch(secret.component):
        labels["app.kubernetes.io/component"] = secret.component
    return {"name": secret.name, "namespace": secret.namespace, "labels": labels}
