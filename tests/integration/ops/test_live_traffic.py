"""Roles are changed while clients are at work: nobody is refused what both ends allow, and few have to repeat."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter

import pytest

from ringfence.errors import AccessDenied, AuthChanged, ClusterError
from ringfence.etcd.client import Client
from ringfence.model.credentials import Credentials
from tests.integration.site import Site

BEFORE = "  - {name: shop, grants: [{prefix: /shop/, access: readwrite}, {prefix: /old/, access: readwrite}]}\n"
AFTER = (
    "  - name: shop\n"
    "    grants: [{prefix: /shop/, access: readwrite, except: [/shop/closed/]}, {prefix: /new/, access: read}]\n"
    "  - {name: guest, grants: [{prefix: /guest/, access: readwrite}]}\n"
)


async def traffic(site: Site, endpoint: str, stop: asyncio.Event, seen: Counter[str]) -> None:
    """One client of one member that reads and writes what it may before, during and after the change."""
    files = (site.pki / "ca.pem", site.pki / "shop.pem", site.pki / "shop-key.pem")
    async with Client(endpoint, Credentials(*(file.read_bytes() for file in files))) as client:
        while not stop.is_set():
            for request in (client.keys.put(b"/shop/a", b"1"), client.keys.get(b"/shop/a")):
                try:
                    await request
                    seen["done"] += 1
                except AuthChanged:
                    seen["to be repeated"] += 1
                except AccessDenied:
                    seen["denied"] += 1
                except ClusterError as error:
                    seen[f"{type(error).__name__}: {error}"] += 1


async def change_under_traffic(site: Site, *options: str) -> Counter[str]:
    """What clients met while apply changed the roles."""
    stop, seen = asyncio.Event(), Counter[str]()
    clients = [asyncio.create_task(traffic(site, endpoint, stop, seen)) for endpoint in site.endpoints]
    apply = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ringfence", "apply", "--yes", *options),
        cwd=site.folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await apply.communicate()
    stop.set()
    await asyncio.gather(*clients)
    assert 0 == apply.returncode, told
    return seen


def changed_site(site: Site) -> Site:
    """A fenced site whose spec asks for something else by now."""
    site.write(BEFORE)
    site.fence()
    site.write(AFTER)
    return site


def test_nobody_is_denied_what_both_ends_allow(site: Site) -> None:
    """At a brisk pace requests may have to be repeated, but none is refused for want of permission."""
    seen = asyncio.run(change_under_traffic(changed_site(site), "--pace", "10/s"))
    assert 0 == seen["denied"]
    assert set(seen) <= {"done", "to be repeated"}, seen
    assert seen["done"] > 100


@pytest.mark.long
def test_at_the_default_pace_hardly_anything_is_repeated(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below one request in a thousand, and none refused."""
    monkeypatch.delenv("RINGFENCE_PACE")
    seen = asyncio.run(change_under_traffic(changed_site(site)))
    print(f"\nrequests: {dict(seen)}; to be repeated: {seen['to be repeated'] / seen.total():.5f}")
    assert 0 == seen["denied"]
    assert seen["to be repeated"] / seen.total() < 0.001
