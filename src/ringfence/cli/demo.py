"""``ringfence demo``."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from ringfence.cli import output
from ringfence.cli.options import Verb
from ringfence.errors import FileError, InputError, Place


@click.command("demo", cls=Verb)
@click.option("--keep", metavar="DIR", help="Leave the files in DIR, a new or empty folder, and say how to go on.")
@click.option("--api", metavar="v2,v3", default="v3", help="Which stores of etcd: v3 (the default), or v2,v3 for both.")
def command(keep: str | None, api: str) -> None:
    """Do all of it on a real three-member etcd on this machine, from nothing to proof.

    Spec, certificates, configuration, plan, apply and verify, on loopback and free ports, in a temporary folder. What
    it starts it stops; it never touches an etcd that it did not start.
    """
    v2 = _with_v2(api)
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="ringfence-demo-") as temporary:
            _run(Path(temporary), v2=v2)
        return
    folder = Path(keep).absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileError.of("there is something in it already", place=Place(keep), hint="name a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _run(folder, v2=v2)
    finally:
        output.note(_how_to_go_on(folder))


def _with_v2(api: str) -> bool:
    """Whether both stores are meant; v2 alone is not shown, because it is nothing that v2 and v3 do not show."""
    words = {word.strip() for word in api.split(",")}
    if words not in ({"v3"}, {"v2", "v3"}):
        raise InputError.of(f"--api {api} is nothing that the demo shows", hint="write --api v2,v3, or leave it out")
    return "v2" in words


def _run(folder: Path, *, v2: bool) -> None:
    from ringfence.ops.demo import demo
    from ringfence.reports.verification import verification_json, verification_text

    began = time.monotonic()
    with output.progress() as begin:
        work = demo(
            folder,
            v2=v2,
            now=datetime.now(UTC),
            tell=lambda step: output.note(f"[{time.monotonic() - began:4.1f} s] {step}"),
            advance=begin("verify"),
        )
        result = asyncio.run(work)
    output.note("")
    output.data(verification_text(result.verification), verification_json(result.verification))
    output.answer(result.verification.holds and result.verification.sound)


def _how_to_go_on(folder: Path) -> str:
    members = "\n".join(f"  etcd --config-file {config} &" for config in sorted(folder.glob("etcd/*/etcd.conf.yml")))
    return (
        f"\nThe members are stopped; everything is left in {folder}. To go on by hand:\n{members}\n"
        f"  cd {folder}\n  ringfence check --prove\n  ringfence plan\n  ringfence verify"
    )
