"""verify says whether the history can still be compacted, by whoever is to do it."""

from __future__ import annotations

from ringfence.etcd import rpcs
from ringfence.etcd.client import Client
from ringfence.etcd.schema import new
from ringfence.local.binary import Binary
from ringfence.rules.holes import holes
from tests.integration.site import Site

BY_APISERVER = "  - {use: kube-apiserver, compaction: apiserver}\n"


def guards_compaction(etcd: Binary) -> bool:
    """Whether only root may compact: where the hole of the unchecked calls is closed."""
    return all(hole.id != "CVE-2026-33413" for hole in holes(etcd.version))


def test_etcd_compacts_by_itself(site: Site) -> None:
    """No identity is to compact, so none is asked."""
    site.write()
    site.fence()
    assert {} == site.run("verify", "-o", "json").json["compaction"]["may"]


def test_the_compactor_may(site: Site) -> None:
    """A kube-apiserver that is to compact can, by whatever the release asks for; nothing is compacted by asking."""
    site.write(BY_APISERVER)
    site.fence()
    found = site.run("verify", "-o", "json").json["compaction"]
    assert {"kube-apiserver": True} == found["may"]


def test_a_compaction_that_happened_is_seen(site: Site) -> None:
    """After root compacted, the first revision is gone."""
    site.write()
    site.fence()

    async def compact(client: Client) -> None:
        await client.keys.put(b"/registry/a", b"1")
        revision = await client.keys.settle()
        await client.channel.call(rpcs.COMPACT, new("CompactionRequest", revision=revision))

    site.as_root(compact)
    assert site.run("verify", "-o", "json").json["compaction"]["happened"]


def test_somebody_who_may_not(site: Site, etcd: Binary) -> None:
    """An identity without the role root is told no where the release guards the call, and yes where it does not."""
    site.write()
    site.fence()

    async def ask(client: Client) -> bool:
        return await client.keys.may_compact()

    assert site.as_user("calico", ask) is not guards_compaction(etcd)
    assert site.as_root(ask)
