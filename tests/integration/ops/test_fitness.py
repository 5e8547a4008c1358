"""What stands against switching auth on although the way in is there: each is refused, and without it apply goes on."""

from __future__ import annotations

import shutil

from ringfence.etcd import rpcs
from ringfence.etcd.client import Client
from ringfence.etcd.schema import new
from tests.integration.site import Site


def raise_nospace(client: Client, *, active: bool) -> object:
    """Raise or clear the alarm on the member that is asked."""

    async def work() -> None:
        status = await client.cluster.status()
        request = new("AlarmRequest", action=1 if active else 2, memberID=status.member_id, alarm=1)
        await client.channel.call(rpcs.ALARM, request)

    return work()


def test_no_space(site: Site) -> None:
    """While the alarm is raised etcd does not check writes: refused, users and roles in place."""
    site.as_root(lambda client: raise_nospace(client, active=True))  # type: ignore[arg-type,return-value]  # a coroutine
    try:
        ran = site.run("apply", "--yes")
    finally:
        site.as_root(lambda client: raise_nospace(client, active=False))  # type: ignore[arg-type,return-value]  # same
    assert (1, "ringfence: the alarm NOSPACE is raised") == (ran.code, ran.problems[-1])
    assert not site.state().auth_enabled
    site.fence()


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


def test_metrics_that_cannot_be_reached(site: Site) -> None:
    """Clock and quota were not checked, which is said; auth is switched on all the same."""
    text = site.spec.read_text()
    for metrics in (member.metrics for member in site.operation.members):
        text = text.replace(metrics, f"http://127.0.0.1:{1 + int(metrics[-1])}")
    site.spec.write_text(text)
    ran = site.run("apply", "--yes")
    assert 0 == ran.code, ran.err
    expected = "not checked, for their metrics cannot be reached from here: clock and quota of etcd-1, etcd-2, etcd-3\n"
    assert expected in ran.err
    assert "How many are open is not known" in ran.out
