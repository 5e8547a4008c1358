"""``ringfence render etcd``."""

from __future__ import annotations

from pathlib import Path

import click

from ringfence.cli.options import Verb
from ringfence.cli.render import writing


@click.command("etcd", cls=Verb, has_json=False)
@click.option("--out", metavar="DIR", required=True, help="The folder: DIR/MEMBER/etcd.conf.yml, etcd.env and flags.")
@click.option("--systemd", metavar="FOLDER", help="Add a drop-in for the unit; FOLDER on the member has etcd.conf.yml.")
def command(out: str, systemd: str | None) -> None:
    """Each member's configuration, as file, environment and flags; and the flags of each gateway."""
    from ringfence.ops.rendering.configuration import render_etcd
    from ringfence.ops.rendering.machines import render_member_units

    spec = writing.spec()
    files = render_etcd(spec) | ({} if systemd is None else render_member_units(spec, systemd))
    writing.tell_folder(spec, files.values())
    writing.publish({Path(out) / name: text for name, text in files.items()}, private=False)
