"""Users that cannot log in by certificate get the password that the spec points to, and nobody gets to see it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ringfence.errors import ClusterError
from ringfence.etcd.client import Client
from ringfence.model.names import UserName
from tests.integration.site import Site

SECRET = "correct horse battery staple"
WITH_FILE = "  - {name: neutron, use: calico/openstack-driver, transport: gateway, password: {file: neutron.pw}}\n"
WITH_VARIABLE = "  - {name: neutron, use: calico/openstack-driver, transport: gateway, password: {env: NEUTRON_PW}}\n"


def login(site: Site, password: str) -> str:
    """The token that neutron gets for a password."""

    async def ask() -> str:
        async with Client(site.endpoints[0], site.operation.root) as client:
            return await client.auth.login(UserName("neutron"), password)

    return asyncio.run(ask())


def password_file(site: Site, content: str = f"{SECRET}\n", mode: int = 0o600) -> Path:
    """The file that the spec names."""
    path = site.folder / "neutron.pw"
    path.write_text(content)
    path.chmod(mode)
    return path


def test_a_password_from_a_file(site: Site) -> None:
    """The user is made with it, can log in with it and with no other, and it is nowhere in the output."""
    password_file(site)
    site.write(WITH_FILE)
    ran = site.run("apply", "--yes", "-o", "json")
    assert 0 == ran.code, ran.err
    assert SECRET not in ran.out + ran.err
    assert login(site, SECRET)
    with pytest.raises(ClusterError):
        login(site, "another")


def test_a_password_from_a_variable(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set for this command, it is the password."""
    monkeypatch.setenv("NEUTRON_PW", SECRET)
    site.write(WITH_VARIABLE)
    site.fence()
    assert login(site, SECRET)


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        (f"{SECRET}\n", 0o644, "others may read this password"),
        ("\n", 0o600, "holds no password"),
        (None, 0o600, "cannot be read: No such file or directory"),
    ],
    ids=["readable by others", "empty", "missing"],
)
def test_a_file_that_cannot_be_used(site: Site, content: str | None, mode: int, problem: str) -> None:
    """It is refused before anything is changed."""
    path = password_file(site, content or "", mode)
    if content is None:
        path.unlink()
    site.write(WITH_FILE)
    ran = site.run("apply", "--yes")
    assert 1 == ran.code
    assert problem in ran.err
    assert SECRET not in ran.err
    assert not site.state().users


def test_a_variable_that_is_not_set(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, with what to do, and nothing is changed."""
    monkeypatch.delenv("NEUTRON_PW", raising=False)
    site.write(WITH_VARIABLE)
    ran = site.run("apply", "--yes")
    assert 1 == ran.code
    assert "the variable NEUTRON_PW holds no password" in ran.err
    assert not site.state().users
