"""Reading ``nodes:``: the machines, as a list in the spec or in a file of names or of ``kubectl get nodes -o json``.

Pure: it is handed a function that reads files. Names are taken as they are, byte for byte, and never folded: they are
parts of keys in etcd, and Kubernetes and Calico refuse all others (Calico ``libcalico-go/lib/validator/v3``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ringfence.errors import FileError
from ringfence.model.names import NodeName
from ringfence.spec.addresses import is_host
from ringfence.spec.reader import Cursor, Report, shown
from ringfence.spec.shape import Node
from ringfence.yamlio import nodes

ReadFile = Callable[[Path], bytes]
"""Gives the content of a file, or raises FileError."""

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
"""RFC 1123 as Kubernetes reads it: labels of lower case letters, digits and dashes, joined by dots."""

_LONGEST = 253
_MOST_PROBLEMS = 20
"""More problems than this in one file, and it is likely another file; the rest is counted."""

_NO_JSON = "write a name a line, or what kubectl get nodes -o json writes"


@dataclass(frozen=True, slots=True)
class Listed:
    """A node, and the cursor at which problems with it are noted."""

    node: Node
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class _Written:
    """What stands in one place, before anything is checked."""

    name: str
    address: str | None
    cursor: Cursor


def read_nodes(cursor: Cursor, folder: Path, read_file: ReadFile) -> tuple[Listed, ...]:
    """The nodes that can be used, in the order in which they are written.

    Args:
        cursor: at ``nodes:``.
        folder: the folder against which a file is resolved.
        read_file: gives the content of a file.
    """
    noted = len(cursor.report.problems)
    written = tuple(
        _of_list(cursor) if isinstance(cursor.node, nodes.Sequence) else _of_file(cursor, folder, read_file)
    )
    found: dict[str, Listed] = {}
    for entry in written:
        first = found.get(entry.name)
        if first is not None:
            entry.cursor.problem(f"{entry.name} is listed twice, first at {first.node.place}", "keep one of them")
        elif _check(entry):
            found[entry.name] = Listed(Node(NodeName(entry.name), entry.address, entry.cursor.place), entry.cursor)
    if not written and len(cursor.report.problems) == noted:
        cursor.problem("has no nodes", "list at least one, or remove nodes")
    _cut(cursor.report, noted)
    return tuple(found.values())


def is_node_name(name: str) -> bool:
    """Whether Kubernetes and Calico would take ``name`` for a node's."""
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


def _of_list(cursor: Cursor) -> Iterator[_Written]:
    for item in cursor.items():
        if not isinstance(item.node, nodes.Mapping):
            name, at = item.text(), item
            address = None
        else:
            fields = item.fields(("name", "address"))
            named = fields.need("name", "each node has a name: {name: NODE, address: 10.0.0.1}")
            name, at = (None, item) if named is None else (named.text(), named)
            address = fields.read("address", _address)
        if name is not None:
            yield _Written(name, address, at)


def _address(cursor: Cursor) -> str | None:
    written = cursor.text()
    if written is None or is_host(written):
        return written
    cursor.problem(f"{shown(written)} is neither a DNS name nor an IP address", "write it without scheme and port")
    return None


def _of_file(cursor: Cursor, folder: Path, read_file: ReadFile) -> Iterator[_Written]:
    fields = cursor.fields(("file",))
    at = fields.need("file", "name the file: nodes: {file: nodes.txt}; or list the nodes: nodes: [NODE, ...]")
    path = None if at is None else at.text()
    if at is None or path is None:
        return
    try:
        content = read_file(folder / path).decode("utf-8-sig")
    except FileError as error:
        for problem in error.problems:
            at.problem(f"{path} {problem.what}", problem.hint)
        return
    except UnicodeDecodeError:
        at.problem(f"{path} is not UTF-8 text", _NO_JSON)
        return
    inside = Report(path, cursor.report.problems)  # the places are of that file, the problems of the whole
    before = len(inside.problems)
    some = False
    for entry in _of_json(content, inside) if content.lstrip().startswith("{") else _of_text(content, inside):
        some = True
        yield entry
    if not some and len(inside.problems) == before:
        at.problem(f"{path} has no nodes", _NO_JSON)


def _of_text(content: str, report: Report) -> Iterator[_Written]:
    """A name a line; what follows a # is a comment."""
    for number, line in enumerate(content.split("\n"), start=1):
        name = line.partition("#")[0].strip()
        if name:
            yield _Written(name, None, _cursor(name, number, "", report))


def _of_json(content: str, report: Report) -> Iterator[_Written]:
    """The names and internal addresses of Kubernetes' own list."""
    top = _cursor("", 1, "", report)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        top.problem("is not JSON, although it begins with {", _NO_JSON)
        return
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(items, list):
        top.problem("has no items", "write it with kubectl get nodes -o json, for all nodes")
        return
    for number, item in enumerate(items):
        at = _cursor("", 1, f"items[{number}]", report)
        metadata = item.get("metadata") if isinstance(item, dict) else None
        name = metadata.get("name") if isinstance(metadata, dict) else None
        if not isinstance(name, str) or item.get("kind", "Node") != "Node":
            at.problem("is no Node with a name", "write it with kubectl get nodes -o json")
        else:
            yield _Written(name, _internal(item.get("status")), at)


def _internal(status: object) -> str | None:
    """The first address of type InternalIP that can be dialled, or None."""
    addresses = status.get("addresses") if isinstance(status, dict) else None
    for each in addresses if isinstance(addresses, list) else ():
        if isinstance(each, dict) and each.get("type") == "InternalIP":
            address = each.get("address")
            if isinstance(address, str) and is_host(address):
                return address
    return None


def _cursor(text: str, line: int, path: str, report: Report) -> Cursor:
    return Cursor(nodes.Scalar(text, False, nodes.Extent(0, 0, line, 0)), line, path, report)


def _check(entry: _Written) -> bool:
    """Whether the name can be a node's; notes why not."""
    name, at = entry.name, entry.cursor
    if is_node_name(name):
        return True
    if len(name) > _LONGEST:
        at.problem(f"the name is {len(name)} characters long", f"Kubernetes takes {_LONGEST} at most")
    elif is_node_name(name.lower()):
        hint = f"Kubernetes and Calico take lower case alone; kubectl get nodes tells whether it is {name.lower()}"
        at.problem(f"{shown(name)} has upper case", hint)
    else:
        at.problem(
            f"{shown(name)} is no name of a node",
            "lower case letters, digits, dashes and dots, as kubectl get nodes has it",
        )
    return False


def _cut(report: Report, noted: int) -> None:
    """Leave the first problems since ``noted``, and say how many more there were."""
    more = len(report.problems) - noted - _MOST_PROBLEMS
    if more > 1:
        last = report.problems[noted + _MOST_PROBLEMS]
        del report.problems[noted + _MOST_PROBLEMS :]
        report.problems.append(type(last)(f"and {more} more problems with nodes", last.place))
