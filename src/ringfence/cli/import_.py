"""``ringfence import``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import LiveVerb, connection, spec_path


@click.command("import", cls=LiveVerb)
def command() -> None:
    """Write a spec from a live cluster to stdout, such that planning it changes nothing.

    Components that the catalog knows are recognized by what their roles reach; the others become own components, or
    users and roles. What a spec cannot say is named in a comment and left alone by every plan. Nothing is written to
    etcd, and no file is touched.
    """
    from ringfence.ops.import_ import import_spec

    output.raw(asyncio.run(import_spec(spec_path(), connection(), datetime.now(UTC))))
