"""``ringfence catalog``."""

from __future__ import annotations

import click

from ringfence.cli import output
from ringfence.cli.group import Group
from ringfence.cli.options import Verb


@click.group("catalog", cls=Group)
def command() -> None:
    """Show what each component needs in etcd, why, since when, and how well that is known."""


@command.command("list", cls=Verb)
def list_() -> None:
    """Every component that a spec can name with use."""
    from ringfence.ops.catalog import every_component
    from ringfence.reports.catalog import list_json, list_text

    views = every_component()
    output.data(list_text(views), list_json(views))


@command.command("show", cls=Verb)
@click.argument("component")
@click.option("--version", metavar="V", help="Its release, such as 3.32; default: the newest known.")
@click.option("--documented", is_flag=True, help="What its documentation lists, and how that differs.")
@click.option("--diff", metavar="V", help="What changed since that release.")
def show(component: str, version: str | None, documented: bool, diff: str | None) -> None:
    """The keys of COMPONENT, each with its reason.

    A release that is not known takes the nearest one below, and says so.
    """
    from ringfence.ops.catalog import one_component
    from ringfence.reports.catalog import difference_json, difference_text, documented_text, show_json, show_text

    view = one_component(component, version)
    if diff is not None:
        other = one_component(component, diff)
        output.data(
            difference_text(view, other, documented=documented), difference_json(view, other, documented=documented)
        )
    elif documented:
        output.data(documented_text(view), show_json(view))
    else:
        output.data(show_text(view), show_json(view))
