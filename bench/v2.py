"""The v2 store: ``apply`` and ``verify`` beside the same requests by hand, and ``apply`` beside a loop of etcdctl.

Each new user costs etcd a hash of its password, a tenth of a second, and probes grow with the square of the users: so
these are few here.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from bench.measure import Aim, Figure, Ratio, Section, Tell, Way, in_turns
from bench.plain_http import PlainHttp, Request
from bench.processes import run as run_process
from bench.stand import Stand, stand
from ringfence.changes.plan import Plan, PlanV2
from ringfence.changes.v2.change import AddRoleV2, AddUserV2, ChangeV2, EnableAuthV2
from ringfence.changes.v2.etcdctl import commands_v2
from ringfence.etcd.inflight import each
from ringfence.etcd.v2.exchange import AT_ONCE
from ringfence.etcd.v2.tls import client_tls
from ringfence.local.binary import find
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_USER
from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OperationV2
from ringfence.ops.apply import apply
from ringfence.ops.planning import plan
from ringfence.ops.v2.reach import connected_v2
from ringfence.ops.verify import verify
from ringfence.pki.issuing.custody import stored_authority
from ringfence.pki.login import fleeting_credentials
from ringfence.proof.v2.probes import probes_v2
from ringfence.proof.verification import Verification
from ringfence.wanted.v2.wanted import WantedV2

USERS, SAMPLE, ROUNDS = 20, 5, 3
_SESSIONS, _UNAUTHORIZED = 4, 401

_QUERIES = {
    OperationV2.READ: ("HEAD", ""),
    OperationV2.READ_TREE: ("HEAD", "?recursive=true"),
    OperationV2.WRITE: ("PUT", f"?prevIndex={2**64 - 1}"),
    OperationV2.DELETE_TREE: ("DELETE", f"?recursive=true&prevIndex={2**64 - 1}"),
}
"""The requests of ``ringfence.etcd.v2.prober``, written down once more."""

_Session = tuple[Credentials, list[Request]]


async def run(tell: Tell) -> tuple[Section, ...]:
    """Two sections."""
    tell("starting etcd with v2")
    async with stand(USERS, find("etcd", {}), v2=True) as here:
        bench = _Bench(here)
        made = [
            Way(f"etcdctl, a loop over {SAMPLE} of them", bench.etcdctl),
            Way(f"bare requests, {AT_ONCE} at a time", bench.bare_apply),
            Way("apply: connect, observe, users and roles", bench.apply),
        ]
        loop, bare, ours = await in_turns(made, ROUNDS, tell)
        whole = Figure("apply: with all checks, auth on, no proof", tuple(bench.whole))
        await bench.switch_on()
        asked = [Way("bare requests", bench.bare_verify), Way("verify", bench.verify)]
        bare_asked, ours_asked = await in_turns(asked, ROUNDS, tell)
    return (
        Section(
            job="Apply in v2",
            setting=f"{USERS} users, each with a role with two patterns, on {here.description}, {ROUNDS} rounds",
            unit="users/s",
            figures=(loop, bare, ours, whole),
            ratios=(
                Ratio("apply / etcdctl", ours.over(loop)),
                Ratio("bare / apply", bare.over(ours), Aim(at_most=1.2)),
                Ratio("bare / apply with all checks", bare.over(whole)),
            ),
            notes=("etcd hashes a password for each user: about a tenth of a second of one core",),
        ),
        Section(
            job="Verify in v2",
            setting=f"{USERS} identities, {bench.asked:,} probes on {here.description}, {ROUNDS} rounds",
            unit="probes/s",
            figures=(bare_asked, ours_asked),
            ratios=(Ratio("verify / bare", ours_asked.over(bare_asked)),),
            notes=(
                f"both: {_SESSIONS} identities at a time, {AT_ONCE} connections each; bare is HTTP/1.1 by hand",
                "verify also reads certificates, judges every answer, and tries the two whom TLS refuses",
            ),
        ),
    )


class _Bench:
    """All the ways, on one cluster; those that make users take them away again."""

    def __init__(self, here: Stand) -> None:
        self._here = here
        self._live = here.live
        self.whole: list[float] = []
        self.asked = 0
        self._denied = 0

    async def apply(self) -> float:
        """Until the last user is there."""
        live, proving, all_made = self._live, 0.0, 0.0
        made = await self._plan()

        def advance(done: int, total: int) -> None:
            nonlocal all_made
            if done == total:
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
        await self._forget()
        return USERS / (all_made - start)

    async def bare_apply(self) -> float:
        """The same requests, a batch at a time."""
        made = await self._plan_v2()
        target = self._live.target
        tls = client_tls(target.credentials, target.endpoints[0])
        async with PlainHttp(target.endpoints[0], tls, AT_ONCE) as http:
            start = time.perf_counter()
            for batch in made.batches:
                statuses = await http.fire([_made_by(change) for change in batch if change != EnableAuthV2()])
                if any(status not in {200, 201} for status in statuses):
                    raise SystemExit(f"etcd refused a bare request: {statuses}")
            seconds = time.perf_counter() - start
        await self._forget()
        return USERS / seconds

    async def etcdctl(self) -> float:
        """The commands that the plan shows, one after the other, each user with a password at once."""
        made = await self._plan_v2()
        sample = {identity.user for identity in self._wanted.identities[:SAMPLE]}
        chosen = [change for change in made.changes if _about(change) in sample]
        lines = [line for change in chosen for line in commands_v2(change)]
        start = time.perf_counter()
        for line in lines:
            run_process(self._command(line), environ=self._environment())
        seconds = time.perf_counter() - start
        await self._forget()
        return SAMPLE / seconds

    async def switch_on(self) -> None:
        """Apply the spec; what follows measures the proof."""
        live = self._live
        await apply(
            live.spec,
            live.wanted,
            live.target,
            plan=await self._plan(),
            prove=self._proof,
            today=datetime.now(UTC).date(),
        )

    async def verify(self) -> float:
        """The whole verb, from the first connection to the verdict."""
        start = time.perf_counter()
        proof = await self._proof()
        return proof.probes / (time.perf_counter() - start)

    async def bare_verify(self) -> float:
        """Every request to every member."""
        sessions = list(self._sessions())
        turns = [(session, endpoint) for session in sessions for endpoint in self._live.target.endpoints]
        denied = 0

        async def play(turn: tuple[_Session, str]) -> None:
            nonlocal denied
            (credentials, requests), endpoint = turn
            async with PlainHttp(endpoint, client_tls(credentials, endpoint), AT_ONCE) as http:
                statuses = await http.fire(requests)
            denied += statuses.count(_UNAUTHORIZED)

        start = time.perf_counter()
        await each(turns, play, _SESSIONS)
        seconds = time.perf_counter() - start
        if denied != self._denied:
            raise SystemExit(f"the bare requests were denied {denied:,} times, the probes {self._denied:,} times")
        return sum(len(requests) for (_, requests), _ in turns) / seconds

    async def _plan(self) -> Plan:
        return (await plan(self._live.spec, self._live.wanted, self._live.target)).plan

    async def _plan_v2(self) -> PlanV2:
        found = (await self._plan()).v2
        if found is None:
            raise SystemExit("the plan has nothing of v2")
        return found

    async def _proof(self) -> Verification:
        live = self._live
        proof = await verify(live.spec, live.wanted, live.target, live.keyring, now=datetime.now(UTC))
        if not proof.holds or proof.unproven or proof.v2 is None:
            raise SystemExit("the fence does not hold, so there is nothing to measure")
        self.asked = proof.probes
        names = {identity.user for identity in self._wanted.identities}
        outcomes = (one for asked in proof.v2.asked if asked.identity in names for one in asked.outcomes)
        self._denied = sum(outcome.verdict is Verdict.DENIED for outcome in outcomes)
        return proof

    @property
    def _wanted(self) -> WantedV2:
        found = self._live.wanted.v2
        if found is None:
            raise SystemExit("the spec wants nothing in v2")
        return found

    def _sessions(self) -> Iterator[_Session]:
        """Every identity. Whoever is no user is left out: etcd cuts those off where the authority has no name."""
        live, now = self._live, datetime.now(UTC)
        authority = stored_authority(live.keyring.store, live.spec.pki.key, now)
        segments = [segment.patterns for segment in self._wanted.segments]
        for identity in self._wanted.identities:
            asked = {(probe.operation, probe.path): None for probe in probes_v2(identity.reach, segments)}
            requests = [
                Request(_QUERIES[operation][0], f"/v2/keys{quote(path)}{_QUERIES[operation][1]}")
                for operation, path in asked
            ]
            yield fleeting_credentials(authority, identity.user, now), requests

    async def _forget(self) -> None:
        """Switch v2 auth off and delete all of its users and roles."""
        async with connected_v2(self._live.target) as client:
            if await client.auth.enabled():
                await client.auth.disable()
            for user in await client.auth.users():
                await client.auth.delete_user(user)
            for role in await client.auth.roles():
                await client.auth.delete_role(role)

    def _command(self, line: str) -> list[str]:
        """A line of the plan for API 2, with a password where it would ask for one."""
        _, _, *words = shlex.split(line)
        if words[:2] == ["user", "add"]:
            words[2] += f":{secrets.token_hex(16)}"
        return [str(find("etcdctl", {}).path), *words]

    def _environment(self) -> dict[str, str]:
        pki = self._here.folder / "pki"
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("ETCDCTL_")},
            "ETCDCTL_API": "2",
            "ETCDCTL_ENDPOINTS": self._live.target.endpoints[0],
            "ETCDCTL_CA_FILE": str(pki / "ca.pem"),
            "ETCDCTL_CERT_FILE": str(pki / f"{ROOT_USER}.pem"),
            "ETCDCTL_KEY_FILE": str(pki / f"{ROOT_USER}-key.pem"),
        }


def _made_by(change: ChangeV2) -> Request:
    """The request that makes a role or a user."""
    match change:
        case AddRoleV2(role, read, write):
            kinds = {"read": [str(each) for each in read], "write": [str(each) for each in write]}
            return _put(f"roles/{role}", {"role": role, "permissions": {"kv": kinds}})
        case AddUserV2(user, roles):
            body = {"user": user, "password": secrets.token_urlsafe(48), "roles": list(roles)}
            return _put(f"users/{user}", body)
        case _:
            raise SystemExit(f"an empty cluster needs no {change}")


def _put(path: str, body: Mapping[str, object]) -> Request:
    return Request("PUT", f"/v2/auth/{path}", json.dumps(body).encode())


def _about(change: ChangeV2) -> str:
    return str(getattr(change, "user", None) or getattr(change, "role", ""))
