"""What goes to the authority and to the nodes beside the requests: the manifest, and a script for each machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.errors import FileError, Place
from ringfence.model.certificate import CertificateRequest
from ringfence.model.outside import Awaited, Waiting
from ringfence.ops.publish import publish
from ringfence.spec.shape import Pki

if TYPE_CHECKING:
    from ringfence.pki.outside.exchange import Exchange
    from ringfence.pki.outside.standing import Standing


def made_on_nodes(pki: Pki, requests: Iterable[CertificateRequest]) -> frozenset[str]:
    """The names of the certificates whose keys are made where they are used, and never lie here."""
    from ringfence.pki.outside.standing import key_is_made_on_node

    keys_on_node = pki.external is not None and pki.external.keys_on_node
    return frozenset(each.name for each in requests if key_is_made_on_node(each, keys_on_node=keys_on_node))


def waiting_for(standings: Iterable[Standing], exchange: Exchange) -> tuple[Waiting, ...]:
    """What is waited for: certificates, and the requests that have to be made before."""
    from ringfence.pki.outside.standing import Stage

    found = []
    for each in standings:
        if each.stage is Stage.OUT:
            file = exchange.certificate_path(each.name)
            found.append(Waiting(name=each.name, awaited=Awaited.CERTIFICATE, file=file))
        elif each.stage is not Stage.SETTLED:
            script = _script_path(each, exchange) if each.on_node else None
            file = exchange.csr_path(each.name)
            found.append(
                Waiting(name=each.name, awaited=Awaited.REQUEST, file=file, script=script, reasons=each.reasons)
            )
    return tuple(found)


def post(standings: Sequence[Standing], exchange: Exchange, pki: Pki, cluster: str) -> Path:
    """Write the manifest and the scripts; remove scripts that nobody needs any more.

    Args:
        standings: how every certificate stands, once everything is made that can be made here.
        exchange: where to.
        pki: the spec's.
        cluster: its name.

    Returns:
        The manifest.

    Raises:
        FileError: a file cannot be written.
    """
    from ringfence.pki.outside.csr import public_key_sha256
    from ringfence.pki.outside.exchange import MANIFEST
    from ringfence.pki.outside.manifest import Entry, manifest_json
    from ringfence.pki.outside.node_script import node_script
    from ringfence.pki.outside.standing import Stage

    manifest = exchange.requests / MANIFEST
    waiting = [each for each in standings if each.stage in {Stage.NODE, Stage.OUT}]
    entries = (
        Entry(
            request=each.found.request,
            lifetime=pki.validity.of(each.found.request.kind),
            key_type=each.key_type,
            public_key_sha256=None if each.key is None else public_key_sha256(each.key),
            key_on_node=each.on_node,
            script=_script_path(each, exchange).name if each.on_node else None,
        )
        for each in waiting
    )
    scripts: dict[Path, list[CertificateRequest]] = {}
    for each in waiting:
        if each.on_node:
            scripts.setdefault(_script_path(each, exchange), []).append(each.found.request)
    texts = {
        path: node_script(requests[0].node or requests[0].name, path.name, requests, pki.key)
        for path, requests in scripts.items()
    }
    for path in {_script_path(each, exchange) for each in standings if each.on_node} - set(texts):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise FileError.of(f"cannot be removed: {error.strerror}", place=Place(str(path))) from None
    publish({**texts, manifest: manifest_json(cluster, entries)}, private=False)
    return manifest


def _script_path(standing: Standing, exchange: Exchange) -> Path:
    """A script for each node; what is for no node in particular has one of its own."""
    request = standing.found.request
    return exchange.requests / f"{str(request.node or request.name).replace('/', '_')}.sh"
