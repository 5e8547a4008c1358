"""The rules of v2 and etcd agree on every decision: random roles, holders, paths and requests, on each line with v2.

Users cost a tenth of a second each, because etcd hashes their passwords slowly; so the same few are given other roles
from world to world. Requests that would write carry a ``prevIndex`` that no key has; only POST makes keys.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from urllib.parse import unquote, urlencode, urlsplit

import httpx
import pytest

from ringfence.etcd.inflight import each
from ringfence.etcd.v2.client import ClientV2
from ringfence.etcd.v2.exchange import AT_ONCE, Exchange
from ringfence.local.binary import Binary
from ringfence.model.credentials import Credentials
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.rules.v2.callers import Basic, Caller, caller
from ringfence.rules.v2.decisions import allowed
from ringfence.rules.v2.requests import Request2, clean
from tests.differential.test_agreement import DECISIONS, SEED
from tests.integration.stage import Authority, Stage, prepare
from tests.integration.v2.conftest import v2_servers

IN_A_WORLD = 250
PASSWORD = "a password"  # of users that live for a minute on loopback
CA = "the authority"
"""The CA's own Common Name, which is a user in some worlds: then it counts for every stranger."""

USERS = tuple(UserName(f"u{number}") for number in range(4))
STRANGER, NAMELESS = "stranger", ""
DISGUISED = ("x/../u1", "u2/")
"""Names in certificates that are users' to etcd, which takes them for paths."""
ROLES = tuple(RoleName(f"r{number}") for number in range(4))
GONE = RoleName("gone")

_PARTS = ("a", "b", "ab", "a*", "*", "ü", "a b", "%41", "a+b", ".a", "..a", "_h", "a:b", "q?x#")
_NEVER = str((1 << 64) - 1)
_TRUE = ("true", "1", "t", "T", "TRUE")


@dataclass(frozen=True, slots=True)
class Case:
    """A request: as whom, with which header, and what."""

    name: str
    header: str
    basic: Basic | None
    method: str
    target: str
    recursive: bool
    streams: bool = False

    @property
    def request(self) -> Request2:
        """What it is to the rules: the path decoded once."""
        access = Access.READ if self.method in {"GET", "HEAD"} else Access.WRITE
        path = unquote(urlsplit(self.target).path).removeprefix("/v2/keys")
        return Request2(path, access, self.recursive)


Evaluator = Callable[[StateV2, Caller, Request2], bool]


def by_the_rules(state: StateV2, who: Caller, request: Request2) -> bool:
    """What we say."""
    return not who.is_nobody and allowed(state, who.user, request)


def random_world(dice: Random, *, ca_is_user: bool) -> StateV2:
    """Roles with random patterns, held as the dice fall: also such that do not exist, guest's and root's."""
    roles = [PatternRole(name, _patterns(dice), _patterns(dice)) for name in ROLES]
    if dice.random() < 0.8:
        is_open = dice.random() < 0.6
        roles.append(PatternRole(GUEST_ROLE, *((_patterns(dice), _patterns(dice)) if is_open else ())))
    held = (*ROLES, *ROLES, GONE, GUEST_ROLE)
    names = (*USERS, UserName(CA)) if ca_is_user else USERS
    users = [User(name, frozenset(dice.choices(held, k=dice.randint(0, 3)))) for name in names]
    if dice.random() < 0.2:
        users[0] = User(USERS[0], users[0].roles | {ROOT_ROLE})
    return StateV2.of([*users, User(ROOT_USER, frozenset({ROOT_ROLE}))], roles)


def _path(dice: Random) -> str:
    return "".join(f"/{dice.choice(_PARTS)}" for _ in range(dice.randint(0, 3)))


def _patterns(dice: Random) -> frozenset[Pattern]:
    ends = ("", "", "/", "*", "/*", "/*", "/*/b", "//x*", "/../a")
    texts = [f"{_path(dice)}{dice.choice(ends)}" for _ in range(dice.randint(0, 3))]
    odd = dice.choice(("*", "/*", "/", "a/*", "//*"))
    return frozenset(Pattern(text) for text in (*texts, *([odd] if dice.random() < 0.15 else [])) if text)


def random_cases(state: StateV2, dice: Random) -> Iterator[Case]:
    """Requests around the edges of the patterns that there are."""
    edges = _edges(state.roles.values())
    names = (*USERS, *USERS, *USERS, *(STRANGER,) * 4, *DISGUISED, ROOT_USER, NAMELESS)
    for number in range(IN_A_WORLD):
        name = dice.choice(names)
        header, basic = ("", None) if number % 60 else _header(dice)
        own = _edges(state.roles_of(caller(state, (name, CA)).user))
        path = dice.choice(dice.choice((own, own, edges)) or (_path(dice),))
        method = dice.choice(("GET", "GET", "GET", "HEAD", "PUT", "PUT", "DELETE", "POST"))
        query, recursive, streams = _query(dice, method)
        target = f"/v2/keys{_encoded(_varied(path, dice), dice)}"
        yield Case(name, header, basic, method, f"{target}?{urlencode(query)}", recursive, streams)


