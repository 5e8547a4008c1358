"""Drawing certificates from OpenBao: ours beside the bare requests and beside its own command line."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.measure import Figure, Ratio, Section, Tell, Way, in_turns
from bench.processes import run as run_program
from ringfence.local.openbao import LocalOpenBao, find_bao
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType, Validity
from ringfence.pki.issuing.issuer import Order
from ringfence.pki.keys import generate
from ringfence.pki.openbao.at_once import AT_ONCE
from ringfence.pki.openbao.client import Client, Server
from ringfence.pki.openbao.issuing import connect
from ringfence.pki.openbao.login import TokenLogin
from ringfence.pki.openbao.roles import role_for
from ringfence.pki.outside.csr import make_csr

COUNT, BY_PROGRAM, ROUNDS = 256, 3, 5
_MOUNT = "pki"
_YEAR = timedelta(days=365)
_VALIDITY = Validity(ca=10 * _YEAR, member=_YEAR, client=timedelta(days=90))
_REQUEST = CertificateRequest(name="client", kind=CertificateKind.CLIENT, common_name="client")


async def run(tell: Tell) -> tuple[Section, ...]:
    """One server on this machine, which shares its cores."""
    with TemporaryDirectory(prefix="ringfence-bench-") as name, LocalOpenBao(find_bao(), Path(name)) as bao:
        await _prepare(bao)
        return (await _signed(bao, Path(name), tell),)


async def _prepare(bao: LocalOpenBao) -> None:
    role = role_for(_REQUEST, KeyType.ECDSA_P256, _VALIDITY)
    async with Client(Server(address=bao.address), TokenLogin(bao.token)) as client:
        await client.write(f"sys/mounts/{_MOUNT}", {"type": "pki", "config": {"max_lease_ttl": "87600h"}})
        await client.write(
            f"{_MOUNT}/root/generate/internal", {"key_type": "ec", "organization": "bench", "ttl": "80000h"}
        )
        await client.write(f"{_MOUNT}/roles/{role.name}", role.parameters)


async def _signed(bao: LocalOpenBao, folder: Path, tell: Tell) -> Section:
    csr = make_csr(_REQUEST, generate(KeyType.ECDSA_P256), KeyType.ECDSA_P256)
    path = f"{_MOUNT}/sign/{role_for(_REQUEST, KeyType.ECDSA_P256, _VALIDITY).name}"
    body = {"csr": csr.decode(), "common_name": "client", "exclude_cn_from_sans": True}

    async def ours() -> float:
        now = datetime.now(UTC)
        orders = [Order(_REQUEST, _VALIDITY.client)] * COUNT
        login = TokenLogin(bao.token)
        start = time.perf_counter()
        async with connect(Server(address=bao.address), login, _MOUNT, KeyType.ECDSA_P256, now) as issuer:
            done = sum([len(batch) async for batch in issuer.issue_many(orders, now)])
        return done / (time.perf_counter() - start)

    async def bare() -> float:
        start = time.perf_counter()
        await _bare(bao, path, body)
        return COUNT / (time.perf_counter() - start)

    async def program() -> float:
        asked = folder / "client.csr"
        asked.write_bytes(csr)
        command = [str(find_bao()), "write", "-format=json", path, f"csr=@{asked}", "common_name=client"]
        environ = {**os.environ, "BAO_ADDR": bao.address, "BAO_TOKEN": bao.token, "HOME": str(folder)}
        start = time.perf_counter()
        for _ in range(BY_PROGRAM):
            run_program(command, environ=environ)
        return BY_PROGRAM / (time.perf_counter() - start)

    figures = await in_turns(
        [
            Way(f"bare: the same request over and over, {AT_ONCE} at a time", bare),
            Way("ringfence", ours),
            Way("bao write PKI/sign/ROLE", program),
        ],
        ROUNDS,
        tell,
    )
    return _section(figures)


async def _bare(bao: LocalOpenBao, path: str, body: dict[str, object]) -> None:
    """What no way of drawing certificates can do without: requests that are answered with a certificate."""
    turns = iter(range(COUNT))
    async with httpx.AsyncClient(base_url=bao.address, headers={"X-Vault-Token": bao.token}, trust_env=False) as http:

        async def work() -> None:
            for _ in turns:
                answer = await http.post(f"/v1/{path}", json=body)
                answer.raise_for_status()

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def _section(figures: Sequence[Figure]) -> Section:
    limit, ours, program = figures
    return Section(
        job="Certificates from OpenBao",
        setting=f"ECDSA P-256, no_store, {COUNT} a round, {ROUNDS} rounds; bao server -dev on this machine",
        unit="certificates/s",
        figures=tuple(figures),
        ratios=(
            Ratio("ringfence / bare", ours.over(limit)),
            Ratio("ringfence / bao write", ours.over(program)),
        ),
        notes=(
            "ringfence makes each key here, signs a request with it, and checks what comes back",
            f"bao write signs {BY_PROGRAM} a round, one after the other, with a key that is there already",
        ),
    )
