"""Roles and policies on the server, held against those that the spec asks for.

What the spec does not ask for is left alone, and named: another cluster may use the same engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ringfence.pki.openbao.at_once import at_once
from ringfence.pki.openbao.change import Change, command
from ringfence.pki.openbao.engine import Engine
from ringfence.pki.openbao.names import PREFIX
from ringfence.pki.openbao.policies import Policy
from ringfence.pki.openbao.roles import Role, differs


@dataclass(frozen=True, slots=True)
class Access:
    """What is to be changed, and the roles of ringfence's making that no identity of the spec needs."""

    changes: tuple[Change, ...]
    unneeded: tuple[str, ...]


async def access_changes(engine: Engine, roles: Sequence[Role], policies: Sequence[Policy], *, mounted: bool) -> Access:
    """What differs on the server.

    Args:
        engine: with a login that may read and write roles and policies.
        roles: those of the spec.
        policies: those of the spec.
        mounted: whether the engine is there; roles of one that is not need not be asked for.

    Raises:
        AuthorityError: no answer, or a refusal.
    """
    there = frozenset(await engine.client.list(f"{engine.mount}/roles")) if mounted else frozenset[str]()
    found = await at_once(roles, lambda role: _role_change(engine, role, present=role.name in there))
    named = frozenset(await engine.client.list("sys/policies/acl"))
    written = await at_once(policies, lambda policy: _policy_change(engine, policy, present=policy.name in named))
    wanted = {role.name for role in roles}
    return Access(
        changes=(*_those(found), *_those(written)),
        unneeded=tuple(sorted(name for name in there if name.startswith(PREFIX) and name not in wanted)),
    )


async def carry_out(changes: Sequence[Change], progress: Callable[[int, int], None] | None = None) -> None:
    """Carry out changes that do not depend on each other; ``progress`` as of ``at_once``.

    Raises:
        AuthorityError: at the first that fails; those before it are done.
    """
    await at_once(changes, lambda change: change.carry_out(), progress)


async def _role_change(engine: Engine, role: Role, *, present: bool) -> Change | None:
    path = f"{engine.mount}/roles/{role.name}"
    names: tuple[str, ...] = ()
    if present:
        answer = await engine.client.read(path)
        names = () if answer is None else differs(role, answer.part("data").content)
        if answer is not None and not names:
            return None

    async def write() -> None:
        await engine.client.write(path, role.parameters)

    what = f"role {role.name}" + (f": {', '.join(names)}" if names else f": {role.about}")
    return Change(what, command(path, role.parameters), write)


async def _policy_change(engine: Engine, policy: Policy, *, present: bool) -> Change | None:
    path = f"sys/policies/acl/{policy.name}"
    if present:
        answer = await engine.client.read(path)
        if answer is not None and answer.part("data").text("policy") == policy.text:
            return None

    async def write() -> None:
        await engine.client.write(path, {"policy": policy.text})

    return Change(f"policy {policy.name}", f"bao policy write {policy.name} - <<'EOF'\n{policy.text}EOF", write)


def _those(changes: Iterable[Change | None]) -> Iterable[Change]:
    return (change for change in changes if change is not None)
