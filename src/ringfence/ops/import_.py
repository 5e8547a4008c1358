"""``import``: look at a live cluster and write the spec that asks for just that.

What is written is read back before anybody sees it: it must pass the check, and planning it must show no change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from ringfence.adoption.adopt import Facts, adopt
from ringfence.catalog.load import load as load_catalog
from ringfence.changes.diff import diff
from ringfence.changes.v2.diff import diff_v2
from ringfence.errors import InputError, SpecError
from ringfence.etcd.observe import observe
from ringfence.etcd.v2.observe import observe_v2
from ringfence.model.names import ROOT_ROLE, ROOT_USER, is_spare
from ringfence.model.state import Role, State, User
from ringfence.model.v2 import GUEST_ROLE, PatternRole, StateV2
from ringfence.model.version import Version
from ringfence.ops.live import Connection, credentials_of, prepare
from ringfence.ops.load import understand
from ringfence.ops.reach.target import Target, connected
from ringfence.ops.v2.reach import connected_v2
from ringfence.pki.folder.store import Store
from ringfence.spec.addresses import Url, parse_url
from ringfence.spec.cluster.cluster import OLDEST_ETCD


async def import_spec(path: Path, connection: Connection, now: datetime, api: tuple[str, ...] | None = None) -> str:
    """The text of a spec for the cluster.

    Args:
        path: where the spec will lie, which is where the pki folder is looked for; if there is one already, it tells
            how to reach the cluster.
        connection: how to reach it otherwise.
        now: the time, with a time zone.
        api: the stores that the spec is to be for; None: those of the spec that is there, else v3.

    Raises:
        InputError: nobody says where the cluster is.
        SpecError, FileError, CertificateError: what is there already cannot be used.
        ClusterError: the cluster does not answer, or the identity may not read users and roles.
        NoV2: the spec is to be for v2, which is not served.
    """
    target, store, there = _reached_by(path, connection, now)
    stores = api or there
    async with connected(target) as client:
        members = await client.cluster.members()
        version = (await client.cluster.status()).version
        state = (await observe(client)).state if "v3" in stores else State.of()
    state_v2 = None
    if "v2" in stores:
        async with connected_v2(target) as client_v2:
            state_v2 = await observe_v2(client_v2)
    urls = (url for member in members for url in member.client_urls)
    release = Version.parse(version)
    users = [*state.users, *(() if state_v2 is None else state_v2.users)]
    facts = Facts(
        endpoints=tuple(_distinct((*target.endpoints, *urls))),
        etcd=release if release is not None and release.line >= OLDEST_ETCD.line else None,
        uncertified=frozenset(name for name in users if name != ROOT_USER and not _has_certificate(store, name)),
        v2=state_v2,
        has_v3="v3" in stores,
    )
    return spec_for(state, facts, path.parent, now.date())


def spec_for(state: State, facts: Facts, folder: Path, today: date) -> str:
    """The text of a spec whose plan for ``state`` is empty, but for auth and root where they are missing.

    Args:
        state: what is there.
        facts: what else is known of the cluster.
        folder: of the spec to be.
        today: the day.

    Raises:
        InputError: there is none, which is a bug of ringfence.
    """
    catalog, state, facts = load_catalog(), *_without_spare_keys(state, facts)
    for plainly in (False, True):
        text = adopt(state, catalog, facts, plainly=plainly)
        if not _pending(text, state, facts.v2, folder, today):
            return text
    raise InputError.of("no spec was found that describes this cluster", hint="this is a bug: please report it")


def _without_spare_keys(state: State, facts: Facts) -> tuple[State, Facts]:
    """What a spec can ask for: a spare key that was left is deleted by every plan, so no plan would be empty."""
    of_v2 = () if facts.v2 is None else facts.v2.users
    left = frozenset(name for name in (*state.users, *of_v2) if is_spare(name))
    if not left:
        return state, facts
    v2 = facts.v2 and replace(facts.v2, users={name: user for name, user in facts.v2.users.items() if name not in left})
    users = {name: user for name, user in state.users.items() if name not in left}
    return replace(state, users=users), replace(facts, v2=v2, spare_keys=left)


def _pending(text: str, state: State, v2: StateV2 | None, folder: Path, today: date) -> bool:
    """Whether the check refuses ``text``, or planning it would change something."""
    try:
        spec, wanted = understand(text, "the imported spec", folder, today)
    except SpecError:
        return True
    if wanted.v2 is not None and v2 is not None and any(diff_v2(wanted.v2.state, _with_root_v2(v2), spec.protect)):
        return True
    return spec.cluster.has_v3 and any(diff(wanted.state, _with_root(state), spec.protect))


def _with_root(state: State) -> State:
    """The state with what auth takes to be on."""
    held = state.users[ROOT_USER].roles if ROOT_USER in state.users else frozenset()
    users = {**state.users, ROOT_USER: User(ROOT_USER, held | {ROOT_ROLE})}
    return State(True, users, {**state.roles, ROOT_ROLE: Role(ROOT_ROLE)})


def _with_root_v2(state: StateV2) -> StateV2:
    """The same of v2, with a guest who may do nothing."""
    users = {**state.users, ROOT_USER: User(ROOT_USER, frozenset({ROOT_ROLE}))}
    return StateV2(True, users, {**state.roles, GUEST_ROLE: PatternRole(GUEST_ROLE)})


def _reached_by(path: Path, connection: Connection, now: datetime) -> tuple[Target, Store, tuple[str, ...]]:
    """How to reach the cluster, the pki folder, and the stores that the spec is for that is there."""
    if connection.endpoints is None and _is_written(path):
        live = prepare(path, connection, now)
        return live.target, live.keyring.store, live.spec.cluster.api
    if connection.endpoints is None:
        hint = "name a member: --endpoints https://HOST:2379"
        if path.exists():  # by the shell, before we were started
            hint += f"; {path} is empty: write to another file with > if it was your spec"
        raise InputError.of("nobody says where the cluster is", hint=hint)
    store = Store(path.absolute().parent / "pki")
    return Target(connection.endpoints, credentials_of(connection, store, now)), store, ("v3",)


def _is_written(path: Path) -> bool:
    """Whether there is a spec; one without a byte is what ``import > ringfence.yaml`` makes of it."""
    try:
        return path.stat().st_size > 0 or not path.is_file()
    except FileNotFoundError:
        return False


def _has_certificate(store: Store, name: str) -> bool:
    """Whether there is a file for it; a name that is none cannot have one."""
    return "/" not in name and "\x00" not in name and len(name) <= 200 and store.certificate_path(name).exists()


def _distinct(urls: tuple[str, ...]) -> Iterator[str]:
    """Those of ``urls`` that a spec takes, one for each address."""
    seen = set()
    for text in urls:
        url = parse_url(text)
        if isinstance(url, Url) and url.address not in seen:
            seen.add(url.address)
            yield text
