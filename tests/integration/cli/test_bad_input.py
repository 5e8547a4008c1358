"""What an operator may hand over by mistake, or meet: each has its own error, exit 1, and nothing is half-done.

Edited, stale and foreign plans are in ``test_plan_files``, certificates in ``test_bad_certificates``.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ringfence.changes.plan import Plan, read_plan
from ringfence.etcd.cluster import Alarm
from ringfence.etcd.observe import observe
from ringfence.ops.destroy import Removal
from ringfence.ops.live import Connection, prepare
from tests.integration.ops.test_fitness import CLEAR, RAISE, alarm
from tests.integration.site import COMPONENTS, Ran, Site

SHOP = COMPONENTS + "  - {name: shop, grants: [{prefix: /shop/, access: readwrite}]}\n"
CHANGING = [("apply", "--yes"), ("apply", "plan.json", "--yes"), ("destroy", "--yes")]


@pytest.fixture
def changed(site: Site) -> Site:
    """A fenced site whose spec asks for one more component, and a plan of that."""
    site.write()
    site.fence()
    site.write(SHOP)
    assert 2 == site.run("plan", "--out", "plan.json").code
    return site


@pytest.fixture
def headless(changed: Site) -> Iterator[Site]:
    """The same without a quorum: one member of three is left."""
    for member in ("etcd-2", "etcd-3"):
        changed.cluster.kill(member)
    yield changed
    for member in ("etcd-2", "etcd-3"):
        changed.cluster.restart(member, wait=False)
    changed.cluster.wait_healthy()


def refused(site: Site, *verb: str) -> Ran:
    """What a verb says that exits 1 and changes nothing."""
    before = site.as_root(observe)
    ran = site.run(*verb)
    assert (1, "") == (ran.code, ran.out)
    assert "  hint: " in ran.err
    assert before == site.as_root(observe)
    return ran


def edit(site: Site, change: Callable[[Plan], Plan]) -> None:
    """Put another whole plan, digest and all, in the place of the one that was written."""
    file = site.folder / "plan.json"
    file.write_text(json.dumps(change(read_plan(file.read_text(), file.name)).to_json()))


def test_a_plan_of_another_cluster(changed: Site) -> None:
    """Both clusters are named, and nothing else is compared."""
    here = f"{changed.as_root(lambda client: client.cluster.status()).cluster_id:x}"
    edit(changed, lambda plan: replace(plan, cluster_id=0xABC, observed="", auth_revision=1))
    ran = refused(changed, "apply", "plan.json", "--yes")
    assert f"ringfence: the plan is for the cluster abc, and this is {here}" == ran.problems[-1]


def test_a_plan_of_a_newer_format(changed: Site) -> None:
    """Whatever else stands in it, it is for the version that wrote it."""
    (changed.folder / "plan.json").write_text(json.dumps({"format": 99, "new": True}))
    ran = refused(changed, "apply", "plan.json", "--yes")
    assert ["plan.json: the plan has format 99, and this version of ringfence knows formats up to 1"] == ran.problems


def test_a_plan_that_another_version_made_otherwise(changed: Site) -> None:
    """From the same spec and the same state another plan: it is not what this version would do."""
    edit(changed, lambda plan: replace(plan, batches=tuple(reversed(plan.batches))))
    ran = refused(changed, "apply", "plan.json", "--yes")
    expected = (
        "ringfence: another version of ringfence made this plan: of the same spec and state this one makes another"
    )
    assert expected == ran.problems[-1]


def test_a_plan_of_destroy(changed: Site) -> None:
    """What destroy showed is carried out by destroy alone, also on the very state that it was made for."""
    live = prepare(changed.spec, Connection(), datetime.now(UTC))
    removal = asyncio.run(Removal(live.spec, live.wanted).plan(live.target)).plan
    (changed.folder / "plan.json").write_text(json.dumps(removal.to_json()))
    ran = refused(changed, "apply", "plan.json", "--yes")
    what = "plan.json: this is a plan of destroy: it takes away what the spec names, and apply does not carry it out"
    assert [what] == ran.problems
    assert "  hint: ringfence destroy makes its own, shows it and asks" in ran.err.splitlines()


@pytest.mark.parametrize("verb", CHANGING, ids=" ".join)
def test_somebody_who_is_not_root(changed: Site, verb: tuple[str, ...]) -> None:
    """A good certificate of a user who may not read users and roles."""
    ran = refused(changed, *verb, "--cert", "pki/calico.pem", "--key", "pki/calico-key.pem")
    assert f"{changed.endpoints[0]}: this identity may not list users and roles" == ran.problems[-1]


@pytest.mark.parametrize("which", [Alarm.NOSPACE, Alarm.CORRUPT])
def test_an_alarm(changed: Site, which: Alarm) -> None:
    """Plan and status tell it, what changes users and roles refuses; once it is disarmed the same plan is good."""
    raised = f"the alarm {which.name} is raised"
    changed.as_root(alarm(RAISE, which))
    try:
        for verb in CHANGING:
            assert f"ringfence: {raised}" == refused(changed, *verb).problems[-1]
        planned = changed.run("plan", "-o", "json")
        assert (2, [which.name]) == (planned.code, planned.json["alarms"])
        assert f"  ! {raised}: until it is over apply refuses" in changed.run("plan").out.splitlines()
        status = changed.run("auth", "status", "-o", "json")
        assert (2, [raised]) == (status.code, [each["what"] for each in status.json["findings"]])
    finally:
        changed.as_root(alarm(CLEAR, which))
    assert 0 == changed.run("apply", "plan.json", "--yes").code


LIVE = [*CHANGING, ("plan",), ("verify",), ("auth", "disable", "--yes"), ("destroy", "--with-auth", "--yes")]


@pytest.mark.parametrize("verb", LIVE, ids=" ".join)
def test_a_cluster_without_a_quorum(headless: Site, verb: tuple[str, ...]) -> None:
    """The member that is left says that it has no leader, the others are named; soon, and with exit 1."""
    headless.run("plan")  # waits until the member has noticed
    began = time.monotonic()
    ran = headless.run(*verb)
    assert time.monotonic() - began < 15
    assert (1, "") == (ran.code, ran.out)
    first, *others = headless.endpoints
    assert [
        f"{first}: the member has no leader",
        *(f"{endpoint}: nothing listens there" for endpoint in others),
    ] == ran.problems[-3:]
    assert "  hint: too few members are up, or they cannot reach each other: no quorum" in ran.err.splitlines()


def test_a_quorum_that_is_back(headless: Site) -> None:
    """Nothing was half-done: the plan of before is carried out."""
    assert 1 == headless.run("apply", "plan.json", "--yes").code
    for member in ("etcd-2", "etcd-3"):
        headless.cluster.restart(member, wait=False)
    headless.cluster.wait_healthy()
    assert 0 == headless.run("apply", "plan.json", "--yes").code
