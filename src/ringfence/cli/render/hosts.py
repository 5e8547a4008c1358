"""``ringfence render cni``, ``calico-node``, ``kube-controllers``, ``felix`` and ``openstack``: files for hosts."""

from __future__ import annotations

import click

from ringfence.cli.options import Verb
from ringfence.cli.render import writing
from ringfence.cli.render.flags import OUT


@click.command("cni", cls=Verb, has_json=False)
@OUT
def cni(out: str | None) -> None:
    """The CNI configuration list for hosts that are not set up by the manifest."""
    from ringfence.ops.rendering.calico import render_cni

    spec = writing.spec()
    text, usage = render_cni(spec)
    writing.tell_folder(spec, [text])
    writing.show_beside(text, usage, out)


def _environment(program: str) -> click.Command:
    about = f"The environment file of {program}, for hosts without the manifest."

    @click.command(program, cls=Verb, has_json=False, help=about)
    @OUT
    def environment(out: str | None) -> None:
        from ringfence.ops.rendering.calico import render_environment

        spec = writing.spec()
        text = render_environment(spec, program)
        writing.tell_folder(spec, [text])
        writing.show(text, out)

    return environment


@click.command("openstack", cls=Verb, has_json=False)
@OUT
def openstack(out: str | None) -> None:
    """The section of neutron's configuration for Calico; the password is referred to, never written."""
    from ringfence.ops.rendering.calico import render_openstack

    spec = writing.spec()
    text = render_openstack(spec)
    writing.tell_folder(spec, [text])
    writing.show(text, out)


commands = (cni, *(_environment(program) for program in ("calico-node", "kube-controllers", "felix")), openstack)
"""Each writes one file."""