def _edges(roles: Iterable[PatternRole]) -> list[str]:
    """Where the patterns of roles begin."""
    patterns = {pattern.text for role in roles for pattern in (*role.read, *role.write)}
    return sorted(text.removesuffix("*") for text in patterns if text.startswith("/"))


def _query(dice: Random, method: str) -> tuple[dict[str, str], bool, bool]:
    query, recursive = {}, dice.random() < 0.4
    if recursive:
        query["recursive"] = dice.choice(_TRUE)
    elif dice.random() < 0.1:
        query["recursive"] = "false"
    if dice.random() < 0.3:
        query["quorum"] = dice.choice(("true", "false"))
    if method in {"PUT", "DELETE"}:
        query["prevIndex"] = _NEVER
    streams = method == "GET" and dice.random() < 0.15
    if streams:
        query |= {"wait": "true", "quorum": "false"}
    return query, recursive, streams


def _header(dice: Random) -> tuple[str, Basic]:
    """A header Authorization; each that names a user makes etcd hash a password, which takes its time."""
    user = dice.choice((*USERS, ROOT_USER))
    right = Basic(user, right=True)
    choices = ((f"{user}:{PASSWORD}", right), (f"{user}:wrong", Basic(user, right=False)))
    text, basic = dice.choice((*choices, (f"{STRANGER}:{PASSWORD}", Basic(UserName(STRANGER), right=False))))
    if dice.random() < 0.2:
        return "Bearer x", Basic(UserName(""), right=False)
    return f"Basic {base64.b64encode(text.encode()).decode()}", basic


def _varied(path: str, dice: Random) -> str:
    kind = dice.randrange(16)
    if kind < 6:
        return path
    varied = {
        6: f"{path}/",
        7: f"{path}/{dice.choice(_PARTS)}",
        8: f"{path}x",
        9: path[:-1] if len(path) > 1 else path,
        10: path.replace("/", "//", 1),
        11: f"/./{path}",
        12: f"{path}/../{dice.choice(_PARTS)}",
        13: f"{path}/..",
        14: f"{path}//",
    }
    return varied.get(kind, dice.choice(("", "/", "/..", "/../auth/users")))


def _encoded(path: str, dice: Random) -> str:
    """Percent-encoded where it must be, and here and there where it need not."""
    rate = dice.choice((0.0, 0.0, 0.2, 1.0))
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._*:+-"
    whole = []
    for character in path:
        if character in plain and dice.random() >= rate:
            whole.append(character)
        else:
            whole.extend(f"%{byte:02{dice.choice('xX')}}" for byte in character.encode())
    return "".join(whole)


class Asker:
    """Makes a world real, and asks as everybody."""

    def __init__(self, stage: Stage) -> None:
        endpoint = stage.members[0].client
        self.root = ClientV2(endpoint, stage.as_user(ROOT_USER))
        self._as = {name: Exchange(endpoint, stage.as_user(name)) for name in (*USERS, STRANGER, *DISGUISED, ROOT_USER)}
        self._as[NAMELESS] = Exchange(endpoint, _nameless(stage.authority))
        self._held: dict[UserName, frozenset[RoleName]] = {}

    async def close(self) -> None:
        """End all connections."""
        for one in (self.root, *self._as.values()):
            await one.close()

    async def enter(self, world: StateV2) -> None:
        """Users and roles as in the world, and auth on."""
        auth = self.root.auth
        if ROOT_USER not in self._held:
            for name in (ROOT_USER, *USERS):
                await auth.add_user(name, PASSWORD)
                self._held[name] = frozenset()
            self._held[ROOT_USER] = frozenset({ROOT_ROLE})
        if (CA in self._held) and CA not in world.users:
            await auth.delete_user(UserName(CA))
            del self._held[UserName(CA)]
        for name in await auth.roles():
            await auth.delete_role(name)
        for role in world.roles.values():
            await auth.add_role(role)
        await auth.enable()  # a guest that is wanted is there, so etcd makes no other
        for user in world.users.values():
            if user.name not in self._held:
                await auth.add_user(user.name, PASSWORD)
                self._held[user.name] = frozenset()
            for role_name in user.roles - self._held[user.name]:
                await auth.grant_role(user.name, role_name)
            for role_name in self._held[user.name] - user.roles:
                await auth.revoke_role(user.name, role_name)
            self._held[user.name] = user.roles
        if GUEST_ROLE not in world.roles and GUEST_ROLE in await auth.roles():
            await auth.delete_role(GUEST_ROLE)
        await self.root.keys.settle()

    async def ask(self, case: Case) -> bool:
        """Whether etcd let it come to the data."""
        answer = await self._send(case, case.target)
        if answer is None:
            return False
        if answer.status_code == httpx.codes.MOVED_PERMANENTLY:
            to = answer.headers["Location"]
            short = clean(case.request.path)
            assert case.request.path != short
            assert (f"/v2/keys{short}" == unquote(urlsplit(to).path)) is (short is not None), to
            if short is None:
                return False
            answer = await self._send(case, to)
            assert answer is not None or case.name == NAMELESS
            if answer is None:
                return False
        assert answer.status_code not in {301, 500}, (case, answer.text)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            return False
        if "X-Etcd-Cluster-ID" not in answer.headers:
            assert clean(case.request.path) is None, (case, answer.status_code, answer.text)
            return False
        assert 200 > (answer.json()["errorCode"] if answer.is_error and answer.content else 0), (case, answer.text)
        return True

    async def _send(self, case: Case, target: str) -> httpx.Response | None:
        http = self._as[case.name]._connection._http
        headers = {"Authorization": case.header} if case.header else {}
        request = http.build_request(
            case.method, f"{self.root.exchange.endpoint}/", headers=headers, extensions={"target": target.encode()}
        )
        try:
            answer = await http.send(request, stream=case.streams)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            assert case.name == NAMELESS, case
            return None
        if case.streams:
            if answer.is_success:
                await answer.aclose()
            else:
                await answer.aread()
        return answer


