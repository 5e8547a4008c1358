"""``ringfence render ansible``: a project that brings certificates and configuration to the hosts."""

from __future__ import annotations

from pathlib import Path

import click

from ringfence.cli import output
from ringfence.cli.options import Verb
from ringfence.cli.render import writing


@click.command("ansible", cls=Verb, has_json=False)
@click.option("--out", metavar="DIR", required=True, help="The folder of the project.")
@click.option(
    "--inventory",
    metavar="FILE",
    help="What ansible-inventory --list writes of your own inventory: compared with the spec.",
)
def command(out: str, inventory: str | None) -> None:
    """An Ansible project for members, nodes and kube-apiservers; keys are read when it runs, and none is in it."""
    from ringfence.ops.publish import publish
    from ringfence.ops.rendering.ansible import render_ansible

    folder = Path(out)
    spec, compared = writing.spec(), None if inventory is None else Path(inventory)
    with output.progress() as begin:
        files = render_ansible(spec, folder, compared, begin("certs"))
    written = publish({folder / name: text for name, text in files.items()}, private=False)
    for path in written:
        output.note(f"wrote {path}")
    output.note(f"unchanged: {len(files) - len(written)} of {len(files)} files")
