"""``ringfence import``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import LiveVerb, connection, spec_path
from ringfence.errors import InputError


@click.command("import", cls=LiveVerb, has_json=False)
@click.option("--api", metavar="v2,v3", help="Stores of etcd to look into; default: those of the spec, else v3.")
def command(api: str | None) -> None:
    """Write a spec from a live cluster to stdout, such that planning it changes nothing.

    Components that the catalog knows are recognized by what their roles reach; the others become own components, or
    users and roles. What a spec cannot say is named in a comment and left alone by every plan. Nothing is written to
    etcd, and no file is touched.
    """
    from ringfence.ops.import_ import import_spec

    stores = None if api is None else _stores(api)
    output.raw(asyncio.run(import_spec(spec_path(), connection(), datetime.now(UTC), stores)))


def _stores(written: str) -> tuple[str, ...]:
    words = tuple(sorted({word.strip() for word in written.split(",")}))
    if not set(words) <= {"v2", "v3"}:
        raise InputError.of(f"--api {written} names no stores of etcd", hint="write v2, v3 or v2,v3")
    return words
