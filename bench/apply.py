"""Giving many users a role each: ``apply`` beside a loop of etcdctl, and beside nothing but the RPCs."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bench.bare import OK, BareChannel
from bench.measure import Aim, Figure, Ratio, Section, Tell, Way, in_turns
from bench.messages import expect_all, messages
from bench.processes import run as run_process
from bench.stand import Stand, stand
from ringfence.changes.change import Change
from ringfence.changes.etcdctl import command
from ringfence.etcd.inflight import IN_FLIGHT
from ringfence.local.binary import find
from ringfence.model.names import ROOT_USER
from ringfence.ops.apply import apply
from ringfence.ops.planning import plan
from ringfence.proof.verification import Verification

USERS, SAMPLE = 1000, 10
"""How many users, and for how many of them etcdctl is run: its rate does not depend on how many."""

ROUNDS = 5


async def run(tell: Tell) -> tuple[Section, ...]:
    """One section."""
    tell("starting etcd")
    async with stand(USERS) as here:
        bench = _Bench(here)
        loop, bare, ours = await in_turns(
            [
                Way(f"etcdctl, a loop over {SAMPLE} of them", bench.etcdctl),
                Way(f"bare RPCs, {IN_FLIGHT} in flight", bench.bare),
                Way("apply: connect, observe, users and roles", bench.apply),
            ],
            ROUNDS,
            tell,
        )
        whole = Figure("apply: with all checks, auth on, no proof", tuple(bench.whole))
    return (
        Section(
            job="Apply",
            setting=f"{USERS:,} users, each with a role with one permission, on {here.description}, {ROUNDS} rounds",
            unit="users/s",
            figures=(loop, bare, ours, whole),
            ratios=(
                Ratio("apply / etcdctl", ours.over(loop), Aim(at_least=30)),
                Ratio("bare / apply", bare.over(ours), Aim(at_most=1.2)),
                Ratio("bare / apply with all checks", bare.over(whole)),
            ),
            notes=("each round begins without users; the proof after apply is measured by itself: Verify",),
        ),
    )


class _Bench:
    """The three ways, on one cluster without users; each takes away again what it made."""

    def __init__(self, here: Stand) -> None:
        self._here = here
        self._live = here.live
        self.whole: list[float] = []

    async def apply(self) -> float:
        """Until the last user has its role."""
        live = self._live
        made = (await plan(live.spec, live.wanted, live.target)).plan
        all_made = proving = 0.0

        def advance(done: int, total: int) -> None:
            nonlocal all_made
            if done == total - 1:  # all but the switch
                all_made = time.perf_counter()

        async def prove() -> Verification:
            nonlocal proving
            proving = time.perf_counter()
            return Verification(versions={}, asked=(), segments={})

        start = time.perf_counter()
        await apply(
            live.spec, live.wanted, live.target, plan=made, prove=prove, today=datetime.now(UTC).date(), advance=advance
        )
        self.whole.append(USERS / (proving - start))
        await self._here.forget()
        return USERS / (all_made - start)

    async def bare(self) -> float:
        """The same messages in the same order, a batch at a time."""
        made = (await plan(self._live.spec, self._live.wanted, self._live.target)).plan
        batches = [[call for change in batch for call in messages(change)] for batch in made.batches]
        async with BareChannel(self._live.target.endpoints[0], self._live.target.credentials) as channel:
            start = time.perf_counter()
            for batch in batches:
                await channel.fire(batch, IN_FLIGHT)
            seconds = time.perf_counter() - start
        expect_all(channel.codes[OK], sum(len(batch) for batch in batches))
        await self._here.forget()
        return USERS / seconds

    async def etcdctl(self) -> float:
        """The commands that the plan shows, one after the other."""
        made = (await plan(self._live.spec, self._live.wanted, self._live.target)).plan
        commands = list(self._commands(made.changes_v3))
        environment = self._environment()
        start = time.perf_counter()
        for each in commands:
            run_process(each, environ=environment)
        seconds = time.perf_counter() - start
        await self._here.forget()
        return SAMPLE / seconds

    def _commands(self, changes: Iterable[Change]) -> Iterator[list[str]]:
        program = str(find("etcdctl").path)
        sample = {identity.user for identity in self._live.wanted.identities[:SAMPLE]}
        for change in changes:
            if not sample.isdisjoint({getattr(change, "role", None), getattr(change, "user", None)}):
                yield [program, *shlex.split(command(change))[1:]]

    def _environment(self) -> dict[str, str]:
        pki = self._here.folder / "pki"
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("ETCDCTL_")},
            "ETCDCTL_API": "3",
            "ETCDCTL_ENDPOINTS": self._live.target.endpoints[0],
            "ETCDCTL_CACERT": str(pki / "ca.pem"),
            "ETCDCTL_CERT": str(pki / f"{ROOT_USER}.pem"),
            "ETCDCTL_KEY": str(pki / f"{ROOT_USER}-key.pem"),
        }
