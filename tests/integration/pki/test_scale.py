"""Thousands of certificates: on several processes, with flat memory, and one more touches nothing else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.errors import FileError
from ringfence.model.issuance import Condition
from ringfence.ops.certs.listing import list_certificates
from ringfence.pki import assess
from ringfence.pki.folder.store import Store
from ringfence.pki.issuing import many
from tests.integration.pki.conftest import Issue
from tests.unit.pki.making import CLIENT, NOW

NODES = tuple(
    replace(CLIENT, name=f"calico-node.worker-{n}", common_name=f"calico-node.worker-{n:03}.example")
    for n in range(200)
)


def _written(store: Store) -> dict[str, tuple[int, int]]:
    """Which file each name is, and when that was last changed."""
    stats = {path.name: path.stat() for path in store.directory.glob("*.pem")}
    return {name: (each.st_ino, each.st_ctime_ns) for name, each in stats.items()}


def test_one_more_node_touches_nothing_else(store: Store, issue: Issue) -> None:
    """Its two files are made; no other file is opened for writing, not even for its mode."""
    issue(NODES)
    before = _written(store)
    new = replace(CLIENT, name="calico-node.new", common_name="calico-node.new")
    assert ("calico-node.new",) == issue((*NODES, new)).created
    after = _written(store)
    assert {"calico-node.new.pem", "calico-node.new-key.pem"} == after.keys() - before.keys()
    assert before.items() <= after.items()


def test_several_processes_do_the_same(store: Store, issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issued and looked at by processes: every name has its own certificate, in order, and faults are all found."""
    monkeypatch.setattr(many, "_POOL_PAYS_FOR_FAST_KEYS", 100)
    monkeypatch.setattr(assess, "_POOL_PAYS", 100)
    monkeypatch.setattr(assess, "_PIECE", 64)
    steps: list[int] = []
    assert tuple(each.name for each in NODES) == issue(NODES, progress=lambda done, _all: steps.append(done)).created
    assert [128, 200] == steps
    store.certificate_path(NODES[150].name).unlink()
    listed = asyncio.run(list_certificates(NODES, store, NOW))
    assert [each.name for each in NODES] == [each.name for each in listed[1:]]
    names = [each.certificate.common_names for each in listed[1:] if each.certificate is not None]
    assert [(each.common_name,) for each in NODES if each is not NODES[150]] == names
    assert [NODES[150].name] == [each.name for each in listed if each.condition is not Condition.GOOD]
    for at in (3, 190):
        store.key_path(NODES[at].name).chmod(0o644)
    with pytest.raises(FileError) as refused:
        issue(NODES)
    assert [str(store.key_path(NODES[at].name)) for at in (3, 190)] == [str(p.place) for p in refused.value.problems]


_ISSUE = """
import asyncio, resource, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType, Validity
from ringfence.ops.certs.issuing import issue_certificates
from ringfence.pki.issuing.sources import FileSource
from ringfence.pki.folder.store import Store

if __name__ == "__main__":
    day, seen = timedelta(days=1), []
    requests = [
        CertificateRequest(name=f"n{n}", kind=CertificateKind.CLIENT, common_name=f"n{n}") for n in range(15000)
    ]
    asyncio.run(issue_certificates(requests, Store(Path(sys.argv[1])),
        FileSource(key_type=KeyType.ECDSA_P256, lifetime=9 * day),
        validity=Validity(ca=9 * day, member=day, client=day), now=datetime.now(UTC),
        progress=lambda *_: seen.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)))
    print(len(seen), seen[0], seen[-1])
"""


@pytest.mark.long
def test_memory_does_not_grow_with_their_number(store: Store, tmp_path: Path) -> None:
    """15,000 on all cores: from the first batch to the last the peak grows by less than 16 MiB."""
    script = tmp_path / "issue.py"
    script.write_text(_ISSUE)
    ran = subprocess.run(
        [sys.executable, str(script), str(store.directory)], capture_output=True, text=True, check=True
    )
    steps, first, last = (int(each) for each in ran.stdout.split())
    assert -(-15000 // many.BATCH) == steps
    assert last - first < 16 * 1024
    assert 15001 * 2 == len(list(store.directory.glob("*.pem")))
