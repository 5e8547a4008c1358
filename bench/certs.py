"""Issuing client certificates, in memory and on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from bench import programs
from bench.clock import processor_seconds
from bench.measure import Aim, Ratio, Section, Tell, Way, in_turns
from ringfence.errors import Place
from ringfence.model.certificate import CertificateKind, CertificateRequest, KeyType, Validity
from ringfence.ops.certs.issuing import issue_certificates
from ringfence.pki.folder.store import Store
from ringfence.pki.issuing.authority import FileAuthority
from ringfence.pki.issuing.issuer import Order
from ringfence.pki.issuing.leaves import Blank, Leaves
from ringfence.pki.issuing.many import BATCH, FileIssuer
from ringfence.pki.issuing.sources import FileSource
from ringfence.pki.keys import generate, key_pem, load_key
from ringfence.pki.pem import Issued, PemFile

IN_MEMORY, BY_PROGRAM, ON_ALL_CORES, ON_DISK = 1000, 5, 12_800, 2000
"""How many certificates a round; the programs are slow, and their rate does not depend on how many."""

SHORT_ROUNDS, ROUNDS = 11, 5
_YEAR = timedelta(days=365)
_TO_BE_SIGNED = bytes(range(256)) + bytes(64)
"""As long as the part of a client certificate that is signed."""


async def run(tell: Tell) -> tuple[Section, ...]:
    """In memory on one core, on all cores, and on disk."""
    with TemporaryDirectory(prefix="ringfence-bench-") as folder:
        return (await _on_one_core(Path(folder), tell), await _on_all_cores(tell), await _on_disk(Path(folder), tell))


async def _on_one_core(folder: Path, tell: Tell) -> Section:
    now = datetime.now(UTC)
    authority, own = FileAuthority.create(KeyType.ECDSA_P256, _YEAR, now)
    requests = _requests(IN_MEMORY)

    async def issue() -> None:
        for start in range(0, IN_MEMORY, BATCH):
            authority.issue_all([(request, _YEAR) for request in requests[start : start + BATCH]], now)

    async def build() -> None:
        _with_the_builder(own, requests, now)

    async def bare() -> None:
        _keys_and_signatures(IN_MEMORY)

    cfssl = programs.cfssl(folder, own, BY_PROGRAM)
    ways = [
        _rate("bare: one key, one signature", IN_MEMORY, bare, processor_seconds),
        _rate("ringfence", IN_MEMORY, issue, processor_seconds),
        _rate("the library's builder, parts prepared", IN_MEMORY, build, processor_seconds),
        _rate("openssl req + openssl x509", BY_PROGRAM, programs.openssl(folder, own, BY_PROGRAM), processor_seconds),
        *([_rate("cfssl gencert + cfssljson", BY_PROGRAM, cfssl, processor_seconds)] if cfssl is not None else []),
    ]
    figures = await in_turns(ways, SHORT_ROUNDS, tell)
    limit, ours, builder, *by_program = figures
    return Section(
        job="Certificates in memory, one core",
        setting=f"ECDSA P-256 key and client certificate as PEM, {IN_MEMORY:,} a round, {SHORT_ROUNDS} rounds",
        unit="per processor second",
        figures=figures,
        ratios=(
            Ratio("ringfence / bare", ours.over(limit), Aim(at_least=0.55)),
            Ratio("the builder / bare", builder.over(limit)),
            *(Ratio(f"ringfence / {each.name}", ours.over(each)) for each in by_program),
        ),
        notes=(
            f"the programs issue {BY_PROGRAM} a round, and write files",
            *(["cfssl: not there, neither on PATH nor from Debian's golang-cfssl"] if cfssl is None else []),
        ),
    )


async def _on_all_cores(tell: Tell) -> Section:
    now = datetime.now(UTC)
    authority, _ = FileAuthority.create(KeyType.ECDSA_P256, _YEAR, now)
    orders = [Order(request, _YEAR) for request in _requests(ON_ALL_CORES)]

    async def issue() -> None:
        async for _ in FileIssuer(authority).issue_many(orders, now):
            pass

    async def bare() -> None:
        cores = len(os.sched_getaffinity(0))
        with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
            list(pool.map(_keys_and_signatures, [BATCH] * (ON_ALL_CORES // BATCH)))

    figures = await in_turns(
        [
            _rate("bare: one key, one signature", ON_ALL_CORES, bare, time.perf_counter),
            _rate("ringfence", ON_ALL_CORES, issue, time.perf_counter),
        ],
        ROUNDS,
        tell,
    )
    limit, ours = figures
    return Section(
        job="Certificates in memory, all cores",
        setting=f"the same, {ON_ALL_CORES:,} a round, {ROUNDS} rounds",
        unit="certificates/s",
        figures=figures,
        ratios=(Ratio("ringfence / bare", ours.over(limit)),),
        notes=("both start their processes in each round",),
    )


async def _on_disk(folder: Path, tell: Tell) -> Section:
    requests = _requests(ON_DISK)
    validity = Validity(ca=10 * _YEAR, member=_YEAR, client=_YEAR)
    source = FileSource(key_type=KeyType.ECDSA_P256, lifetime=10 * _YEAR)
    content: dict[str, bytes] = {}
    # A folder for each round, removed at the end: ext4 is slow to make files right after many were removed.
    folders = (folder / f"round-{number}" for number in count())

    async def issued() -> float:
        """Into a folder that has an authority and nothing else."""
        store = Store(next(folders))
        await issue_certificates((), store, source, validity=validity, now=datetime.now(UTC))
        start = time.perf_counter()
        await issue_certificates(requests, store, source, validity=validity, now=datetime.now(UTC))
        seconds = time.perf_counter() - start
        content.update(_content(store.directory, requests))
        return len(requests) / seconds

    async def raw() -> float:
        """Certificates and keys of the last run, so that both write the same."""
        target = next(folders)
        target.mkdir(mode=0o700)
        start = time.perf_counter()
        _write_raw(target, content)
        return len(requests) / (time.perf_counter() - start)

    await issued()  # makes what the raw loop writes first
    figures = await in_turns(
        [Way("raw loop: the same files, each synced", raw), Way("ringfence certs issue", issued)], ROUNDS, tell
    )
    limit, ours = figures
    return Section(
        job="Certificates on disk",
        setting=f"{ON_DISK:,} pairs of files a round into a new folder below {folder.parent}, {ROUNDS} rounds",
        unit="certificates/s",
        figures=figures,
        ratios=(Ratio("ringfence / raw loop", ours.over(limit), Aim(at_least=0.8)),),
        notes=(
            "the raw loop makes no key, signs nothing and renames nothing; it syncs one file after the other",
            f"both: {BATCH} pairs written, each file synced, the folder synced; TMPDIR chooses another disk",
        ),
    )


def _requests(count: int) -> list[CertificateRequest]:
    names = (f"client-{number:05}" for number in range(count))
    return [CertificateRequest(name=name, kind=CertificateKind.CLIENT, common_name=name) for name in names]


def _rate(name: str, count: int, work: Callable[[], Awaitable[None]], clock: Callable[[], float]) -> Way:
    async def once() -> float:
        start = clock()
        await work()
        return count / (clock() - start)

    return Way(name, once)


def _with_the_builder(own: Issued, requests: list[CertificateRequest], now: datetime) -> None:
    """As ringfence does what its template is not for."""
    certificate = load_pem_x509_certificate(own.certificate_pem)
    leaves = Leaves(certificate, load_key(PemFile(own.key_pem, Place("ca-key.pem"))), KeyType.ECDSA_P256)
    start = now.replace(tzinfo=None, microsecond=0)
    for serial, request in enumerate(requests, 1 << 128):
        key = generate(KeyType.ECDSA_P256)
        leaves.build(Blank(request, key, start, start + _YEAR), serial).public_bytes(Encoding.PEM)
        key_pem(key)


def _keys_and_signatures(count: int) -> None:
    """What no way of issuing can do without."""
    signing = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(hashes.SHA256())
    for _ in range(count):
        ec.generate_private_key(ec.SECP256R1())
        signing.sign(_TO_BE_SIGNED, algorithm)


def _content(folder: Path, requests: list[CertificateRequest]) -> dict[str, bytes]:
    names = [name for request in requests for name in (f"{request.name}-key.pem", f"{request.name}.pem")]
    return {name: (folder / name).read_bytes() for name in names}


def _write_raw(folder: Path, content: Mapping[str, bytes]) -> None:
    """The files, as durably as ringfence writes them and with nothing else: in batches, each file synced."""
    waiting = iter(content.items())
    while batch := list(islice(waiting, 2 * BATCH)):
        descriptors = []
        for name, content_of_one in batch:
            mode = 0o600 if name.endswith("-key.pem") else 0o644
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            os.write(descriptor, content_of_one)
            descriptors.append(descriptor)
        for descriptor in descriptors:
            os.fsync(descriptor)
            os.close(descriptor)
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(directory)
        os.close(directory)
