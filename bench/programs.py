"""The command lines that people issue certificates with today, run as a shell script would run them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.debian import programs
from bench.processes import run
from ringfence.pki.pem import Issued

Work = Callable[[], Awaitable[None]]


def openssl(folder: Path, authority: Issued, count: int) -> Work:
    """``openssl req`` makes the key and the request, ``openssl x509`` signs it."""
    program = shutil.which("openssl")
    if program is None:
        raise SystemExit("no openssl on PATH: install it, the comparison needs it")
    ca, ca_key = _authority_files(folder, authority)
    usage = folder / "usage.cnf"
    usage.write_text(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"
    )
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    sign = ["x509", "-req", "-CA", str(ca), "-CAkey", str(ca_key), "-days", "365", "-extfile", str(usage)]

    async def work() -> None:
        for number in range(count):
            key, asked, signed = (str(folder / f"openssl-{number}.{kind}") for kind in ("key", "csr", "pem"))
            run([program, "req", "-new", *curve, "-subj", f"/CN=client-{number}", "-keyout", key, "-out", asked])
            run([program, *sign, "-in", asked, "-out", signed])

    return work


def cfssl(folder: Path, authority: Issued, count: int) -> Work | None:
    """``cfssl gencert`` makes both, ``cfssljson`` writes the files; None where they cannot be had."""
    found = programs("golang-cfssl", "cfssl", "cfssljson")
    if found is None:
        return None
    program, writer = (str(each) for each in found)
    ca, ca_key = _authority_files(folder, authority)
    asked = folder / "cfssl.json"

    async def work() -> None:
        for number in range(count):
            asked.write_text(json.dumps({"CN": f"client-{number}", "key": {"algo": "ecdsa", "size": 256}}))
            made = run([program, "gencert", "-ca", str(ca), "-ca-key", str(ca_key), str(asked)])
            run([writer, "-bare", str(folder / f"cfssl-{number}")], given=made)

    return work


def _authority_files(folder: Path, authority: Issued) -> tuple[Path, Path]:
    certificate, key = folder / "programs-ca.pem", folder / "programs-ca-key.pem"
    certificate.write_bytes(authority.certificate_pem)
    key.touch(mode=0o600)
    key.write_bytes(authority.key_pem)
    return certificate, key
