"""A member that dies while a plan is carried out: nothing is lost, nothing is half right, and running again ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ringfence.errors import ClusterError, Unreachable
from ringfence.ops.apply import Applied, apply
from ringfence.ops.live import Connection, Live, prepare
from ringfence.ops.planning import plan
from ringfence.ops.verify import verify
from ringfence.proof.verification import Verification
from tests.integration.site import Site
from tests.integration.waiting import wait_until

USERS, ROLES = 300, 50


def crowded(site: Site, auth: str) -> Live:
    """Several hundred users beside Kubernetes, each with a role, and no certificates at hand for them."""
    roles = (f"  r-{at:03}: [{{prefix: /tenants/{at:03}/, access: readwrite}}]\n" for at in range(ROLES))
    users = (f"  u-{at:03}: {{roles: [r-{at % ROLES:03}], auth: {auth}}}\n" for at in range(USERS))
    components = "components:\n  - {use: kube-apiserver, compaction: etcd}\n"
    site.spec.write_text(f"{site.operation.header}{components}roles:\n{''.join(roles)}users:\n{''.join(users)}")
    return prepare(site.spec, Connection(), datetime.now(UTC))


async def carried_out(
    live: Live, advance: Callable[[int, int], None], before_proof: Callable[[], None] = lambda: None
) -> Applied:
    """Plan and apply, as the verb does."""
    now = datetime.now(UTC)
    made = (await plan(live.spec, live.wanted, live.target)).plan

    async def prove() -> Verification:
        before_proof()
        return await verify(live.spec, live.wanted, live.target, live.keyring, now=now)

    return await apply(live.spec, live.wanted, live.target, plan=made, prove=prove, today=now.date(), advance=advance)


def killing(site: Site, member: str, at: int) -> Callable[[int, int], None]:
    """Kills a member when so many changes are made."""

    def advance(done: int, _total: int) -> None:
        if done == at:
            site.cluster.kill(member)

    return advance


@pytest.mark.parametrize(
    ("at", "member"),
    [
        pytest.param(50, "etcd-1", id="50-the member in use"),
        pytest.param(500, "etcd-2", id="500-another member"),
        pytest.param(50, "etcd-2", id="50-another member", marks=pytest.mark.long),
        pytest.param(500, "etcd-1", id="500-the member in use", marks=pytest.mark.long),
    ],
)
def test_killed_while_users_and_roles_are_made(site: Site, member: str, at: int) -> None:
    """The work is ended through the others; auth stays off while a member is missing; once it is back, all holds."""
    live = crowded(site, "none")  # users that log in by no certificate are not tried, so the proof is short
    with pytest.raises(Unreachable) as caught:
        asyncio.run(carried_out(live, killing(site, member, at)))
    assert [f"member {member} does not answer ({site.endpoints[int(member[-1]) - 1]})"] == [
        problem.what for problem in caught.value.problems
    ]
    left = site.run("plan", "-o", "json", "--endpoints", site.endpoints[2])
    assert ["enable-auth"] == [each["kind"] for each in left.json["changes"]]

    site.cluster.restart(member)
    done = asyncio.run(carried_out(live, lambda _done, _total: None))
    assert done.succeeded
    assert 0 == site.run("plan").code
    assert done.verification is not None
    assert 3 == len(done.verification.versions)


def test_killed_between_the_switch_and_the_proof(site: Site) -> None:
    """Without every member there is no proof, so auth goes off again, and the error says both."""
    live = prepare(site.spec, Connection(), datetime.now(UTC))
    with pytest.raises(ClusterError) as caught:
        asyncio.run(carried_out(live, lambda _done, _total: None, lambda: site.cluster.kill("etcd-3")))
    what = [problem.what for problem in caught.value.problems]
    assert f"member etcd-3 does not answer ({site.endpoints[2]})" in what
    assert "auth is switched off again: it was on, and the proof could not be made" in what
    assert not site.state().auth_enabled


def test_the_quorum_is_lost_between_the_switch_and_the_proof(site: Site) -> None:
    """Where auth cannot be switched off again, the error says that it is on; a guard does it once there is a quorum."""
    live = prepare(site.spec, Connection(), datetime.now(UTC))

    def kill_two() -> None:
        site.cluster.kill("etcd-2")
        site.cluster.kill("etcd-3")

    with pytest.raises(ClusterError) as caught:
        asyncio.run(carried_out(live, lambda _done, _total: None, kill_two))
    (problem,) = [problem for problem in caught.value.problems if "auth" in problem.what]
    assert "auth is ON and could not be switched off again, although the proof could not be made" == problem.what
    assert "etcdctl auth disable" in (problem.hint or "")
    for member in ("etcd-2", "etcd-3"):
        site.cluster.restart(member, wait=False)
    site.cluster.wait_healthy()
    wait_until(lambda: not site.as_root(lambda client: client.auth.enabled()))


def test_interrupted_in_the_proof(site: Site) -> None:
    """Ctrl-C while the proof runs: exit 1, and auth is off as before."""
    crowded(site, "certificate")  # each is tried on each member: the proof takes seconds
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "apply", "--yes"],
        cwd=site.folder,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not site.as_root(lambda client: client.auth.enabled()):
            assert time.monotonic() < deadline
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (1, "") == (process.returncode, out)
    assert err.endswith("auth is switched off again: it was on, and the proof was not finished\n\nringfence: stopped\n")
    assert "Traceback" not in err
    assert not site.state().auth_enabled
