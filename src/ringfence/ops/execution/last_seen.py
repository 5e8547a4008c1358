"""What the journal says was there last: how ``auth status`` knows that a cluster went back in time.

Where no auth revision was told, because the cluster did not answer in the end or is older than etcd 3.5, the one before
counts: it only grows. So does the cluster that was known last, where an act does not tell which one it was about.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ringfence.model.auth_status import LastSeen
from ringfence.ops.execution.journal import Journal


def last_seen(spec: Path) -> LastSeen | None:
    """The end of the last act in the journal beside this spec; None where there is none that can be read."""
    begun: dict[object, object] = {}
    found: LastSeen | None = None
    for entry in _entries(Journal.beside(spec).path):
        try:
            if entry["event"] == "begin":
                begun[entry["id"]] = entry["cluster_id"]
            elif entry["auth_revision"] is not None or entry["result"] == "done":
                cluster = begun.get(entry["id"])
                before = None if found is None else found.auth_revision
                cluster_before = None if found is None else found.cluster_id
                found = LastSeen(
                    cluster_id=cluster_before if cluster is None else int(str(cluster), 16),
                    auth_revision=before if entry["auth_revision"] is None else int(str(entry["auth_revision"])),
                    has_users=entry["verb"] != "destroy",
                    at=datetime.fromisoformat(str(entry["at"])),
                )
        except (KeyError, TypeError, ValueError):  # of another version, or cut off
            continue
    return found


def _entries(path: Path) -> Iterator[dict[str, object]]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry
