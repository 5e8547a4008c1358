"""``manifest.json``: what is asked of an authority elsewhere, for its programs and for people who compare by eye.

It is written for others and never read back: what is accepted is held against the spec. Its form is a contract,
described in docs/json.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType
from ringfence.pki.describe import USAGE_NAMES
from ringfence.pki.profiles import PROFILES, key_usage_of

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request.

    Args:
        request: what the certificate is to be.
        lifetime: how long it is to be valid.
        key_type: the algorithm of its key.
        public_key_sha256: of the key, in hex; None where the node has not made it yet.
        key_on_node: whether the key is made where it is used.
        script: the name of the file that makes the key there.
    """

    request: CertificateRequest
    lifetime: timedelta
    key_type: KeyType
    public_key_sha256: str | None
    key_on_node: bool = False
    script: str | None = None


def manifest_json(cluster: str, entries: Iterable[Entry]) -> str:
    """The text of the manifest, ended by a newline; the same entries give the same text.

    Args:
        cluster: its name in the spec.
        entries: everything that waits for a certificate.
    """
    requests = [_entry(each) for each in entries]
    return json.dumps({"version": VERSION, "cluster": cluster, "requests": requests}, indent=2) + "\n"


def _entry(entry: Entry) -> dict[str, object]:
    request = entry.request
    return {
        "name": request.name,
        "kind": request.kind.value,
        "cn": request.common_name,
        "hosts": list(request.hosts),
        "node": request.node,
        "key": entry.key_type.value,
        "key_on_node": entry.key_on_node,
        "public_key_sha256": entry.public_key_sha256,
        "ca": False,
        "key_usage": _key_usage(request.kind, entry.key_type),
        "extended_key_usage": [USAGE_NAMES[usage] for usage in PROFILES[request.kind].usages],
        "validity_seconds": int(entry.lifetime.total_seconds()),
        "script": entry.script,
        "csr": f"{request.name}.csr",
        "certificate": f"{request.name}.pem",
    }


def _key_usage(kind: CertificateKind, key_type: KeyType) -> list[str]:
    usage = key_usage_of(kind, key_type)
    return ["digitalSignature", *(["keyEncipherment"] if usage.key_encipherment else [])]
