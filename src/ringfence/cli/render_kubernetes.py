"""``ringfence render secrets`` and ``render kustomize``: what goes to Kubernetes beside, or instead of, a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from ringfence.cli import output, rendering
from ringfence.cli.options import Verb
from ringfence.errors import InputError


@click.command("secrets", cls=Verb)
@click.option("--identity", "names", metavar="NAME", multiple=True, help="Which ones; default: those of Calico's pods.")
@click.option("--namespace", metavar="NAME", default="kube-system", show_default=True, help="Where they belong.")
@click.option("--out", metavar="DIR", help="The folder, DIR/NAME.yaml, mode 0600; default: stdout, without keys.")
@click.option("--with-keys", is_flag=True, help="Print private keys too; never to a terminal.")
@click.option("--seal-with", metavar="CERT.pem", help="Make SealedSecrets, for the controller with this certificate.")
@click.option("--sops-age", metavar="AGE1…", multiple=True, help="Add the rule with which SOPS encrypts for this key.")
@click.option("--sops-pgp", metavar="FINGERPRINT", multiple=True, help="The same for a PGP key.")
def secrets(
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
    keys = seal_with is not None or rendering.keys(with_keys, out)
    spec, folder = rendering.spec(), None if out is None else Path(out)
    found, notices = render_secrets.identity_secrets(spec, names, namespace, rendering.login(spec))
    for notice in notices:
        output.note(f"  ! {notice}")
    if seal_with is not None:
        sealed = render_secrets.sealed_secrets(found, Path(seal_with), datetime.now(UTC), folder)
        _written(sealed, folder, private=False)
    elif by_sops and folder is not None:
        public, private = render_secrets.sops_secrets(found, sops_age, sops_pgp)
        _written(public, folder, private=False)  # first, so that git ignores the keys before they are there
        _written(private, folder, private=True)
    else:
        _written(render_secrets.plain_secrets(found, with_keys=keys), folder, private=True)


@click.command("kustomize", cls=Verb)
@click.option("--in", "manifest", metavar="FILE", required=True, help="Calico's hosted manifest, as it was released.")
@click.option("--in-name", metavar="NAME", help="How kustomize finds it: a folder or a URL; default: a copy in DIR.")
@click.option("--out", metavar="DIR", required=True, help="The folder of the overlay.")
@click.option(
    "--deliver", type=click.Choice(["secret", "hostpath", "openbao-agent", "vault-agent", "cert-manager"]),
    help="How certificates come into the pods; default: deliver of the spec, or secret.",
)  # fmt: skip
@click.option("--with-keys", is_flag=True, help="Put the Secrets with their keys into DIR too, mode 0600.")
def kustomize(manifest: str, in_name: str | None, out: str, deliver: str | None, with_keys: bool) -> None:
    """An overlay that does to Calico's hosted manifest what `render calico` does in it."""
    from ringfence.ops.rendering.calico import calico
    from ringfence.ops.rendering.kustomize import render_kustomize

    spec, folder = rendering.spec(), Path(out)
    made, patched = render_kustomize(
        spec,
        rendering.manifest(manifest),
        manifest,
        rendering.login(spec),
        base=in_name,
        way=deliver,
        with_keys=with_keys,
    )
    rendering.told(patched, manifest, calico(spec).version, "Calico")
    if made.left_out:
        output.note(f"  ! not in the overlay: Secret {', '.join(made.left_out)}; make them with `render secrets`")
    _written(made.private, folder, private=True)
    _written(made.public, folder, private=False)


def _written(files: Mapping[str, str], folder: Path | None, *, private: bool) -> None:
    if folder is None:
        output.raw("---\n".join(files.values()))
    elif files:
        rendering.publish({folder / name: text for name, text in files.items()}, private=private)
