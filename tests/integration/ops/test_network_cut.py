"""The network is cut, or a member is paused, while a plan is carried out and clients are at work.

Apply ends well or says in time why not; nobody is refused what both ends of the change allow; and once the trouble is
over, planning and applying again reach what was wanted.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ringfence.etcd import rpcs
from ringfence.etcd.client import Client
from ringfence.etcd.schema import new
from ringfence.local.binary import Binary
from tests.integration.ops.network import CLIENTS, Network, network
from tests.integration.ops.test_live_traffic import changed_site, traffic
from tests.integration.site import Operation, Ran, Site, operation, site_of

MEMBERS = ("etcd-1", "etcd-2", "etcd-3")
PACE = ("--pace", "4/s")
LONGEST_SECONDS = 120.0
"""Apply gives up on a silent member after ten seconds, each time that it turns to one."""


@pytest.fixture(scope="module")
def wires() -> Iterator[Network]:
    """What lies between the members, and between them and us."""
    with network() as made:
        yield made


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory, etcd: Binary, wires: Network) -> Iterator[Operation]:
    """A cluster on those wires."""
    with operation(tmp_path_factory.mktemp("operation"), etcd, member_config=wires.stand_between) as running:
        yield running


@pytest.fixture
def fenced(tmp_path: Path, wired: Operation, wires: Network) -> Iterator[Site]:
    """A fenced site whose spec asks for something else by now; afterwards all is whole and empty again."""
    site = site_of(tmp_path, wired)
    yield changed_site(site)
    wires.mend()
    wired.reset()


@dataclass(frozen=True, slots=True)
class Scene:
    """What troubles are made of: the site, its wires, and which member leads."""

    site: Site
    wires: Network
    leader: str

    @property
    def follower(self) -> str:
        """A member that does not lead, and that apply does not turn to first."""
        return next(name for name in reversed(MEMBERS) if name != self.leader)

    def others(self, member: str) -> list[str]:
        """The members without one."""
        return [name for name in MEMBERS if name != member]

    def end(self) -> None:
        """End every trouble."""
        self.wires.mend()
        for name in MEMBERS:
            self.site.cluster.resume(name)


def pause_the_leader(scene: Scene) -> None:
    """It keeps its connections and answers nothing."""
    scene.site.cluster.pause(scene.leader)


def pause_a_follower(scene: Scene) -> None:
    """The same of another member."""
    scene.site.cluster.pause(scene.follower)


def cut_off_the_leader(scene: Scene) -> None:
    """Its clients still reach it, the other members do not."""
    scene.wires.cut(scene.leader, *scene.others(scene.leader))


def cut_off_a_follower(scene: Scene) -> None:
    """Nobody reaches it, neither members nor clients."""
    scene.wires.cut(scene.follower, *scene.others(scene.follower), CLIENTS)


def cut_off_the_member_in_use(scene: Scene) -> None:
    """Only its clients do not reach it, and apply is one of them."""
    scene.wires.cut(MEMBERS[0], CLIENTS)


def cut_all_wires_between_members(scene: Scene) -> None:
    """No member reaches another one: there is no quorum."""
    for name in MEMBERS:
        scene.wires.cut(name, *scene.others(name))


MOMENT_SECONDS = 2.0
BRIEF, LASTING = MOMENT_SECONDS, None
"""How long a trouble goes on; a lasting one until apply has ended."""

SHORT = [
    (pause_the_leader, BRIEF),
    (cut_off_the_leader, LASTING),
]
LONG = [
    (cut_all_wires_between_members, BRIEF),
    (cut_off_a_follower, BRIEF),
    (pause_a_follower, LASTING),
    (pause_a_follower, BRIEF),
    (cut_off_the_leader, BRIEF),
    (cut_off_the_member_in_use, BRIEF),
    (pause_the_leader, LASTING),
    (cut_off_the_member_in_use, LASTING),
    (cut_all_wires_between_members, LASTING),
]


def label(value: object) -> str:
    """A name for a trouble, and for how long it goes on."""
    return getattr(value, "__name__", "until apply ends" if value is LASTING else "for a moment")


@pytest.mark.parametrize(
    ("trouble", "seconds"), [*SHORT, *(pytest.param(*each, marks=pytest.mark.long) for each in LONG)], ids=label
)
def test_trouble_while_roles_change(
    fenced: Site, wires: Network, trouble: Callable[[Scene], None], seconds: float | None
) -> None:
    """Exit 0 or a clear error in time, nobody refused for want of permission, and a second apply ends in sync."""
    scene = Scene(fenced, wires, asyncio.run(leader_of(fenced)))
    began = time.monotonic()
    ran, seen = asyncio.run(applied_in(scene, trouble, seconds))
    assert time.monotonic() - began < LONGEST_SECONDS
    fenced.cluster.wait_healthy()
    assert (0 if "Applied: " in ran.out else 1) == ran.code, ran.err
    assert ran.code == 0 or "  hint: " in ran.err
    if seconds is LASTING:  # without each member there is no proof, and never an exit 0
        assert 1 == ran.code
    assert 0 == seen["denied"]
    assert seen["done"] > 100

    assert fenced.state().auth_enabled
    again = fenced.run("apply", "--yes")
    assert 0 == again.code, again.err
    assert 0 == fenced.run("plan").code
    assert fenced.state().auth_enabled


def test_changes_that_could_not_be_proved(fenced: Site, wires: Network) -> None:
    """A member that nobody reaches any more: all changes are in, and the error says so beside what is missing."""
    scene = Scene(fenced, wires, asyncio.run(leader_of(fenced)))
    ran, _ = asyncio.run(applied_in(scene, cut_off_a_follower, LASTING))
    at = MEMBERS.index(scene.follower)
    assert [
        f"ringfence: member {scene.follower} does not answer ({fenced.endpoints[at]})",
        "ringfence: every change of the plan was made, and that could not be proved",
    ] == ran.problems[-2:]
    fenced.cluster.wait_healthy()
    assert 0 == fenced.run("plan").code


async def applied_in(scene: Scene, trouble: Callable[[Scene], None], seconds: float | None) -> tuple[Ran, Counter[str]]:
    """Apply while clients are at work, with trouble from the first change on; what it said and what they met."""
    site, stop, seen = scene.site, asyncio.Event(), Counter[str]()
    clients = [asyncio.create_task(traffic(site, endpoint, stop, seen)) for endpoint in site.endpoints]
    apply = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ringfence", "apply", "--yes", *PACE),
        cwd=site.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await begun(site)
        trouble(scene)
        if seconds is not None:
            await asyncio.sleep(seconds)
            scene.end()
        out, err = await asyncio.wait_for(apply.communicate(), LONGEST_SECONDS)
    finally:
        scene.end()
        stop.set()
        await asyncio.gather(*clients)
    assert b"Traceback" not in out + err
    assert apply.returncode is not None
    return Ran(apply.returncode, out.decode(), err.decode()), seen


async def begun(site: Site) -> None:
    """Wait until the first change of the plan is made."""
    async with Client(site.endpoints[0], site.operation.root) as client:
        for _ in range(1200):
            if "guest" in await client.auth.roles():
                return
            await asyncio.sleep(0.05)
    raise AssertionError("apply has not begun within a minute")


async def leader_of(site: Site) -> str:
    """The member that leads now."""
    for name, endpoint in zip(MEMBERS, site.endpoints, strict=True):
        async with Client(endpoint, site.operation.root) as client:
            told = await client.channel.call(rpcs.STATUS, new("Empty"))
            if told.leader == told.header.member_id:
                return name
    raise AssertionError("no member leads")
