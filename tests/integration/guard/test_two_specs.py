"""Two specs in one folder, as where somebody keeps all clusters' specs together: each has its own guard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from ringfence.local.binary import Binary
from tests.integration.guard.guards import is_on
from tests.integration.site import COMPONENTS, Site, operation
from tests.integration.waiting import wait_until


@pytest.fixture
def both(site: Site, tmp_path_factory: pytest.TempPathFactory, etcd: Binary) -> Iterator[Site]:
    """A site in whose folder there is the spec of another cluster, too: ``b.yaml``."""
    with operation(tmp_path_factory.mktemp("b"), etcd) as running:
        shutil.copytree(running.folder / "pki", site.folder / "pki-b")
        text = f"{running.header}components:\n{COMPONENTS}pki: {{directory: pki-b}}\n"
        (site.folder / "b.yaml").write_text(text)
        yield site


def test_the_guard_of_another_spec_is_left_alone(both: Site) -> None:
    """Status, confirmation and switch of one cluster say and do nothing about the guard of the other one."""
    assert 0 == both.run("-f", "b.yaml", "apply", "--yes").code
    assert 0 == both.spawn("apply", "--yes", "--confirm-within", "1h").code
    status = both.run("-f", "b.yaml", "auth", "status", "-o", "json")
    assert (0, "stood-down") == (status.code, status.json["guard"]["state"]), status.out
    confirmed = both.run("-f", "b.yaml", "auth", "confirm")
    assert (1, ["ringfence: nothing waits for a confirmation"]) == (confirmed.code, confirmed.problems)
    assert 0 == both.run("-f", "b.yaml", "auth", "disable", "--yes").code
    still = both.run("auth", "status", "-o", "json").json["guard"]
    assert ("holding", True) == (still["state"], still["alive"])
    assert is_on(both)
    assert 0 == both.run("auth", "confirm").code
    wait_until(lambda: "confirmed" == both.run("auth", "status", "-o", "json").json["guard"]["state"], 20)
    assert (both.folder / ".ringfence" / "b.yaml" / "guard.log").exists()
