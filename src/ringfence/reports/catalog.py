"""What the catalog knows, as text and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ringfence.catalog.entry import Form, Line, Releases
from ringfence.catalog.view import View
from ringfence.model.version import Version
from ringfence.reports.table import table
from ringfence.yamlio.dump import Plain


def list_text(views: Iterable[View]) -> str:
    """A row for each component."""
    rows = [
        (view.entry.component, f"{view.entry.releases} {_known(view)}", _evidence(view.needed), view.entry.about)
        for view in views
    ]
    return table([("COMPONENT", "RELEASES", "LINES KNOWN BY", "WHAT IT IS"), *rows])


def list_json(views: Iterable[View]) -> dict[str, Plain]:
    """The same as data: ``{"components": [...]}``."""
    return {"components": [_head(view) for view in views]}


def show_text(view: View) -> str:
    """What a component needs, why and since when; what is documented beside that; remarks and options."""
    rows = [_row(view, line) for line in view.needed]
    parts = [_title(view), table([("MAY", "KEYS", "SINCE", "DOCUMENTED", "KNOWN BY", "WHY"), *rows])]
    if view.too_wide:
        parts.append("Documented, and not needed:\n" + _reasons(view.too_wide))
    parts += _on_node(view)
    parts += _asides(view)
    return "\n\n".join(parts)


def documented_text(view: View) -> str:
    """The documentation's own table, and how it differs from what is needed."""
    documented = view.documented
    if not documented:
        return f"{_title(view)}\n\nno table of keys is documented for this release"
    rows = [
        (line.access.value, _path(line), _from(line.documented), "yes" if line.is_needed(view.release) else "no")
        for line in documented
    ]
    parts = [_title(view), table([("MAY", "KEYS", "DOCUMENTED SINCE", "NEEDED"), *rows])]
    parts.append("Missing there:\n" + _reasons(view.lacking) if view.lacking else "Nothing is missing there.")
    if view.too_wide:
        parts.append("Wider than needed:\n" + _reasons(view.too_wide))
    return "\n\n".join(parts)


def difference_text(view: View, other: View, *, documented: bool) -> str:
    """What one release needs, or its documentation lists, and another one's does not."""
    found = view.since(other, documented=documented)
    rows = [("+", line) for line in found.added] + [("-", line) for line in found.removed]
    what = "documented" if documented else "needed"
    title = f"{_title(view)}\n\n{what} by {view.release} (+) and by {other.release} (-) alone:"
    lines = [(sign, line.access.value, _path(line), line.reason) for sign, line in rows]
    notes = [] if other.is_known else [_nearest(other)]
    return "\n".join([title, table(lines, indent="  ") if lines else "  nothing", *notes])


def show_json(view: View) -> dict[str, Plain]:
    """A component with all lines of its release, those that are documented without need included."""
    shown = [line for line in view.entry.lines if line in view.needed or line in view.documented]
    return {
        **_head(view),
        "asked": None if view.asked is None else str(view.asked),
        "version": str(view.release),
        "options": [
            {
                "name": name,
                "kind": option.kind.value,
                "default": option.default,
                "words": list(option.words),
                "about": option.about,
            }
            for name, option in view.entry.options.items()
        ],
        "lines": [_line(view, line) for line in shown],
        "lacking": [_path(line) for line in view.lacking],
        "remarks": [{"text": remark.text, "sources": list(remark.sources)} for remark in view.remarks],
        "examples": [
            {"form": each.form.value, "path": each.path, "may": None if each.may is None else each.may.value}
            for each in view.entry.examples
            if each.releases.holds(view.release)
        ],
    }


def difference_json(view: View, other: View, *, documented: bool) -> dict[str, Plain]:
    """``{"component", "from", "to", "documented", "added", "removed"}``."""
    found = view.since(other, documented=documented)
    return {
        "component": view.entry.component,
        "from": str(other.release),
        "to": str(view.release),
        "documented": documented,
        "added": [_line(view, line) for line in found.added],
        "removed": [_line(other, line) for line in found.removed],
    }


def _title(view: View) -> str:
    speaks = "gRPC" if view.entry.transport.value == "grpc" else "the JSON gateway, so it logs in with a password"
    line = f"{view.entry.component}: {view.entry.about}\n{view.entry.releases} {view.release}; speaks {speaks}"
    return line if view.is_known else f"{line}\n{_nearest(view)}"


