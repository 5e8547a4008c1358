"""``ringfence render cni``, ``calico-node``, ``kube-controllers``, ``felix`` and ``openstack``: files for hosts."""

from __future__ import annotations

import click

from ringfence.cli.options import Verb
from ringfence.cli.render import writing
from ringfence.cli.render.flags import OUT


@click.command("cni", cls=Verb)
@OUT
def cni(out: str | None) -> None:
    """The CNI configuration list for hosts that are not set up by the manifest."""
    from ringfence.ops.rendering.calico import render_cni

    writing.show_beside(*render_cni(writing.spec()), out)


def _environment(program: str) -> click.Command:
    @click.command(program, cls=Verb, help=f"The environment file of {program}, for hosts without the manifest.")
    @OUT
    def environment(out: str | None) -> None:
        from ringfence.ops.rendering.calico import render_environment

        writing.show(render_environment(writing.spec(), program), out)

    return environment


@click.command("openstack", cls=Verb)
@OUT
def openstack(out: str | None) -> None:
    """The section of neutron's configuration for Calico; the password is referred to, never written."""
    from ringfence.ops.rendering.calico import render_openstack

    writing.show(render_openstack(writing.spec()), out)


commands = (cni, *(_environment(program) for program in ("calico-node", "kube-controllers", "felix")), openstack)
"""Each writes one file."""
