"""Calico's hosted manifest with one identity for all of Calico: endpoints, certificate, and no compaction.

The manifest is the operator's and stays theirs: values are changed where they stand, and every comment and every other
character is kept. Nothing else of Calico is set up here. A private key goes into the text only when it is asked for.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ringfence.errors import ManifestError, Place, Problem
from ringfence.model.credentials import Credentials
from ringfence.model.version import Version
from ringfence.render.calico_parts import COMPACTION, MOUNT, SECRET_KEYS, Parts, calico_parts
from ringfence.render.manifest import resources, variables
from ringfence.yamlio.commented import placeholders
from ringfence.yamlio.edit import Splice, spliced
from ringfence.yamlio.entry import emptied, extended, replaced, written
from ringfence.yamlio.nodes import Mapping, Node, Scalar

_BYTE_ORDER_MARK = "\ufeff"

_COMPACTION_REASON = "etcd compacts itself; 0 because Calico must not compact what it shares with others."
"""With any other period kube-controllers uses ``compact_rev_key`` and the Compact call, which a fenced user may not
(Calico ``kube-controllers/pkg/kubecontrollers/run.go``)."""


@dataclass(frozen=True, slots=True)
class Patched:
    """A manifest that was changed.

    Args:
        text: the whole of it; it may hold a private key, so it is not shown.
        changes: one line for each thing that is not as it was, without secrets; none where all was in place.
        version: the release of Calico that its images name, None where their tag is no version.
    """

    text: str = field(repr=False)
    changes: tuple[str, ...]
    version: Version | None


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done to the text, and how it is told; nothing is done where there are no splices."""

    what: str
    splices: tuple[Splice, ...]


def patch_calico(
    text: str, file: str, *, endpoints: Sequence[str], credentials: Credentials, with_keys: bool
) -> Patched:
    """The hosted manifest ``text``, made to use etcd with one identity.

    Doing it again with the same values changes nothing.

    Args:
        text: the manifest, with its line endings as they are in the file.
        file: its name, for the places of problems.
        endpoints: etcd's client URLs.
        credentials: the CA, the certificate and the key of Calico's identity.
        with_keys: whether the private key is put in; else its place stays empty, or is emptied.

    Raises:
        ManifestError: the manifest has not the parts that it should have (all of what is missing), cannot be changed
            in place, or holds a private key somewhere although none should be in the result.
    """
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    before = text.removeprefix(mark)
    values = _secret_values(credentials, with_keys=with_keys)
    parts = calico_parts(resources(before, file), file)
    changes = [change for change in _changes(before, parts, endpoints, values) if change.splices]
    splices = [splice for change in changes for splice in change.splices]
    if not with_keys:
        _refuse_private_keys(before, splices, file)
    after = spliced(before, splices)
    if list(_left_over(after, file, endpoints, values)):
        raise ManifestError.of(
            "the manifest cannot be changed in place", place=Place(file), hint="write it in plain block style"
        )
    return Patched(mark + after, tuple(change.what for change in changes), parts.node.version)


def _secret_values(credentials: Credentials, *, with_keys: bool) -> dict[str, str | None]:
    """The values of the Secret's keys in the order of Calico's manifest; None is to be empty."""
    if credentials.certificate is None or (with_keys and credentials.key is None):
        raise ValueError("Calico's identity needs a certificate and its key")
    key = base64.b64encode(credentials.key).decode() if with_keys and credentials.key is not None else None
    certificate = base64.b64encode(credentials.certificate).decode()
    return {"etcd-key": key, "etcd-cert": certificate, "etcd-ca": base64.b64encode(credentials.ca).decode()}


def _left_over(text: str, file: str, endpoints: Sequence[str], values: dict[str, str | None]) -> Iterator[_Change]:
    """What would still have to be done: nothing, or the text was not understood as it was written."""
    try:
        parts = calico_parts(resources(text, file), file)
    except ManifestError:
        yield _Change("it can no longer be read", ())
        return
    yield from (change for change in _changes(text, parts, endpoints, values) if change.splices)


