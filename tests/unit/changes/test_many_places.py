"""Changes of many places at once, beyond what is searched as a whole: as safe, though perhaps some calls longer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.changes.change import ReplacePermission
from ringfence.changes.diff import diff
from ringfence.changes.order.retype import LARGEST
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login, Reach, Role, State, User
from tests.unit.changes.slow_etcd import SlowEtcd

KEYS = (b"a", b"b", b"c", b"d")
PLACES = [(key, end) for key in KEYS for end in (b"", key + b"m", b"e", b"z", b"\x00")]
ROLES = (RoleName("r"), RoleName("s"), RoleName("t"))
USERS = (UserName("u"), UserName("v"))


@st.composite
def states(draw: st.DrawFn) -> State:
    """Three roles with many places each, and two users that hold some of them."""
    stored = st.dictionaries(st.sampled_from(PLACES), st.sampled_from(Access), min_size=4, max_size=LARGEST)
    roles = [Role(name, tuple(Permission(access, *place) for place, access in draw(stored).items())) for name in ROLES]
    held = st.frozensets(st.sampled_from(ROLES), min_size=1)
    return State.of([User(name, draw(held), Login.CERTIFICATE) for name in USERS], roles)


@given(observed=states(), wanted=states())
def test_nobody_loses_or_gains_on_the_way(observed: State, wanted: State) -> None:
    """Each moment is safe and modest, without a gap, and the end is what was wanted."""
    etcd = SlowEtcd(observed)
    for change in (change for batch in diff(wanted, observed) for change in batch):
        assert not isinstance(change, ReplacePermission)
        etcd.carry_out(change)
        now = etcd.state()
        for name in USERS:
            before, after, reach = observed.reach(name), wanted.reach(name), now.reach(name)
            assert covers(reach, Reach(before.read & after.read, before.write & after.write))
        for role in ROLES:
            before, after = observed.roles[role].reach, wanted.roles[role].reach
            assert covers(Reach(before.read | after.read, before.write | after.write), now.roles[role].reach)
    assert diff(wanted, etcd.state()) == ()


def covers(reach: Reach, part: Reach) -> bool:
    """Whether one allows all of the other."""
    return reach.read.covers(part.read) and reach.write.covers(part.write)