def _nearest(view: View) -> str:
    return f"{view.entry.releases} {view.asked} is not known (known: {_known(view)}): this is {view.release}"


def _on_node(view: View) -> Iterator[str]:
    """What becomes of lines where each node has an identity of its own."""
    narrowed = [(line, line.on_node) for line in view.needed if line.on_node is not None]
    if not narrowed:
        return
    rows = [
        (each.access.value, _path(each), each.evidence.value, each.reason)
        for _, on_node in narrowed
        for each in on_node.lines
    ]
    replaced = ", ".join(dict.fromkeys(_path(line) for line, _ in narrowed))
    text = [
        "Narrowed to one node (identity: node-scoped), where {node} is its own and the rest every node's:",
        table([("MAY", "KEYS", "KNOWN BY", "WHY"), *dict.fromkeys(rows)], indent="  "),
        f"  instead of writing {replaced}",
    ]
    text += [f"  beforehand: {said}" for said in dict.fromkeys(each.beforehand for _, each in narrowed) if said]
    text += [f"  lost: {said}" for said in dict.fromkeys(each.lost for _, each in narrowed) if said]
    yield "\n".join(text)


def _asides(view: View) -> Iterator[str]:
    if view.remarks:
        yield "\n".join(["Remarks:", *(f"  {remark.text}" for remark in view.remarks)])
    if view.entry.options:
        rows = [
            (name, "required" if option.default is None else repr(option.default), option.about)
            for name, option in view.entry.options.items()
        ]
        yield "Options:\n" + table(rows, indent="  ")
    sources = dict.fromkeys(source for line in view.needed for source in line.sources)
    yield "\n".join(["Sources:", *(f"  {source}" for source in sources)])


def _row(view: View, line: Line) -> Sequence[str]:
    documented = "no" if line in view.lacking else "yes" if line.is_documented(view.release) else "wider"
    when = "".join(f" (with {name}: {value})" for name, value in line.when.items())
    return line.access.value, _path(line) + when, _from(line.needed), documented, line.evidence.value, line.reason


def _reasons(lines: Iterable[Line]) -> str:
    return table([(line.access.value, _path(line), line.reason) for line in lines], indent="  ")


def _path(line: Line) -> str:
    return f"{line.path}*" if line.form is Form.PREFIX else line.path


def _from(releases: Releases | None) -> str:
    return "" if releases is None or releases.since is None else str(releases.since)


def _evidence(lines: Iterable[Line]) -> str:
    counts = Counter(line.evidence.value for line in lines)
    return ", ".join(f"{word} {counts[word]}" for word in ("tested", "source", "documented") if counts[word])


def _known(view: View) -> str:
    """The releases that were looked at, unbroken stretches as FIRST-LAST."""
    stretches: list[list[Version]] = []
    for version in view.entry.known:
        last = stretches[-1][-1] if stretches else None
        if last is not None and version.line == (last.major, last.minor + 1):
            stretches[-1].append(version)
        else:
            stretches.append([version])
    return ", ".join(str(stretch[0]) if len(stretch) == 1 else f"{stretch[0]}-{stretch[-1]}" for stretch in stretches)


def _head(view: View) -> dict[str, Plain]:
    return {
        "component": view.entry.component,
        "family": view.entry.family,
        "about": view.entry.about,
        "releases": view.entry.releases,
        "known": [str(version) for version in view.entry.known],
        "transport": view.entry.transport.value,
        "needs": len(view.needed),
    }


def _line(view: View, line: Line) -> dict[str, Plain]:
    return {
        "access": line.access.value,
        "form": line.form.value,
        "path": line.path,
        "needed": line.is_needed(view.release),
        "documented": line.is_documented(view.release),
        "since": _from(line.needed) or None,
        "until": None if line.needed is None or line.needed.until is None else str(line.needed.until),
        "when": dict(line.when),
        "reason": line.reason,
        "sources": list(line.sources),
        "evidence": line.evidence.value,
        "tested": [{"program": run.program, "version": run.version, "etcd": run.etcd} for run in line.tested],
        "on_node": None
        if line.on_node is None
        else {
            "lines": [_line(view, each) for each in line.on_node.lines],
            "beforehand": line.on_node.beforehand,
            "lost": line.on_node.lost,
        },
    }
