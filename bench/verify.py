"""The proof for many identities: ``verify`` beside the same requests fired by hand."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from google.protobuf.message import Message

from bench.bare import OK, BareChannel, Call
from bench.measure import Aim, Ratio, Section, Tell, Way, in_turns
from bench.stand import stand
from ringfence.etcd.inflight import IN_FLIGHT, batches, each
from ringfence.etcd.questions import Kind, Question, judged, packed
from ringfence.etcd.rpcs import TXN
from ringfence.etcd.schema import new
from ringfence.model.credentials import Credentials
from ringfence.model.names import UserName
from ringfence.model.probe import Probe, Verdict
from ringfence.model.state import Reach
from ringfence.ops.apply import apply
from ringfence.ops.live import Live
from ringfence.ops.planning import plan
from ringfence.ops.verify import verify
from ringfence.pki.issuing.custody import stored_authority
from ringfence.pki.login import fleeting_credentials
from ringfence.proof.probes import NOTHING, probes
from ringfence.proof.verification import Verification

IDENTITIES = 40
"""What must not be reached grows with their square; 100 of them take six times as long."""

ROUNDS = 3
_SESSIONS, _WATCHES, _STREAMS = 8, 256, 4
"""Under way at once, as in ringfence: connections, watches on a stream, streams on a connection."""


async def run(tell: Tell) -> tuple[Section, ...]:
    """One section."""
    tell("starting etcd and switching auth on")
    async with stand(IDENTITIES) as here:
        bench = _Bench(here.live)
        await bench.switch_on()
        bare, ours = await in_turns([Way("bare RPCs", bench.bare), Way("verify", bench.verify)], ROUNDS, tell)
    return (
        Section(
            job="Verify",
            setting=f"{IDENTITIES} identities, {bench.asked:,} probes on {here.description}, {ROUNDS} rounds",
            unit="probes/s",
            figures=(bare, ours),
            ratios=(Ratio("verify / bare", ours.over(bare), Aim(at_least=0.8)),),
            notes=(
                f"both: {_SESSIONS} connections, {IN_FLIGHT} in flight on each; the bare RPCs are made beforehand",
                "verify also reads certificates, judges every answer, and tries the two whom TLS refuses",
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Session:
    """What is sent as one identity to one member, in this order: each part when the one before is answered."""

    credentials: Credentials
    calls: tuple[tuple[Call, ...], ...]
    watches: tuple[tuple[Message, ...], ...]

    @classmethod
    def of(cls, asked: tuple[Probe, ...], credentials: Credentials) -> _Session:
        """The messages for these probes, packed as ringfence packs them."""
        allowed = list(_questions(asked, Verdict.ALLOWED))
        denied = list(_questions(asked, Verdict.DENIED))
        watches = [
            new(
                "WatchRequest",
                create_request=new("WatchCreateRequest", key=each.key, range_end=each.range_end, start_revision=2**62),
            )
            for each in (*allowed, *denied)
            if each.kind is Kind.WATCH
        ]
        return cls(
            credentials,
            (
                tuple((TXN, judged(pack)) for pack in packed(allowed)),
                tuple((TXN, judged([question])) for question in denied if question.kind is not Kind.WATCH),
            ),
            tuple(batches(watches, _WATCHES)),
        )


class _Bench:
    """Both ways, on a cluster with auth on."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._sessions = list(self._prepared())
        self._denied = 0
        self.asked = 0

    async def switch_on(self) -> None:
        """Apply the spec; what follows measures the proof."""
        live = self._live
        made = (await plan(live.spec, live.wanted, live.target)).plan
        await apply(live.spec, live.wanted, live.target, plan=made, prove=self._proof, today=datetime.now(UTC).date())

    async def verify(self) -> float:
        """The whole verb, from the first connection to the verdict."""
        start = time.perf_counter()
        proof = await self._proof()
        return proof.probes / (time.perf_counter() - start)

    async def bare(self) -> float:
        """Every message to every member."""
        codes: Counter[str] = Counter()
        turns = [(session, endpoint) for session in self._sessions for endpoint in self._live.target.endpoints]

        async def play(turn: tuple[_Session, str]) -> None:
            session, endpoint = turn
            async with BareChannel(endpoint, session.credentials) as channel:
                for part in session.calls:
                    await channel.fire(part, IN_FLIGHT)
                await each(session.watches, channel.watch, _STREAMS)
            codes.update(channel.codes)

        start = time.perf_counter()
        await each(turns, play, _SESSIONS)
        seconds = time.perf_counter() - start
        denied = codes.total() - codes[OK]
        if denied != self._denied:
            raise SystemExit(f"the bare RPCs were denied {denied:,} times, the probes {self._denied:,} times")
        return self.asked / seconds

    async def _proof(self) -> Verification:
        live = self._live
        proof = await verify(live.spec, live.wanted, live.target, live.keyring, now=datetime.now(UTC))
        if not proof.holds or proof.unproven:
            raise SystemExit("the fence does not hold, so there is nothing to measure")
        self.asked = proof.probes
        outcomes = (outcome for asked in proof.asked for outcome in asked.outcomes)
        self._denied = sum(outcome.verdict is Verdict.DENIED for outcome in outcomes)
        return proof

    def _prepared(self) -> Iterator[_Session]:
        """Every identity, and the impostor with an unknown name; the two that TLS refuses send nothing."""
        live, now = self._live, datetime.now(UTC)
        authority = stored_authority(live.keyring.store, live.spec.pki.key, now)
        segments = [segment.spans for segment in live.wanted.segments]
        everybody: list[tuple[UserName, Reach]] = [(each.user, each.reach) for each in live.wanted.identities]
        for user, reach in (*everybody, (UserName("bench-nobody"), NOTHING)):
            yield _Session.of(probes(reach, segments), fleeting_credentials(authority, user, now))


def _questions(asked: tuple[Probe, ...], expected: Verdict) -> Iterator[Question]:
    """Each different question once."""
    yield from dict.fromkeys(Question.of(probe) for probe in asked if probe.expected is expected)
