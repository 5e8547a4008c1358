"""What the subcommands of ``render`` share: reading the spec and ``--in``, telling what was done, and ``--out``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.cli import output
from ringfence.cli.options import spec_path
from ringfence.errors import FileError, InputError, Place

if TYPE_CHECKING:
    from ringfence.model.credentials import Credentials
    from ringfence.model.names import UserName
    from ringfence.model.version import Version
    from ringfence.render.calico.cert_manager import Issuer
    from ringfence.render.manifests.patch import Patched
    from ringfence.render.usage import Usage
    from ringfence.spec.shape import Spec


def spec() -> Spec:
    """The spec."""
    from ringfence.ops.load import load

    return load(spec_path(), datetime.now(UTC).date())[0]


def login(spec: Spec) -> Callable[[UserName], Credentials]:
    """Where the certificates and keys of identities come from: the pki folder of the spec."""
    from ringfence.pki.folder.store import Store
    from ringfence.pki.login import stored_credentials

    store, now = Store(spec.pki.directory), datetime.now(UTC)
    return lambda identity: stored_credentials(store, identity, identity, now)


def keys(with_keys: bool, out: str | None) -> bool:
    """Whether private keys belong into the result."""
    if with_keys and out is None and sys.stdout.isatty():
        raise InputError.of("a private key is not printed to a terminal", hint="use --out FILE, or a pipe")
    return with_keys or out is not None


def tell_folder(spec: Spec, texts: Iterable[str]) -> None:
    """Tell where files name a folder of this machine, although they are for other ones."""
    from ringfence.ops.rendering.configuration import folder_of_here

    folder = folder_of_here(spec, texts)
    if folder is not None:
        where = "say in cluster.paths.pki where they lie on theirs"
        output.note(f"  ! certificates are named where they lie on this machine, in {folder}; {where}")


def deliver(
    patched: Patched,
    usage: Usage,
    file: str,
    out: str | None,
    version: Version | None,
    product: str,
    *,
    private: bool,
) -> None:
    """Tell what was changed in a manifest, and write it under a head of ours."""
    from ringfence.render.usage import under_head

    told(patched, file, version, product)
    show(under_head(patched.text, usage), out, private=private)


def told(patched: Patched, file: str, version: Version | None, product: str) -> None:
    """Tell what was changed in a manifest."""
    if version and patched.version and version.line != patched.version.line:
        output.note(f"{file}: this is {product} {patched.version}, the spec says {version}")
    for change in patched.changes:
        output.note(f"  ~ {change}")
    for notice in patched.notices:
        output.note(f"  ! {notice}")


def show(text: str, out: str | None, *, private: bool = False) -> None:
    """Write one file, or print it where none was named."""
    if out is None:
        output.raw(text)
    else:
        publish({Path(out): text}, private=private)


def show_beside(text: str, usage: Usage, out: str | None) -> None:
    """Write one file that can hold no comment, and a page beside it; or print both, the page to stderr."""
    from ringfence.render.usage import FILE_PAGE, page

    if out is None:
        output.raw(text)
        output.note(page(usage).rstrip())
    else:
        publish({Path(out): text, Path(out + FILE_PAGE): page(usage)}, private=False)


def publish(files: Mapping[Path, str], *, private: bool) -> None:
    """Write files where they differ, and tell which."""
    from ringfence.ops import publish as ops

    written = ops.publish(files, private=private)
    for path in files:
        output.note(f"{'wrote' if path in written else 'unchanged'} {path}")


def issuer(written: str) -> Issuer:
    """What ``--issuer`` says."""
    from ringfence.render.calico.cert_manager import Issuer

    kind, _, name = written.rpartition("/")
    return Issuer(name=name, kind=kind or "ClusterIssuer")


def manifest(file: str) -> str:
    """The text of the file that ``--in`` names."""
    from ringfence.ops.rendering.configuration import manifest_text

    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise FileError.of(f"cannot be read: {error.strerror}", place=Place(file), hint="name it with --in") from None
    return manifest_text(content, file)


def several(files: Mapping[str, str], folder: Path | None, *, private: bool) -> None:
    """Write files into a folder, or print them as documents of one stream where none was named."""
    if folder is None:
        output.raw("---\n".join(files.values()))
    elif files:
        publish({folder / name: text for name, text in files.items()}, private=private)
