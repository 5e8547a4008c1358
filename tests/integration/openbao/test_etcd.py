"""A real etcd that lives on certificates of OpenBao: members, root and a client, and the whole proof on top."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

from ringfence.errors import AccessDenied
from ringfence.etcd.client import Client
from ringfence.local.binary import Binary
from ringfence.local.cluster import LocalCluster
from ringfence.model.credentials import Credentials
from tests.integration.openbao.conftest import Desk
from tests.integration.openbao.making import root_folder
from tests.integration.openbao.stage import accept_holes, member


@pytest.mark.parametrize("way", ["--import-ca", "--sign-with"])
def test_etcd_takes_them_and_the_proof_holds(desk: Desk, etcd: Binary, way: str) -> None:
    """The engine signs as the CA itself, and as an intermediate whose certificate every leaf brings along."""
    accept_holes(desk, etcd)
    done = desk.prepare(way, str(root_folder(desk.folder / "root", path_length=1)), "--yes")
    assert 0 == done.code, done.err
    for verb in (("certs", "issue"), ("render", "etcd", "--out", "etcd")):
        ran = desk.run(*verb)
        assert 0 == ran.code, ran.err
    with LocalCluster(etcd.path, [member(desk)]):
        fenced = desk.run("-o", "json", "apply", "--yes")
        assert 0 == fenced.code, fenced.err + fenced.out
        assert b"1" == asyncio.run(_put_and_get(desk))


async def _put_and_get(desk: Desk) -> bytes | None:
    pki: Path = desk.folder / "pki"
    own = Credentials(*((pki / name).read_bytes() for name in ("ca.pem", "inventory.pem", "inventory-key.pem")))
    endpoint = yaml.safe_load((desk.folder / "ringfence.yaml").read_text())["cluster"]["endpoints"][0]
    async with Client(endpoint, own) as client:
        await client.keys.put(b"/inventory/a", b"1")
        with pytest.raises(AccessDenied):
            await client.keys.put(b"/registry/a", b"1")
        return await client.keys.get(b"/inventory/a")
