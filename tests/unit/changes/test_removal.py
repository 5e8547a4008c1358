"""Taking away: what ringfence manages and nothing else, and with --prune what it does not; never the way in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.changes.change import Change, DeleteRole, DeleteUser, DisableAuth, EnableAuth, RevokeRole
from ringfence.changes.diff import Prune, Unmanaged, diff, left_alone, unmanaged
from ringfence.changes.effect import after
from ringfence.changes.removal import removal
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import Role, State, User
from tests.unit.changes.slow_etcd import SlowEtcd

NAMES = ("a", "b", "c", "d")
BOTH = frozenset(Prune)


def state(users: dict[str, list[str]], roles: list[str], *, auth: bool = True) -> State:
    """Root, and these users and roles."""
    held = {"root": ["root"], **users}
    return State.of(
        [User(UserName(name), frozenset(map(RoleName, of))) for name, of in held.items()],
        [Role(RoleName(name)) for name in ("root", *roles)],
        auth_enabled=auth,
    )


@st.composite
def states(draw: st.DrawFn, *, auth: bool | None = None) -> State:
    """Some users with some roles, the role root among them."""
    roles = draw(st.lists(st.sampled_from(NAMES), unique=True))
    users = draw(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from([*roles, "root"]), unique=True)))
    return state(users, roles, auth=draw(st.booleans()) if auth is None else auth)


protected = st.frozensets(st.sampled_from(NAMES).map(UserName), max_size=2)


def carried_out(observed: State, batches: tuple[tuple[Change, ...], ...]) -> State:
    """What etcd has afterwards; what it refuses fails."""
    etcd = SlowEtcd(observed)
    for batch in batches:
        for change in batch:
            etcd.carry_out(change)
    return etcd.state()


def test_users_go_before_roles_and_root_stays() -> None:
    """One write a user: its memberships go along; the roles of a user that stays lose it, and the plan says so."""
    managed = state({"a": ["a"], "b": ["b"]}, ["a", "b"])
    observed = state({"a": ["a"], "other": ["b", "own"]}, ["a", "b", "own"])
    assert (
        (DeleteUser(UserName("a")),),
        (DeleteRole(RoleName("a")), DeleteRole(RoleName("b"), (UserName("other"),))),
    ) == removal(managed, observed)


def test_with_auth_the_switch_goes_first() -> None:
    """Then root may go too; its role stays where somebody else still holds it."""
    managed = state({"a": ["a"]}, ["a"])
    assert (
        (DisableAuth(),),
        (DeleteUser(UserName("a")), DeleteUser(ROOT_USER)),
        (DeleteRole(RoleName("a")), DeleteRole(ROOT_ROLE)),
    ) == removal(managed, managed, with_auth=True)
    admin = state({"admin": ["root"]}, [])
    assert ((DisableAuth(),), (DeleteUser(ROOT_USER),)) == removal(managed, admin, with_auth=True)


def test_there_is_nothing_to_take_away() -> None:
    """Where only root is left, with auth on or off."""
    managed = state({"a": ["a"]}, ["a"])
    assert () == removal(managed, state({}, []))
    assert () == removal(managed, state({}, [], auth=False))


@given(managed=states(), observed=states(), protect=protected, with_auth=st.booleans())
def test_nothing_else_is_taken_away(
    managed: State, observed: State, protect: frozenset[UserName], with_auth: bool
) -> None:
    """What the spec does not name stays, the protected keep all their roles, and nobody loses root while auth is on."""
    left = carried_out(observed, removal(managed, observed, protect, with_auth=with_auth))
    stay = {name for name in observed.users if name not in managed.users or name in protect}
    assert stay <= left.users.keys()
    assert observed.roles.keys() - managed.roles.keys() <= left.roles.keys()
    assert all(left.users[name] == observed.users[name] for name in protect & observed.users.keys())
    assert left.auth_enabled == (observed.auth_enabled and not with_auth)
    assert with_auth or (left.is_root(ROOT_USER) and ROOT_ROLE in left.roles)
    gone = managed.users.keys() - protect - {ROOT_USER}
    assert not gone & left.users.keys()
    assert () == removal(managed, left, protect, with_auth=with_auth)


SPARE = UserName("ringfence-spare-0badf00d")


def test_a_spare_key_that_was_left_is_deleted() -> None:
    """It is ours although no spec names it: by apply without --prune, and by destroy; what looks alike is not."""
    wanted = state({"a": ["a"]}, ["a"])
    alike = (UserName("ringfence-spare-"), UserName("ringfence-spare-0badf00dx"))
    observed = state({"a": ["a"], SPARE: ["root"], alike[0]: ["root"], alike[1]: []}, ["a"])
    batches = diff(wanted, observed)
    assert ((DeleteUser(SPARE),),) == batches
    assert Unmanaged(alike) == left_alone(batches, unmanaged(wanted, observed))
    assert DeleteUser(SPARE) in removal(wanted, observed)[0]


def test_a_spare_key_is_gone_before_auth_goes_on() -> None:
    """Whoever knew its password would be root."""
    wanted = state({"a": ["a"]}, ["a"])
    observed = state({"a": ["a"], SPARE: ["root"]}, ["a"], auth=False)
    assert ((DeleteUser(SPARE),), (EnableAuth(),)) == diff(wanted, observed)


def test_a_spare_key_that_somebody_wants() -> None:
    """A user that the spec names, or protects, is theirs, whatever it is called."""
    observed = state({"a": ["a"], SPARE: ["a"]}, ["a"])
    assert () == diff(observed, observed)
    assert () == diff(state({"a": ["a"]}, ["a"]), observed, frozenset({SPARE}))


def test_without_prune_nothing_is_deleted() -> None:
    """What the spec does not name is left alone."""
    wanted, observed = state({"a": ["a"]}, ["a"]), state({"a": ["a"], "x": ["y"]}, ["a", "y"])
    assert () == diff(wanted, observed)
    assert Unmanaged((UserName("x"),), (RoleName("y"),)) == left_alone((), unmanaged(wanted, observed))


def test_prune_is_by_kind() -> None:
    """Users alone, roles alone, or both; a role that a staying user loses is said so."""
    wanted, observed = state({"a": ["a"]}, ["a"]), state({"a": ["a"], "x": ["y"]}, ["a", "y"])
    user, role = DeleteUser(UserName("x")), DeleteRole(RoleName("y"))
    assert ((user,),) == diff(wanted, observed, prune=frozenset({Prune.USERS}))
    assert ((DeleteRole(RoleName("y"), (UserName("x"),)),),) == diff(wanted, observed, prune=frozenset({Prune.ROLES}))
    both = diff(wanted, observed, prune=BOTH)
    assert ((user,), (role,)) == both
    assert Unmanaged() == left_alone(both, unmanaged(wanted, observed))


def test_a_pruned_role_needs_no_revoke() -> None:
    """etcd takes it from its holders by itself: one write less; kept, it is revoked from the user of the spec."""
    wanted, observed = state({"a": ["a"]}, ["a"]), state({"a": ["a", "y"]}, ["a", "y"])
    assert ((DeleteRole(RoleName("y"), (UserName("a"),)),),) == diff(wanted, observed, prune=BOTH)
    assert ((RevokeRole(UserName("a"), RoleName("y")),),) == diff(wanted, observed)


@given(wanted=states(auth=True), observed=states(), protect=protected)
def test_pruned_is_what_nobody_protects(wanted: State, observed: State, protect: frozenset[UserName]) -> None:
    """Afterwards only the protected and their roles are unmanaged, and they are as they were."""
    kept = protect & observed.users.keys()
    left = carried_out(observed, diff(wanted, observed, protect, BOTH))
    assert left.users.keys() - wanted.users.keys() <= kept
    held = {role for name in kept for role in observed.users[name].roles}
    assert left.roles.keys() - wanted.roles.keys() <= held
    assert all(observed.users[name].roles <= left.users[name].roles for name in kept)
    assert () == diff(wanted, left, protect, BOTH)


@given(observed=states())
def test_deleting_a_role_takes_it_from_everybody(observed: State) -> None:
    """As etcd does it."""
    for role in observed.roles:
        left = after(observed, [DeleteRole(role)])
        assert not any(role in user.roles for user in left.users.values())
        assert observed.roles.keys() - left.roles.keys() == {role}
