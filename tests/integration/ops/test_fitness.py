"""What stands against switching auth on although the way in is there: each is refused, and without it apply goes on."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from ringfence.etcd import rpcs
from ringfence.etcd.client import Client
from ringfence.etcd.cluster import Alarm
from ringfence.etcd.metrics import read_metrics
from ringfence.etcd.schema import new
from ringfence.ops.reach import connections, fitness
from tests.integration.site import Site

RAISE, CLEAR = 1, 2


def alarm(action: int, which: Alarm = Alarm.NOSPACE) -> Callable[[Client], Awaitable[None]]:
    """Raise or clear an alarm on the member that is asked."""

    async def work(client: Client) -> None:
        status = await client.cluster.status()
        await client.channel.call(
            rpcs.ALARM, new("AlarmRequest", action=action, memberID=status.member_id, alarm=which.value)
        )

    return work


def test_no_space(site: Site) -> None:
    """While the alarm is raised etcd does not check writes: refused before anything is made; without it, it goes on."""
    site.as_root(alarm(RAISE))
    try:
        ran = site.run("apply", "--yes")
    finally:
        site.as_root(alarm(CLEAR))
    assert (1, "ringfence: the alarm NOSPACE is raised") == (ran.code, ran.problems[-1])
    assert ({}, {}, False) == (site.state().users, site.state().roles, site.state().auth_enabled)
    site.fence()


def test_no_space_after_the_switch(site: Site) -> None:
    """The proof names the alarm: no member tells who may write then, and 3.4 and 3.5 do not even look."""
    site.fence()
    site.as_root(alarm(RAISE))
    try:
        ran, text = site.run("verify", "-o", "json"), site.run("verify").out
    finally:
        site.as_root(alarm(CLEAR))
    assert (2, ["NOSPACE"], False) == (ran.code, ran.json["alarms"], ran.json["holds"])
    assert {"write", "delete"} >= {each["operation"] for each in ran.json["violations"]}
    assert "The alarm NOSPACE is raised: until that is over no member tells who may write," in text
    after = site.run("verify", "-o", "json")
    assert ([], True) == (after.json["alarms"], after.json["holds"])


def test_a_certificate_with_another_name(site: Site) -> None:
    """calico's files hold the certificate of a tenant: refused before anybody is locked out; put right, it goes on."""
    for suffix in ("", "-key"):
        shutil.move(site.pki / f"calico{suffix}.pem", site.folder / f"kept{suffix}.pem")
        shutil.copy(site.pki / f"inventory{suffix}.pem", site.pki / f"calico{suffix}.pem")
    ran = site.run("apply", "--yes")
    assert 1 == ran.code
    (problem,) = [line for line in ran.problems if "the certificate of calico: " in line]
    assert "'inventory'" in problem
    assert not site.state().auth_enabled

    for suffix in ("", "-key"):
        shutil.move(site.folder / f"kept{suffix}.pem", site.pki / f"calico{suffix}.pem")
    site.fence()


def elsewhere(site: Site) -> str:
    """The spec with metrics URLs that are those of another machine, as 127.0.0.1 mostly is."""
    text = site.spec.read_text()
    for port, member in enumerate(site.operation.members, start=1):
        text = text.replace(member.metrics, f"http://127.0.0.1:{port}")
    return text


def endpoints_only(site: Site) -> str:
    """The spec without members."""
    kept = [
        line for line in site.spec.read_text().splitlines() if not line.startswith(("  members:", "    - {name: etcd-"))
    ]
    return "\n".join(kept) + "\n"


@pytest.mark.parametrize("spec", [elsewhere, endpoints_only])
def test_metrics_at_the_client_url(site: Site, spec: Callable[[Site], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the spec's metrics URLs lead nowhere, members tell root at their client URLs, with auth off and on."""
    site.spec.write_text(spec(site))
    monkeypatch.setattr(fitness, "FULL_SHARE", 0.0)
    ran = site.run("apply", "--yes")
    quotas = [problem for problem in ran.problems if " % of its quota" in problem]
    assert (1, 3) == (ran.code, len(quotas)), ran.err
    assert "not checked" not in ran.err
    monkeypatch.undo()
    ran = site.run("apply", "--yes")
    assert 0 == ran.code, ran.err
    assert "not checked" not in ran.err
    assert "How many are open is not known" not in ran.out
    members = site.run("auth", "status", "-o", "json").json["members"]
    assert [0, 0, 0] == [member["watchers"] for member in members]


def test_metrics_that_cannot_be_reached(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clock and quota were not checked, which is said; auth is switched on all the same."""
    monkeypatch.setattr(connections, "read_metrics", partial(read_metrics, seconds=0.0))
    ran = site.run("apply", "--yes")
    assert 0 == ran.code, ran.err
    expected = "not checked, for their metrics cannot be reached from here: clock and quota of etcd-1, etcd-2, etcd-3\n"
    assert expected in ran.err
    assert "How many are open is not known" in ran.out
