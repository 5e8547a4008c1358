"""The agent's configuration: what it draws, where it writes, and who gives up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath

import pytest

from ringfence.render.calico.agent import Agent, Draws, agent_files

_AT = PurePosixPath("/r")


def _files(draws: Draws, *, server_ca: str | None = None, namespace: str | None = None) -> dict[str, str]:
    return agent_files(
        Agent(
            address="https://bao:8200",
            server_ca=server_ca,
            namespace=namespace,
            pki="pki",
            login="jwt-etcd",
            login_role="role",
            token=_AT / "token",
            life=timedelta(hours=2),
            draws=(draws,),
            folder=_AT / "config",
        )
    )


NODE = Draws(identity="calico-node", role="drawn", by_node=True, folder=_AT / "node")
SHARED = Draws(identity="calico-node", role="drawn", by_node=False, folder=_AT / "node")
LONG = Draws(
    identity="calico-node", role="drawn", by_node=True, others={"long": ("short-hash", "own")}, folder=_AT / "node"
)


@pytest.mark.parametrize(("file", "ends"), [("first.hcl", "true"), ("always.hcl", "false")])
def test_only_the_first_gives_up(file: str, ends: str) -> None:
    """A pod that cannot get its certificate does not start; one that runs keeps what it has."""
    text = _files(NODE)[file]
    assert (f"exit_on_err = {ends}" in text, f"exit_on_retry_failure = {ends}" in text) == (True, True)
    assert ("num_retries" in text) == (ends == "true")


@pytest.mark.parametrize(
    ("draws", "inside", "outside"),
    [
        (NODE, 'env "NODE_NAME"', "if eq"),
        (SHARED, '$name := "calico-node"', "NODE_NAME"),
        (LONG, 'eq $node "long"', "~"),
    ],
)
def test_the_name_that_is_asked_for(draws: Draws, inside: str, outside: str) -> None:
    """That of the node, of all nodes, or of a node whose name is shortened, with its own role."""
    template = _files(draws)["calico-node.tpl"]
    assert (inside in template, outside in template) == (True, False)
    assert 1 == template.count("pkiCert")
    assert '"ttl=7200s"' in template


def test_a_shortened_name_is_asked_of_its_own_role() -> None:
    """Both change together."""
    assert '$name = "short-hash"' in _files(LONG)["calico-node.tpl"]
    assert '$role = "own"' in _files(LONG)["calico-node.tpl"]


def test_whom_it_trusts() -> None:
    """The CA of the server goes along where there is one, and is named; the namespace, too."""
    assert "ca_cert" not in _files(NODE)["first.hcl"]
    files = _files(NODE, server_ca="pem", namespace="team-a")
    assert ("pem", True) == (files["server-ca.pem"], 'ca_cert = "/r/config/server-ca.pem"' in files["first.hcl"])
    assert 'namespace = "team-a"' in files["first.hcl"]
