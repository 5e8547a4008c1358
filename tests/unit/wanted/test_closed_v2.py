"""The same proof in v2: nobody but the invited has a pattern that meets a segment, and whoever does is named."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.ops.check import check
from ringfence.reports.check import check_json, check_text
from ringfence.wanted.proved.closed_v2 import IntruderV2, close_v2
from ringfence.wanted.segments.owner import Owner
from tests.unit.wanted.building import both

SPEC = """\
version: 1
cluster: {endpoints: [https://a:2379], etcd: 3.5.1, api: [v2]}
components:
  - {name: shop, patterns: [{pattern: /shop, access: read}, {pattern: /shop/*, access: readwrite}]}
  - name: till
    patterns: [{pattern: /till*, access: write}, {pattern: /shop/prices/*, access: read, shares-with: [shop]}]
"""
SPY = UserName("spy")


def test_owners_and_visitors_are_invited() -> None:
    """A pattern that says whose paths it shares is no intrusion; each pattern is asked about twice."""
    wanted = both(SPEC)[1].v2
    assert wanted is not None
    closure = close_v2(wanted)
    assert (2 * 3, ()) == (closure.questions, closure.intruders)


def test_who_is_not_invited_is_named() -> None:
    """One more user, one with more than its own, and an open guest; root is nobody's intruder."""
    wanted = both(SPEC)[1].v2
    assert wanted is not None
    shop, till = wanted.state.roles[RoleName("shop")], wanted.state.roles[RoleName("till")]
    tills, names, prices = Pattern("/till2/*"), Pattern("/shop/names"), Pattern("/shop/prices/*")
    roles = {
        **wanted.state.roles,
        RoleName("spy"): PatternRole(RoleName("spy"), read=frozenset({names, Pattern("/elsewhere/*")})),
        shop.name: replace(shop, read=shop.read | {tills}),
        till.name: replace(till, write=till.write | {prices}),
        GUEST_ROLE: PatternRole(GUEST_ROLE, write=frozenset({names})),
    }
    users = [*wanted.state.users.values(), User(SPY, frozenset({RoleName("spy")}))]
    closure = close_v2(replace(wanted, state=StateV2.of(users, roles.values())))
    assert {
        IntruderV2(SPY, Owner("shop"), Access.READ, names),
        IntruderV2(UserName("shop"), Owner("till"), Access.READ, tills),
        IntruderV2(UserName("till"), Owner("shop"), Access.WRITE, prices),
        IntruderV2(None, Owner("shop"), Access.WRITE, names),
    } == set(closure.intruders)
    assert len(set(closure.intruders)) == len(closure.intruders)


def test_check_says_it_of_the_stores_that_it_asked_about() -> None:
    """With v2 alone nothing is said of v3, and without --prove nothing at all."""
    read = both(SPEC)
    text, found = check_text(check(*read, closely=True)), check_json(check(*read, closely=True))
    line = "nobody else reaches a segment in v2 (6 questions to etcd's own rules: whose patterns meet each pattern)"
    assert [line] == [each for each in text.splitlines() if "nobody else" in each]
    assert (None, True) == (found["closed"], _in_v2(found, "closed"))
    assert "nobody else" not in check_text(check(*read))
    assert _in_v2(check_json(check(*read)), "closed") is None
    stores = both(SPEC.replace("[v2]", "[v2, v3]"))
    assert True is check_json(check(*stores, closely=True))["closed"]
    assert 2 == check_text(check(*stores, closely=True)).count("nobody else")


def test_an_intruder_is_a_no() -> None:
    """The check does not hold, and says who does what where."""
    result = check(*both(SPEC), closely=True)
    assert result.holds
    assert result.closure_v2 is not None
    guest = IntruderV2(None, Owner("shop"), Access.WRITE, Pattern("/shop/names"))
    opened = replace(result, closure_v2=replace(result.closure_v2, intruders=(guest,)))
    assert not opened.holds
    assert "NOT closed in v2: (guest) may write /shop/names of shop\n" in check_text(opened)
    assert False is _in_v2(check_json(opened), "closed")


def _in_v2(found: object, name: str) -> object:
    assert isinstance(found, dict)
    return found["v2"][name]
