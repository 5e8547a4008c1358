"""``ringfence init``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ringfence.cli import output
from ringfence.cli.options import Verb, spec_path


@click.command("init", cls=Verb)
@click.option("--name", default="shared", show_default=True, help="The cluster's name.")
@click.option(
    "--member", "members", multiple=True, metavar="NAME=HOST[,HOST…]", help="A member and its hosts; may be repeated."
)
@click.option("--etcd", metavar="VERSION", help="The release of etcd.")
@click.option("--kubernetes", metavar="VERSION", help="The release of the kube-apiserver.")
@click.option("--calico", metavar="VERSION", help="The release of Calico.")
def command(name: str, members: tuple[str, ...], etcd: str | None, kubernetes: str | None, calico: str | None) -> None:
    """Write a commented spec to begin with.

    Without --member three example members are written; replace their addresses. An existing file is never touched.
    """
    from ringfence.ops.init import init
    from ringfence.spec.template import Answers

    answers = Answers(name=name, etcd=etcd, kubernetes=kubernetes, calico=calico)
    if members:
        hosts = tuple(_member(text) for text in members)
        answers = Answers(
            name=name,
            endpoints=tuple(f"https://{_bracketed(first)}:2379" for _, (first, *_) in hosts),
            members=hosts,
            etcd=etcd,
            kubernetes=kubernetes,
            calico=calico,
        )
    init(spec_path(), answers, datetime.now(UTC).date())
    output.note(f"wrote {spec_path()}; next: edit it, then ringfence check")
    output.value({"wrote": str(spec_path())})


def _member(text: str) -> tuple[str, tuple[str, ...]]:
    name, equals, hosts = text.partition("=")
    found = tuple(host.strip() for host in hosts.split(",") if host.strip())
    if not name or not equals or not found:
        raise click.BadParameter(f"{text!r} is not NAME=HOST[,HOST…]", param_hint="--member")
    return name, found


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
