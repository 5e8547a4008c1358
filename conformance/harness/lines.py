"""The catalog's lines for one program, and the grants that hold all of them, or all but one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ringfence.catalog.catalog import Catalog
from ringfence.catalog.entry import Form, Line, Need
from ringfence.keyspace import SpanSet
from ringfence.model.permission import Access
from ringfence.model.version import Version

NOTHING = '{"prefix": "/conformance-nothing/", "access": "read"}'
"""A grant for an identity that is left without any line: a component of a spec must have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A line as it holds for the release and the options of a run."""

    line: Line
    need: Need

    @property
    def text(self) -> str:
        """As a person reads it: ``readwrite prefix /registry/``."""
        return f"{self.need.access.value} {self.line.form.value} {self.path}"

    @property
    def path(self) -> str:
        """The key or prefix."""
        return self.need.span.start.decode()

    @property
    def grant(self) -> str:
        """As a spec writes it; JSON is YAML too."""
        return json.dumps({self.line.form.value: self.path, "access": self.need.access.value})


def lines_of(
    catalog: Catalog, component: str, version: Version | None, options: Mapping[str, str]
) -> tuple[Known, ...]:
    """The lines of etcd v3 that hold for a release; none where the catalog does not know the component."""
    entry = catalog.entries.get(component)
    if entry is None:
        return ()
    release, settled = entry.release(version), entry.settled(options)
    return tuple(
        Known(line=line, need=line.need(settled))
        for line in entry.lines
        if line.form is not Form.PATTERN and line.applies(release, settled)
    )


def grants(lines: Iterable[Known]) -> tuple[str, ...]:
    """What a spec must grant for these lines."""
    return tuple(dict.fromkeys(line.grant for line in lines)) or (NOTHING,)


def without(lines: Sequence[Known], taken: Known) -> tuple[Known, ...]:
    """All lines but one."""
    return tuple(line for line in lines if line is not taken)


def taken_away(lines: Sequence[Known], taken: Known) -> tuple[str, ...]:
    """The grants without one line; where others allow the same, its keys are cut out of them."""
    others = without(lines, taken)
    if not still_granted(others, taken):
        return grants(others)
    return tuple(dict.fromkeys(_cut(line, taken) for line in others if not taken.need.span.covers(line.need.span)))


def _cut(line: Known, taken: Known) -> str:
    """A grant of ``line`` less the keys of ``taken``."""
    if not line.need.span.covers(taken.need.span):
        return line.grant
    return json.dumps(json.loads(line.grant) | {"except": [{taken.line.form.value: taken.path}]})


def read_only(lines: Sequence[Known], weakened: Known) -> tuple[str, ...]:
    """The grants for all lines, one of which gives only read."""
    weak = json.dumps(json.loads(weakened.grant) | {"access": Access.READ.value})
    others = [line.grant for line in without(lines, weakened)]
    return tuple(dict.fromkeys((*others, weak)))


def read_is_still_granted(lines: Sequence[Known], weakened: Known) -> bool:
    """Whether other lines allow the reading anyway: giving ``weakened`` only for reading then is taking it away."""
    readable = SpanSet(line.need.span for line in without(lines, weakened) if _allows(line.need.access, Access.READ))
    return readable.covers(weakened.need.span)


def still_granted(lines: Iterable[Known], taken: Known) -> bool:
    """Whether other lines allow all that ``taken`` does: taking it away then changes nothing in etcd."""
    others = list(lines)
    return all(
        SpanSet(line.need.span for line in others if _allows(line.need.access, access)).covers(taken.need.span)
        for access in (Access.READ, Access.WRITE)
        if _allows(taken.need.access, access)
    )


def _allows(granted: Access, wanted: Access) -> bool:
    return granted in (wanted, Access.READWRITE)