def _changes(text: str, parts: Parts, endpoints: Sequence[str], values: dict[str, str | None]) -> Iterator[_Change]:
    paths = {name: f"{MOUNT}/{key}" for name, key in SECRET_KEYS.items()}
    yield from _config(text, parts, {"etcd_endpoints": ",".join(endpoints), **paths})
    yield from _secret(text, parts, values)
    yield from _compaction(text, parts)


def _config(text: str, parts: Parts, values: dict[str, str]) -> Iterator[_Change]:
    data = parts.config.body.get("data")
    assert isinstance(data, Mapping)
    missing = {name: value for name, value in values.items() if data.get(name) is None}
    for name, value in values.items():
        here = data.get(name)
        if isinstance(here, Scalar):
            yield _Change(f"{parts.config}: {name} is {value}", replaced(text, here, value, flow=data.flow))
    if missing:
        added = ", ".join(f"{name} is {value}" for name, value in missing.items())
        yield _Change(f"{parts.config}: {added}", extended(text, parts.config.body, "data", missing))


def _secret(text: str, parts: Parts, values: dict[str, str | None]) -> Iterator[_Change]:
    body = parts.secret.body
    key, data = next(((key, value) for key, value in body.entries if _is_data(key)), (None, None))
    flow = isinstance(data, Mapping) and data.flow
    to_fill_in = {} if key is None or data is None or body.flow else placeholders(text, key, data)
    column = _column(key, data)
    missing: dict[str, str] = {}
    for name, value in values.items():
        here = data.get(name) if isinstance(data, Mapping) else None
        if isinstance(here, Scalar) and value is None:
            yield _Change(f"{parts.secret}: {name} is emptied", emptied(text, here))
        elif isinstance(here, Scalar) and value is not None:
            yield _Change(f"{parts.secret}: {name} is set", replaced(text, here, value, flow=flow))
        elif value is not None and name in to_fill_in:
            start, end = to_fill_in[name]
            line = " " * column + f"{name}: {written(value)}"
            yield _Change(f"{parts.secret}: {name} is set", (Splice(start, end, line),))
        elif value is not None:
            missing[name] = value
    if missing:
        yield _Change(f"{parts.secret}: {', '.join(missing)} set", extended(text, body, "data", missing))


def _is_data(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == "data"


def _column(key: Node | None, data: Node | None) -> int:
    """Where the entries of the Secret's data begin in their lines."""
    if isinstance(data, Mapping):
        return data.extent.column
    return 0 if key is None else key.extent.column + 2


def _compaction(text: str, parts: Parts) -> Iterator[_Change]:
    what = f"container {parts.controllers.name}: {COMPACTION} is 0"
    present = list(variables(parts.controllers, COMPACTION))
    for variable in present:
        here = variable.get("value")
        if isinstance(here, Scalar):
            yield _Change(what, replaced(text, here, "0", flow=variable.flow))
        else:
            yield _Change(what, extended(text, variable, "value", "0"))
    if not present:
        entry = {"name": COMPACTION, "value": "0"}
        yield _Change(what, extended(text, parts.controllers.body, "env", [entry], _COMPACTION_REASON))


_PEM_IN_BASE64 = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{34}")
"""The start of base64 of ``-----BEGIN ...``, 36 bytes of it."""


def _refuse_private_keys(text: str, splices: Sequence[Splice], file: str) -> None:
    """A key that would be kept, in a comment or in an annotation, does not get onto a screen either."""
    found = [one.start() for one in _PEM_IN_BASE64.finditer(text) if b"PRIVATE KEY" in base64.b64decode(one[0])]
    found += [one.start() for one in re.finditer("PRIVATE KEY-----", text)]
    kept = sorted(at for at in found if not any(splice.start <= at < splice.end for splice in splices))
    lines = dict.fromkeys(text.count("\n", 0, at) + 1 for at in kept)
    if lines:
        hint = "remove it, or have the result written to a file together with its keys"
        raise ManifestError(*(Problem("a private key stands here", Place(file, line), hint) for line in lines))