def _nameless(authority: Authority) -> Credentials:
    pair = authority.issue()
    return Credentials(authority.ca, pair.certificate, pair.key)


@dataclass(frozen=True, slots=True)
class Result:
    """How many were decided, how many with yes, and on which etcd says something else than we do."""

    decided: int
    yes: int
    wrong: tuple[tuple[Case, StateV2], ...]


async def run(stage: Stage, dice: Random, count: int, says: Evaluator = by_the_rules, *, ca_every: int = 4) -> Result:
    """Decisions in one world after the other; in one of ``ca_every`` the authority's name is a user."""
    asker = Asker(stage)
    result = Result(0, 0, ())
    try:
        while result.decided < count and not result.wrong:
            # The user is made and deleted only every few worlds, for that is slow.
            world = random_world(dice, ca_is_user=result.decided // IN_A_WORLD % ca_every == ca_every - 1)
            await asker.enter(world)
            cases = list(random_cases(world, dice))
            answers = await each(cases, asker.ask, AT_ONCE)
            wrong = [
                (case, world)
                for case, answer in zip(cases, answers, strict=True)
                if says(world, caller(world, (case.name, CA), case.basic), case.request) != answer
            ]
            result = Result(result.decided + len(cases), result.yes + sum(answers), (*result.wrong, *wrong))
        return result
    finally:
        await asker.root.auth.disable()
        for user in await asker.root.auth.users():
            await asker.root.auth.delete_user(user)
        await asker.close()


@pytest.fixture(scope="module", params=v2_servers(), ids=lambda binary: str(binary.version))
def v2_server(request: pytest.FixtureRequest) -> Binary:
    """One release of each line that has v2; the first is always there."""
    binary: Binary = request.param
    return binary


@pytest.fixture(scope="module")
def stage_v2(v2_server: Binary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One member of it."""
    folder = tmp_path_factory.mktemp(f"v2-{v2_server.version}")
    stage = prepare(folder, v2_server.path, Authority(CA), size=1, v2=True)
    with stage.cluster:
        yield stage


def test_every_decision_is_etcds(stage_v2: Stage, v2_server: Binary) -> None:
    """Thousands of random decisions on this line, a good part of each kind, and not one on which the two differ."""
    count = min(DECISIONS // (4 if v2_server == v2_servers()[0] else 10), 50_000)  # 5,000 where there is one alone
    result = asyncio.run(run(stage_v2, Random(f"{SEED}-v2"), count))  # noqa: S311  # dice, no secret
    assert () == result.wrong[:1]
    assert result.decided >= count
    assert 0.2 < result.yes / result.decided < 0.8


def _strict_guest(state: StateV2, who: Caller, request: Request2) -> bool:
    """Wrong: the guest's recursive requests need a star."""
    if who.user is None and not any(p.matches_tree(request.path) for p in state.reach(None).read):
        return by_the_rules(state, who, request) and not request.recursive
    return by_the_rules(state, who, request)


def _tidy_path(state: StateV2, who: Caller, request: Request2) -> bool:
    """Wrong: a slash at the end makes no difference."""
    return by_the_rules(state, who, replace(request, path=request.path.rstrip("/")))


def _no_authority(state: StateV2, who: Caller, request: Request2) -> bool:
    """Wrong: the authority's own name does not count."""
    return by_the_rules(state, Caller(None) if who.user == CA else who, request)


@pytest.mark.parametrize("v2_server", v2_servers()[:1], indirect=True, ids=lambda binary: str(binary.version))
@pytest.mark.parametrize(("says", "ca_every"), [(_strict_guest, 4), (_tidy_path, 4), (_no_authority, 1)])
def test_a_wrong_evaluator_is_found_out(stage_v2: Stage, says: Evaluator, ca_every: int) -> None:
    """Slightly other rules, each of which one might take for etcd's, do not hold."""
    dice = Random(1)  # noqa: S311  # dice, no secret
    result = asyncio.run(run(stage_v2, dice, 12 * IN_A_WORLD, says, ca_every=ca_every))
    assert result.wrong
