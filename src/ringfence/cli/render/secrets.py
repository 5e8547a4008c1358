"""``ringfence render secrets``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ringfence.cli import output
from ringfence.cli.options import Verb
from ringfence.cli.render import writing
from ringfence.errors import InputError


@click.command("secrets", cls=Verb, has_json=False)
@click.option("--identity", "names", metavar="NAME", multiple=True, help="Which ones; default: those of Calico's pods.")
@click.option("--namespace", metavar="NAME", default="kube-system", show_default=True, help="Where they belong.")
@click.option("--out", metavar="DIR", help="The folder, DIR/NAME.yaml, mode 0600; default: stdout, without keys.")
@click.option("--with-keys", is_flag=True, help="Print private keys too; never to a terminal.")
@click.option("--seal-with", metavar="CERT.pem", help="Make SealedSecrets, for the controller with this certificate.")
@click.option("--sops-age", metavar="AGE1…", multiple=True, help="Add the rule with which SOPS encrypts for this key.")
@click.option("--sops-pgp", metavar="FINGERPRINT", multiple=True, help="The same for a PGP key.")
def command(
    names: tuple[str, ...],
    namespace: str,
    out: str | None,
    with_keys: bool,
    seal_with: str | None,
    sops_age: tuple[str, ...],
    sops_pgp: tuple[str, ...],
) -> None:
    """Kubernetes Secrets with the certificates of identities; sealed, or ready for SOPS, they may go into git."""
    from ringfence.ops.rendering import secrets as render_secrets

    by_sops = bool(sops_age or sops_pgp)
    if by_sops and seal_with is not None:
        raise InputError.of("SealedSecrets need no SOPS", hint="leave --seal-with out, or --sops-age and --sops-pgp")
    if by_sops and out is None:
        raise InputError.of("for SOPS there are several files", hint="name a folder for them with --out")
    keys = seal_with is not None or writing.keys(with_keys, out)
    spec, folder = writing.spec(), None if out is None else Path(out)
    found, notices = render_secrets.identity_secrets(spec, names, namespace, writing.login(spec))
    for notice in notices:
        output.note(f"  ! {notice}")
    if seal_with is not None:
        sealed = render_secrets.sealed_secrets(found, Path(seal_with), datetime.now(UTC), folder)
        writing.several(sealed, folder, private=False)
    elif by_sops and folder is not None:
        public, private = render_secrets.sops_secrets(found, sops_age, sops_pgp)
        writing.several(public, folder, private=False)  # first, so that git ignores the keys before they are there
        writing.several(private, folder, private=True)
    else:
        writing.several(render_secrets.plain_secrets(found, with_keys=keys), folder, private=True)
