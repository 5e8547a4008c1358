"""plan, apply and destroy where the spec has v2, on a real cluster: both stores, v2 alone, and what goes wrong."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import date
from typing import Any

import pytest

from ringfence.errors import AccessDenied, LockOut
from ringfence.etcd.v2.client import ClientV2
from ringfence.model.credentials import Credentials, SpareKey
from ringfence.model.names import ROOT_USER, RoleName, UserName
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole
from ringfence.ops.load import load
from ringfence.ops.planning import check_names
from ringfence.ops.reach.target import Target
from ringfence.ops.v2 import switch
from ringfence.ops.v2.preflight import authority_problems
from tests.integration.legacy import LegacySite
from tests.integration.stage import Authority

CALICO = RoleName("calico")
EVERYTHING = frozenset({Pattern("/*")})
V2_ALONE = """\
  - {use: calico, calico: "2.6", segmentation: single}
  - {name: inventory, patterns: [{pattern: /inventory, access: readwrite}, {pattern: /inventory/*, access: readwrite}]}
"""


@pytest.fixture
def alone(legacy_site: LegacySite) -> LegacySite:
    """A spec for v2 alone, of which nothing is there."""
    header = legacy_site.operation.header.replace("[v2, v3]", "[v2]")
    legacy_site.spec.write_text(f"{header}components:\n{V2_ALONE}")
    assert 0 == legacy_site.run("certs", "issue").code
    return legacy_site


def _applied(site: LegacySite, *words: str) -> Any:
    done = site.run("apply", "--yes", "-o", "json", *words)
    assert 0 == done.code, done.out + done.err
    return done.json


def _in_sync(site: LegacySite) -> bool:
    planned = site.run("plan")
    assert planned.code in {0, 2}, planned.out + planned.err
    return planned.code == 0


def test_both_stores_from_nothing(legacy_site: LegacySite) -> None:
    """One apply fences in both stores, v2's switch before v3's, and a second one has nothing to do."""
    planned = legacy_site.run("plan")
    assert 2 == planned.code
    commands = [line.strip() for line in planned.out.splitlines() if "etcdctl" in line]
    assert ["ETCDCTL_API=2 etcdctl auth enable", "etcdctl auth enable"] == commands[-2:]
    assert "ETCDCTL_API=2 etcdctl role grant calico --path '/calico/*' --readwrite" in commands
    done = _applied(legacy_site)
    assert done["verification"]["holds"]
    assert not done["switched_off_again"]
    restart = ["kube-apiserver (kube-apiserver)", "inventory (own component)", "calico (calico)"]
    assert restart == done["watches"]["restart"]
    assert legacy_site.state().auth_enabled
    state = legacy_site.state_v2()
    assert state.auth_enabled
    assert {"root", "calico", "inventory"} == set(state.users)
    assert PatternRole(GUEST_ROLE) == state.roles[GUEST_ROLE]
    assert {Pattern("/calico"), Pattern("/calico/*")} == state.roles[CALICO].read
    assert _in_sync(legacy_site)
    assert "In sync" in legacy_site.run("apply", "--yes").out
    begun = [json.loads(line) for line in (legacy_site.folder / ".ringfence/journal.jsonl").read_text().splitlines()]
    assert ["begin", "end"] == [entry["event"] for entry in begun]
    assert {"v2", None} == {change.get("api") for change in begun[0]["changes"]}
    assert begun[1]["of"] == begun[1]["made"]


def test_v2_alone(alone: LegacySite) -> None:
    """With api: [v2] the other store is left as it is; a plan is pinned to v2, and what is there is proved."""
    assert 2 == alone.run("plan", "--out", "plan.json").code
    alone.in_v2(lambda client: client.auth.add_role(PatternRole(RoleName("other"))))
    refused = alone.run("apply", "plan.json", "--yes")
    assert 1 == refused.code
    assert "users or roles of v2 were changed since the plan was made" in refused.err
    alone.in_v2(lambda client: client.auth.delete_role(RoleName("other")))
    done = _applied(alone, "plan.json", "--keep-v2-root-password", "root.pw")
    assert done["verification"]["holds"]
    assert alone.state_v2().auth_enabled
    assert not alone.state().auth_enabled
    assert {} == dict(alone.state().users)
    assert _in_sync(alone)
    with pytest.raises(AccessDenied):
        alone.in_v2(lambda client: client.keys.put("/calico/v1/x", "y"), name="inventory")
    alone.in_v2(lambda client: client.keys.put("/calico/v1/x", "y"), name="calico")
    kept = alone.folder / "root.pw"
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)
    assert ROOT_USER in asyncio.run(_users_by_password(alone, kept.read_text().strip()))


async def _users_by_password(site: LegacySite, password: str) -> tuple[UserName, ...]:
    """As root by password, with a certificate that may not list users."""
    shown = Credentials(*((site.pki / name).read_bytes() for name in ("ca.pem", "calico.pem", "calico-key.pem")))
    async with ClientV2(site.endpoints[0], shown, login=SpareKey(ROOT_USER, password)) as client:
        return await client.auth.users()


def test_a_password_that_cannot_be_kept(alone: LegacySite) -> None:
    """A file that is there is never written over, and what is not made is not kept; nothing is changed then."""
    (alone.folder / "there").write_text("mine")
    refused = alone.run("apply", "--yes", "--keep-v2-root-password", "there")
    assert (1, True) == (refused.code, "there: is there already" in refused.err)
    assert {} == dict(alone.state_v2().users)
    for path in ("nowhere/root.pw", "there/root.pw"):
        refused = alone.run("apply", "--yes", "--keep-v2-root-password", path)
        assert (1, True) == (refused.code, f"{path}: the password of v2's root cannot be kept" in refused.err)
        assert "nothing was changed" in refused.err
    alone.in_v2(lambda client: client.auth.add_user(ROOT_USER, "a password"))
    useless = alone.run("apply", "--yes", "--keep-v2-root-password", "other.pw")
    assert (1, True) == (useless.code, "this plan makes no v2 user root" in useless.err)
    assert not (alone.folder / "other.pw").exists()


def test_a_password_without_a_place(legacy_site: LegacySite) -> None:
    """Where its file could not be made, neither store is changed; the plan says that it is kept, and where."""
    (legacy_site.folder / "file").write_text("")
    for path in ("nowhere/root.pw", "file/root.pw"):
        refused = legacy_site.run("apply", "--yes", "--keep-v2-root-password", path)
        assert 1 == refused.code
        assert f"{path}: the password of v2's root cannot be kept" in refused.err
        assert f"its password is random and kept in {path}\n" in refused.err
        assert ({}, {}) == (dict(legacy_site.state().users), dict(legacy_site.state_v2().users))
    assert {"file"} == {each.name for each in legacy_site.folder.iterdir()} & {"file", "nowhere", "root.pw"}


def test_an_open_guest_is_closed(alone: LegacySite) -> None:
    """Where v2 auth was switched on by hand, and etcd made a guest who may do everything, apply closes it."""

    async def by_hand(client: ClientV2) -> None:
        await client.auth.add_user(ROOT_USER, "a password")
        await client.auth.enable()

    alone.in_v2(by_hand)
    assert EVERYTHING == alone.state_v2().roles[GUEST_ROLE].write
    done = _applied(alone)
    assert done["verification"]["holds"]
    kinds = [change["kind"] for change in done["plan"]["changes"]]
    assert "revoke-patterns" == kinds[-1]
    assert PatternRole(GUEST_ROLE) == alone.state_v2().roles[GUEST_ROLE]


@pytest.mark.long
def test_broken_by_hand_and_mended(alone: LegacySite) -> None:
    """What somebody changes while v2 auth is on is found and undone; what the spec does not name can be pruned."""
    _applied(alone)

    async def meddle(client: ClientV2) -> None:
        await client.auth.revoke(CALICO, read=[Pattern("/calico")])
        await client.auth.grant(CALICO, write=[Pattern("/inventory/*")])
        await client.auth.add_role(PatternRole(RoleName("other"), frozenset({Pattern("/other/*")})))
        await client.auth.add_user(UserName("other"), "a password", (RoleName("other"),))

    alone.in_v2(meddle)
    planned = alone.run("plan")
    assert 2 == planned.code
    assert "  + v2 role calico may read /calico\n" in planned.out
    assert "  - v2 role calico may no longer write /inventory/*\n" in planned.out
    assert "left alone in v2, not in the spec: users other" in planned.out
    _applied(alone, "--prune", "users", "--prune", "roles")
    assert {"root", "calico", "inventory"} == set(alone.state_v2().users)
    assert _in_sync(alone)


def test_what_is_known_before_keeps_auth_off(alone: LegacySite) -> None:
    """A user that no spec names and that reaches a segment: refused before the switch; without it, auth goes on."""

    async def let_in(client: ClientV2) -> None:
        await client.auth.add_role(PatternRole(RoleName("wide"), frozenset({Pattern("/inventory/*")})))
        await client.auth.add_user(UserName("other"), "a password", (RoleName("wide"),))

    alone.in_v2(let_in)
    refused = alone.run("apply", "--yes")
    assert (1, "") == (refused.code, refused.out)
    what = "v2 user other may read /inventory/* by its roles (wide), and the spec does not say so"
    assert f"ringfence: {what}" == refused.problems[-1]
    assert not alone.state_v2().auth_enabled
    assert _applied(alone, "--prune", "users")["verification"]["holds"]


def test_a_broken_proof_goes_back(alone: LegacySite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the proof shows a gap v2 auth is off again at once, and the next apply carries on."""

    async def open_a_gap(self: switch.SwitchV2, target: Any) -> None:
        async with ClientV2(target.endpoints[0], target.credentials) as client:
            await client.auth.grant(CALICO, write=[Pattern("/inventory/*")])
            await client.auth.enable()

    monkeypatch.setattr(switch.SwitchV2, "enable", open_a_gap)
    done = alone.run("apply", "--yes", "-o", "json")
    assert 2 == done.code
    assert done.json["v2_switched_off_again"]
    assert not done.json["verification"]["holds"]
    assert not alone.state_v2().auth_enabled
    assert not any(user.startswith("ringfence-spare") for user in alone.state_v2().users)
    monkeypatch.undo()
    assert _applied(alone)["verification"]["holds"]


def test_destroy(legacy_site: LegacySite) -> None:
    """It takes away what the spec names in both stores; with --with-auth both go off, and the guest stays closed."""
    _applied(legacy_site)
    gone = legacy_site.run("destroy", "--yes")
    assert 0 == gone.code, gone.err
    state = legacy_site.state_v2()
    assert ({"root"}, {"guest"}, True) == (set(state.users), set(state.roles), state.auth_enabled)
    again = legacy_site.run("destroy", "--yes", "--with-auth")
    assert 0 == again.code, again.err
    assert "v2 auth is OFF" in again.out
    state = legacy_site.state_v2()
    assert (set(), {"guest"}, False) == (set(state.users), set(state.roles), state.auth_enabled)
    assert not legacy_site.state().auth_enabled
    assert "nothing of the spec" in legacy_site.run("destroy", "--yes", "--with-auth").out


def test_an_authority_with_the_name_of_a_user(alone: LegacySite) -> None:
    """Everybody would be that user, so it is refused before anything is planned, at the line of the component."""
    spec, wanted = load(alone.spec, date(2026, 9, 1))
    assert wanted.v2 is not None
    shown = Authority("calico").client("root")
    with pytest.raises(LockOut) as caught:
        check_names(wanted, Target(spec.cluster.endpoints, shown))
    (problem,) = caught.value.problems
    what = "the authority's Common Name is 'calico', a v2 user: everybody whom it signed for would be calico"
    assert what == problem.what
    assert problem.place == wanted.v2.identities[0].place
    check_names(wanted, Target(spec.cluster.endpoints, Authority("somebody").client("root")))
    assert [] == list(authority_problems(shown, {UserName("inventory"): None}))
    assert [problem.what] == [each.what for each in authority_problems(shown, {UserName("calico"): None})]
