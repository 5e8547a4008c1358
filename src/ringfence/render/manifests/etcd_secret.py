"""A Kubernetes Secret with what one identity shows to etcd: its values where they stand, or a new Secret.

The names of its keys are those that Calico's manifests use. Which pods see it is said in ``secret_volume``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence

from ringfence.errors import Place, Problem
from ringfence.model.credentials import Credentials
from ringfence.render.manifests.manifest import Resource, duplicates, named, not_texts
from ringfence.render.manifests.patch import Change
from ringfence.yamlio.commented import placeholders
from ringfence.yamlio.document import added_document
from ringfence.yamlio.edit import Splice
from ringfence.yamlio.entry import New, added, emptied, extended, replaced, written
from ringfence.yamlio.nodes import Mapping, Node, Scalar

KEYS = ("etcd-key", "etcd-cert", "etcd-ca")
"""The keys of the Secret, each of which is a file for the pod, in the order of Calico's manifest."""

Values = dict[str, str | None]
"""For each of ``KEYS`` its base64 text; None is to be empty."""


def secret_values(credentials: Credentials, *, with_keys: bool) -> Values:
    """The values of the Secret's keys.

    Args:
        credentials: the CA, the certificate and the key of one identity.
        with_keys: whether the private key is among them.

    Raises:
        ValueError: there is no certificate, or its key is missing though it is wanted.
    """
    if credentials.certificate is None or (with_keys and credentials.key is None):
        raise ValueError("Calico's identity needs a certificate and its key")
    key = _base64(credentials.key) if with_keys and credentials.key is not None else None
    return {"etcd-key": key, "etcd-cert": _base64(credentials.certificate), "etcd-ca": _base64(credentials.ca)}


def filled(text: str, secret: Resource, values: Values) -> Iterator[Change]:
    """What puts the values into a Secret that is there."""
    body = secret.body
    key, data = next(((key, value) for key, value in body.entries if _is_data(key)), (None, None))
    flow = isinstance(data, Mapping) and data.flow
    to_fill_in = {} if key is None or data is None or body.flow else placeholders(text, key, data)
    column = _column(key, data)
    missing: dict[str, str] = {}
    for name, value in values.items():
        here = data.get(name) if isinstance(data, Mapping) else None
        if isinstance(here, Scalar) and value is None:
            yield Change(f"{secret}: {name} is emptied", emptied(text, here))
        elif isinstance(here, Scalar) and value is not None:
            yield Change(f"{secret}: {name} is set", replaced(text, here, value, flow=flow))
        elif value is not None and name in to_fill_in:
            start, end = to_fill_in[name]
            line = " " * column + f"{name}: {written(value)}"
            yield Change(f"{secret}: {name} is set", (Splice(start, end, line),))
        elif value is not None:
            missing[name] = value
    if missing:
        yield Change(f"{secret}: {', '.join(missing)} set", extended(text, body, "data", missing))


def new_secrets(text: str, beside: Resource, secrets: dict[str, Values], namespace: str | None) -> Iterator[Change]:
    """What adds Secrets to a manifest.

    Args:
        text: the manifest.
        beside: the resource that they are put behind, as documents of their own or in the same list.
        secrets: for each name the values.
        namespace: where they belong; None leaves it open, as it is for the other resources.
    """
    if not secrets:
        return
    told = f"{', '.join(f'Secret {name}' for name in secrets)} added"
    if beside.siblings is not None:
        bodies = [_body(name, values, namespace) for name, values in secrets.items()]
        yield Change(told, added(text, beside.siblings, bodies))
    else:
        lines = [_lines(name, values, namespace) for name, values in secrets.items()]
        yield Change(told, (added_document(text, beside.body, lines),))


def unusable(secret: Resource) -> Iterator[Problem]:
    """Why values cannot be put into a Secret that is meant for them."""
    file = secret.place.file
    yield from duplicates(secret.body, file)
    data = secret.body.get("data")
    if data is not None and not isinstance(data, Mapping) and not (isinstance(data, Scalar) and data.is_null):
        yield Problem("this is no mapping", Place(file, data.extent.line, "data"), "write key: value lines")
    yield from not_texts(secret, KEYS)
    for name in KEYS:
        shadow = secret.body.get("stringData", name)
        if shadow is not None:
            place = Place(file, shadow.extent.line, f"stringData.{name}")
            yield Problem(f"this would win over data.{name}", place, "remove it")


def taken(found: Sequence[Resource], names: Iterable[str], namespace: str | None) -> Iterator[Problem]:
    """The Secrets that have one of the names and were made for something else.

    Those of another namespace are others, and one that holds nothing but ``KEYS`` is an earlier one of ours.
    """
    for name in names:
        same = [one for one in named(found, "Secret", name) if (one.namespace or namespace) == namespace]
        for other in same[1:]:
            what = f"found a second Secret {name}, the first is in line {same[0].place.line}"
            yield Problem(what, other.place, "leave only one")
        for one in same:
            yield from unusable(one) if _is_ours(one) else _is_taken(one)


def _is_taken(secret: Resource) -> Iterator[Problem]:
    hint = f"rename that one: the name is needed for a Secret with {', '.join(KEYS)}"
    yield Problem(f"the name {secret.name} is taken by a Secret for something else", secret.place, hint)


def _is_ours(secret: Resource) -> bool:
    held = [*_keys(secret.body.get("data")), *_keys(secret.body.get("stringData"))]
    return set(held) <= set(KEYS) and secret.body.text("type") in {None, "", "Opaque"}


def _keys(node: Node | None) -> list[str]:
    return [key.text for key, _ in node.entries if isinstance(key, Scalar)] if isinstance(node, Mapping) else []


def _is_data(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == "data"


def _column(key: Node | None, data: Node | None) -> int:
    """Where the entries of the Secret's data begin in their lines."""
    if isinstance(data, Mapping):
        return data.extent.column
    return 0 if key is None else key.extent.column + 2


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _metadata(name: str, namespace: str | None) -> dict[str, str]:
    return {"name": name} if namespace is None else {"name": name, "namespace": namespace}


def _body(name: str, values: Values, namespace: str | None) -> dict[str, New]:
    data: dict[str, New] = {key: value for key, value in values.items() if value is not None}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": _metadata(name, namespace),
        "data": data,
    }


def _lines(name: str, values: Values, namespace: str | None) -> tuple[str, ...]:
    """A Secret as a document; the place of what is to be filled in later is kept by a comment."""
    metadata = (f"  {key}: {written(value)}" for key, value in _metadata(name, namespace).items())
    data = (f"  # {key}: null" if value is None else f"  {key}: {written(value)}" for key, value in values.items())
    return ("apiVersion: v1", "kind: Secret", "type: Opaque", "metadata:", *metadata, "data:", *data)
