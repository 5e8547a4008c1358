"""v2's switch: what is refused before, the guard that switches it off again, and auth status and disable."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from ringfence.errors import LockOut, MembersDiffer, NoV2
from ringfence.etcd.v2.client import ClientV2
from ringfence.local.binary import Binary, built, find
from ringfence.model.names import ROOT_USER
from ringfence.ops.execution.readiness import check_ready
from ringfence.ops.load import understand
from ringfence.ops.planning import plan
from ringfence.ops.reach.members import reach_members
from ringfence.ops.reach.target import Target
from ringfence.ops.switch.spare_key import cut
from ringfence.ops.v2.reach import connected_v2
from ringfence.ops.v2.switch import V2
from tests.integration.guard.guards import ended, guard_pids, log
from tests.integration.legacy import LegacySite
from tests.integration.stage import Authority, Stage, prepare
from tests.integration.waiting import wait_until

SPEC = """\
version: 1
cluster: {{endpoints: ["{endpoint}"], api: [v2]}}
components: [{{name: a, patterns: [{{pattern: /a/*, access: readwrite}}]}}]
"""


@pytest.fixture
def alone(legacy_site: LegacySite) -> LegacySite:
    """A spec for v2 alone with a crowd in it, of which nothing is there."""
    header = legacy_site.operation.header.replace("[v2, v3]", "[v2]")
    crowd = "".join(
        f"  - {{name: tenant-{at}, patterns: [{{pattern: /tenant-{at}/*, access: readwrite}}]}}\n" for at in range(12)
    )
    legacy_site.spec.write_text(f"{header}components:\n{crowd}")
    assert 0 == legacy_site.run("certs", "issue").code
    return legacy_site


def _is_on(site: LegacySite) -> bool:
    return site.in_v2(lambda client: client.auth.enabled())


def test_killed_before_the_proof(alone: LegacySite) -> None:
    """Where ringfence is killed between the switch and the end of the proof, the guard switches v2 auth off again."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "apply", "--yes"],
        cwd=alone.folder,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: _is_on(alone) or process.poll() is not None)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not _is_on(alone) and ended(alone), 30)
    wait_until(lambda: not guard_pids(alone), 30)
    assert "switched-off" == log(alone)[-1][0]
    assert not _is_on(alone)
    status = alone.run("auth", "status", "-o", "json")
    assert (2, ["v2-off"]) == (status.code, [each["kind"] for each in status.json["findings"]])
    assert not any(user.startswith("ringfence-spare") for user in alone.state_v2().users)
    assert 12 == sum(user.startswith("tenant-") for user in alone.state_v2().users)


def test_nobody_confirms(legacy_site: LegacySite) -> None:
    """With --confirm-within both stores go off again when nobody does, and auth status told each step."""
    status = legacy_site.run("auth", "status", "-o", "json")
    assert (2, ["nothing-yet", "v2-nothing-yet"]) == (status.code, [each["kind"] for each in status.json["findings"]])
    done = legacy_site.run("apply", "--yes", "--confirm-within", "15s", "-o", "json")
    assert 0 == done.code, done.err
    assert done.json["confirm_until"]
    status = legacy_site.run("auth", "status")
    assert 0 == status.code, status.out
    assert "v2 auth is on, on each of the 3 members, and its guest may do nothing" in status.out
    wait_until(lambda: not _is_on(legacy_site) and not legacy_site.state().auth_enabled, 40)
    status = legacy_site.run("auth", "status", "-o", "json")
    assert ["off", "v2-off"] == [each["kind"] for each in status.json["findings"]]


@pytest.mark.long
def test_confirmed(alone: LegacySite) -> None:
    """With v2 alone it is v2 auth that waits for the word, and stays on with it."""
    done = alone.run("apply", "--yes", "--confirm-within", "5m")
    assert 0 == done.code, done.err
    assert "Auth goes OFF AGAIN at" in done.out
    assert 1 == len(guard_pids(alone))
    assert 0 == alone.run("auth", "confirm").code
    wait_until(lambda: not guard_pids(alone), 20)
    assert _is_on(alone)
    status = alone.run("auth", "status")
    assert 0 == status.code, status.out
    assert "healthy: v2 auth is on, on each of the 3 members" in status.out


def test_disable(legacy_site: LegacySite) -> None:
    """auth disable is about all stores of the spec, or the one that is named."""
    legacy_site.fence_v2()
    kept = legacy_site.run("auth", "disable", "--yes", "--api", "v3")
    assert (0, "Auth is off already.\n") == (kept.code, kept.out)
    assert _is_on(legacy_site)
    done = legacy_site.run("auth", "disable", "--yes")
    assert 0 == done.code, done.err
    assert done.out.startswith("v2 auth is OFF on 3 members")
    assert done.out.endswith("Auth is off already.\n")
    assert not _is_on(legacy_site)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore leaves a cancelled handshake
def test_a_silent_endpoint(legacy_site: LegacySite) -> None:
    """The next one is asked beside it, as for v3."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        silent = f"https://127.0.0.1:{listening.getsockname()[1]}"
        target = Target((silent, silent, legacy_site.endpoints[2]), legacy_site.operation.root)

        async def found() -> str:
            async with asyncio.timeout(9), connected_v2(target) as client:
                return client.endpoint

        assert legacy_site.endpoints[2] == asyncio.run(found())
    gc.collect()  # or another test would be told of it


def _servers() -> list[Binary]:
    newer = next((one for one in built() if one.version.line >= (3, 6)), None)
    return [find("etcd", {}), *([] if newer is None else [newer])]


@pytest.mark.parametrize("server", _servers(), ids=lambda binary: str(binary.version))
def test_no_v2_there(tmp_path: Path, server: Binary) -> None:
    """A server that does not serve v2 is refused before anything is planned, with what to do."""
    stage = prepare(tmp_path, server.path, Authority(), size=1)
    spec, wanted = understand(SPEC.format(endpoint=stage.members[0].client), "spec", tmp_path, date(2026, 9, 1))
    with stage.cluster, pytest.raises(NoV2) as caught:
        asyncio.run(plan(spec, wanted, Target(spec.cluster.endpoints, stage.as_user("root"))))
    (problem,) = caught.value.problems
    expected = "the v2 API is not served there" if server.version.line < (3, 6) else f"etcd {server.version} has no v2"
    assert problem.what.startswith(expected)
    assert problem.hint


def test_a_member_without_v2(tmp_path: Path) -> None:
    """Where one of three does not serve v2 it is named, and nothing is changed."""
    stage = prepare(tmp_path, find("etcd", {}).path, Authority(), v2=True)
    config = tmp_path / "m1.json"
    config.write_text(config.read_text().replace('"enable-v2": true', '"enable-v2": false'))
    spec, wanted = understand(SPEC.format(endpoint=stage.members[0].client), "spec", tmp_path, date(2026, 9, 1))
    with stage.cluster:
        found = asyncio.run(plan(spec, wanted, Target(spec.cluster.endpoints, stage.as_user("root"))))
    assert found.v2 is not None
    assert {"m1": ("the v2 API is not served there",)} == found.v2.agreement.differences
    assert not found.in_sync
    with pytest.raises(MembersDiffer, match="member m1: the v2 API is not served there"):
        check_ready(found)


def test_a_member_that_ignores_names(tmp_path: Path) -> None:
    """With --trusted-ca-file alone root's certificate is the guest once v2 auth is on: only the spare key goes back."""
    authority = Authority()
    stage = prepare(tmp_path, find("etcd", {}).path, authority, size=1, settings={"client-cert-auth": False}, v2=True)
    with stage.cluster:
        asyncio.run(_there_and_back(stage))


async def _there_and_back(stage: Stage) -> None:
    root, key = stage.as_user("root"), cut(0xC0FFEE)
    target = Target((stage.members[0].client,), root, key)
    async with ClientV2(stage.members[0].client, root) as client:
        await client.auth.add_user(ROOT_USER, "a password")
        await V2.hand_in(target, key)
        await V2.enable(target)
        members = await reach_members(target)
        with pytest.raises(LockOut, match="root's certificate is not root on member m0"):
            await V2.check_root(members, target)
        await V2.off(target)
        assert not await client.auth.enabled()
        assert (ROOT_USER,) == await client.auth.users()
