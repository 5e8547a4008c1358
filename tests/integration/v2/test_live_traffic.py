"""While roles of v2 change under live clients nobody is refused what both ends allow, and nobody gets more."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ringfence.errors import AccessDenied
from ringfence.etcd.v2.client import ClientV2
from ringfence.model.credentials import Credentials
from tests.integration.legacy import LegacySite
from tests.integration.waiting import wait_until

SPEC = """\
  - {{name: inventory, patterns: [{}]}}
  - {{name: calico, patterns: [{{pattern: /calico/*, access: readwrite}}]}}
"""
BEFORE = "{pattern: /inventory, access: readwrite}, {pattern: /inventory/*, access: readwrite}"
AFTER = "{pattern: /inventory*, access: readwrite}"


@contextmanager
def _at_work(site: LegacySite, name: str, path: str) -> Iterator[Counter[str]]:
    """Somebody who writes without end, and what came of it."""
    seen: Counter[str] = Counter()
    over = threading.Event()
    shown = Credentials(*((site.pki / file).read_bytes() for file in ("ca.pem", f"{name}.pem", f"{name}-key.pem")))

    async def write() -> None:
        async with ClientV2(site.endpoints[1], shown) as client:
            while not over.is_set():
                try:
                    await client.keys.put(path, "value")
                    seen["done"] += 1
                except AccessDenied:
                    seen["denied"] += 1

    thread = threading.Thread(target=lambda: asyncio.run(write()))
    thread.start()
    try:
        wait_until(lambda: sum(seen.values()) > 20)
        yield seen
    finally:
        over.set()
        thread.join()


def test_a_change_of_patterns(legacy_site: LegacySite) -> None:
    """The tenant writes on through plan, change and proof; its neighbour is denied as before."""
    header = legacy_site.operation.header.replace("[v2, v3]", "[v2]")
    legacy_site.spec.write_text(f"{header}components:\n{SPEC.format(BEFORE)}")
    first = legacy_site.run("apply", "--yes")
    assert 0 == first.code, first.err
    legacy_site.spec.write_text(f"{header}components:\n{SPEC.format(AFTER)}")
    with (
        _at_work(legacy_site, "inventory", "/inventory/x") as tenant,
        _at_work(legacy_site, "calico", "/inventory/x") as neighbour,
    ):
        done = legacy_site.run("apply", "--yes")
    assert 0 == done.code, done.out + done.err
    assert {"done"} == set(tenant)
    assert {"denied"} == set(neighbour)
