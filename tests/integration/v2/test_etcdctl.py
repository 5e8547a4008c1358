"""The commands that plans of v2 show are etcdctl's own: what they make is what apply would."""

from __future__ import annotations

import os
import shlex
import subprocess

from ringfence.changes.v2.diff import diff_v2
from ringfence.changes.v2.etcdctl import commands_v2
from ringfence.changes.v2.removal import removal_v2
from ringfence.local.binary import find
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.state import User
from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from tests.integration.legacy import LegacySite

A, B, C = Pattern("/a"), Pattern("/a/*"), Pattern("/c d/*")
ROOT = User(ROOT_USER, frozenset({ROOT_ROLE}))


def _state(*roles: PatternRole, held: dict[str, str]) -> StateV2:
    users = [User(UserName(user), frozenset({RoleName(role)})) for user, role in held.items()]
    return StateV2.of([ROOT, *users], [PatternRole(GUEST_ROLE), *roles])


FIRST = _state(
    PatternRole(RoleName("one"), frozenset({A, B}), frozenset({B})),
    PatternRole(RoleName("two"), frozenset(), frozenset({C})),
    held={"u": "one", "w": "two"},
)
SECOND = _state(
    PatternRole(RoleName("one"), frozenset({A}), frozenset({A, C})),
    PatternRole(RoleName("two"), frozenset({C}), frozenset({C})),
    held={"u": "two", "w": "one"},
)


def test_typed_by_hand(legacy_site: LegacySite) -> None:
    """From nothing to one state, to another, and back to nothing, each time what was planned."""
    for wanted in (FIRST, SECOND):
        for batch in diff_v2(wanted, legacy_site.state_v2()):
            _type(legacy_site, [line for change in batch for line in commands_v2(change)])
        assert wanted == legacy_site.state_v2()
    for batch in removal_v2(SECOND, legacy_site.state_v2(), with_auth=True):
        _type(legacy_site, [line for change in batch for line in commands_v2(change)])
    assert StateV2.of([], [PatternRole(GUEST_ROLE)], auth_enabled=False) == legacy_site.state_v2()


def _type(site: LegacySite, lines: list[str]) -> None:
    """Run them in a shell's words; a password is given with the name, where a person would be asked for it."""
    files = {"--ca-file": "ca.pem", "--cert-file": "root.pem", "--key-file": "root-key.pem"}
    where = [f"--endpoints={site.endpoints[0]}", *(f"{flag}={site.pki / name}" for flag, name in files.items())]
    for line in lines:
        variable, program, *words = shlex.split(line)
        assert ("ETCDCTL_API=2", "etcdctl") == (variable, program)
        if words[:2] == ["user", "add"]:
            words[2] += ":password"
        done = subprocess.run(
            [find("etcdctl", {}).path, *where, *words],
            env={**os.environ, "ETCDCTL_API": "2"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, line + done.stdout + done.stderr
