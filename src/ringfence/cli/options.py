"""Options that verbs share. They may stand before the verb or behind it; the one behind it wins."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ringfence.cli import output
from ringfence.errors import InputError

if TYPE_CHECKING:
    from ringfence.ops.live import Connection, Live  # it opens the door to grpc and cryptography, which --help must not


class Verb(click.Command):
    """A verb that takes ``-f`` and ``-o`` behind its name too.

    Args:
        has_json: whether it prints a value with ``-o json``; one that writes files as they are used, or prints one,
            refuses that before it does anything. `docs/json.md` has the values.
    """

    def __init__(self, *args: object, has_json: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # click.Command's own arguments, passed through
        self.has_json = has_json
        self.params.extend(_shared(has_json=has_json))

    def invoke(self, ctx: click.Context) -> object:
        """Run it, unless it is asked for a form that it does not have.

        Raises:
            InputError: it was.
        """
        if not self.has_json and output.wants_json():
            verb = ctx.command_path.split(" ", 1)[-1]
            what = f"{verb} has no JSON form: what it makes is a file, in the form in which it is used"
            raise InputError.of(what, hint="leave -o json out")
        return super().invoke(ctx)


class LiveVerb(Verb):
    """A verb that talks to etcd: it takes etcdctl's options and variables for that."""

    def __init__(self, *args: object, has_json: bool = True, **kwargs: object) -> None:
        super().__init__(*args, has_json=has_json, **kwargs)
        self.params.extend(_live())


def _shared(*, has_json: bool) -> list[click.Parameter]:
    """``-f`` and ``-o``; their values are kept at the root of the command line."""
    return [
        click.Option(["-f", "--file", "spec"], metavar="FILE", help="The spec.", callback=_keep, expose_value=False),
        click.Option(
            ["-o", "--output"],
            type=click.Choice(["text", "json"]),
            help="Form of the result.",
            callback=_keep,
            expose_value=False,
            hidden=not has_json,
        ),
    ]


def spec_path() -> Path:
    """Where the spec is."""
    return Path(click.get_current_context().find_root().params["spec"])


def live(now: datetime) -> Live:
    """The spec and the cluster that the options, and etcdctl's variables, name."""
    from ringfence.ops.live import prepare

    return prepare(spec_path(), connection(), now)


def connection() -> Connection:
    """How to reach the cluster, as far as the options and etcdctl's variables say."""
    from ringfence.ops.live import Connection

    given = click.get_current_context().meta
    endpoints = [url.strip() for url in (given.get("endpoints") or "").split(",") if url.strip()]
    files = (Path(given[name]) if given.get(name) else None for name in ("cacert", "cert", "key"))
    return Connection(tuple(endpoints) or None, *files)


def _live() -> list[click.Parameter]:
    wanted = {
        "endpoints": ("URL,…", "The members to talk to; default: the spec's."),
        "cacert": ("FILE", "The authority to trust; default: ca.pem of the pki folder."),
        "cert": ("FILE", "The certificate to show; default: root.pem of the pki folder."),
        "key": ("FILE", "Its key; default: root-key.pem of the pki folder."),
    }
    return [
        click.Option(
            [f"--{name}"],
            metavar=metavar,
            help=text,
            envvar=f"ETCDCTL_{name.upper()}",
            show_envvar=True,
            callback=_keep_live,
            expose_value=False,
        )
        for name, (metavar, text) in wanted.items()
    ]


def _keep(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if parameter.name and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE:
        context.find_root().params[parameter.name] = value


def _keep_live(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if parameter.name:
        context.meta[parameter.name] = value
