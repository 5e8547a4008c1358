"""What ``auth disable`` writes into the journal, and what is known of the cluster after it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ringfence.ops.execution.journal import Act, Journal
from ringfence.ops.execution.last_seen import last_seen
from tests.integration.guard.guards import guard_pids
from tests.integration.legacy import LegacySite
from tests.integration.site import Site
from tests.integration.waiting import wait_until


def acts(site: Site, verb: str) -> list[dict[str, Any]]:
    """The lines of the journal about a verb."""
    lines = map(json.loads, (site.folder / ".ringfence" / "journal.jsonl").read_text().splitlines())
    return [line for line in lines if line["verb"] == verb]


def test_the_journal_of_disable(site: Site) -> None:
    """Which cluster, what is changed and the revisions before and after, as of any other verb."""
    site.fence()
    before, seen = site.auth_revision(), last_seen(site.spec)
    assert 0 == site.run("auth", "disable", "--yes").code
    begun, ended = acts(site, "auth disable")
    assert acts(site, "apply")[0]["cluster_id"] == begun["cluster_id"]
    assert begun["revision"]
    assert begun["auth_revision"] in {before, None}  # etcd 3.4 tells none
    assert ["disable-auth"] == [change["kind"] for change in begun["changes"]]
    assert ("done", 1, 1) == (ended["result"], ended["made"], ended["of"])
    after = last_seen(site.spec)
    assert seen is not None
    assert after is not None
    assert seen.cluster_id is not None
    assert seen.cluster_id == after.cluster_id


def test_another_cluster_is_noticed_after_an_act_that_does_not_tell_its_own(site: Site) -> None:
    """As of an earlier version, or where nobody could be asked: the one that was known before still counts."""
    journal = Journal.beside(site.spec)
    with journal.recording(Act(verb="apply", cluster_id=0xABC, auth_revision=1)) as outcome:
        outcome.auth_revision = 2
    with journal.recording(Act(verb="auth disable")):
        pass
    seen = last_seen(site.spec)
    assert seen is not None
    assert (0xABC, 2) == (seen.cluster_id, seen.auth_revision)
    assert "other-cluster" in {each["kind"] for each in site.run("auth", "status", "-o", "json").json["findings"]}
    with journal.recording(Act(verb="apply", cluster_id=0xDEF)):
        pass
    assert replace(seen, cluster_id=0xDEF) == replace(last_seen(site.spec) or seen, at=seen.at)


def test_both_stores(legacy_site: LegacySite) -> None:
    """A guard that waits for both is let go when both are off; with one of them off it still has the other one."""
    assert 0 == legacy_site.spawn("apply", "--yes", "--confirm-within", "1h").code
    assert 0 == legacy_site.run("auth", "disable", "--yes", "--api", "v2").code
    assert ["v3"] == legacy_site.run("auth", "status", "-o", "json").json["guard"]["stores"][:1]
    assert 1 == len(guard_pids(legacy_site))
    assert 0 == legacy_site.run("auth", "disable", "--yes").code
    wait_until(lambda: not guard_pids(legacy_site), 20)
    kinds = [[change["kind"] for change in act["changes"]] for act in acts(legacy_site, "auth disable")[::2]]
    assert [["disable-auth"], ["disable-auth"]] == kinds
    apis = [act["changes"][0].get("api") for act in acts(legacy_site, "auth disable")[::2]]
    assert ["v2", None] == apis
