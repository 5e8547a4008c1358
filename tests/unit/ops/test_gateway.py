"""etcd's JSON gateway is on where a component of the spec speaks to it, and nowhere else."""

from __future__ import annotations

import pytest

from ringfence.ops.rendering.configuration import render_etcd
from tests.unit.wanted.building import both

SPEC = """version: 1
cluster: {members: [{name: m1, hosts: [10.0.0.1]}]}
components:
  - {name: plain, grants: [{prefix: /plain/, access: read}]}
"""
OWN = "  - {name: board, transport: gateway, password: {env: PW}, grants: [{prefix: /board/, access: read}]}\n"
NEUTRON = '  - {use: calico/openstack-driver, version: "3.30", password: {env: PW}}\n'


@pytest.mark.parametrize(("more", "expected"), [("", "false"), (OWN, "true"), (NEUTRON, "true")])
def test_who_needs_it(more: str, expected: str) -> None:
    """Components that log in by password: of the operator, and of the catalog."""
    spec, _ = both(SPEC + more)
    assert f"enable-grpc-gateway: {expected}" in render_etcd(spec)["m1/etcd.conf.yml"].splitlines()
