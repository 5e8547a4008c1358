"""The needs of one component: lines with the releases that need them and those whose documentation lists them."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.catalog.option import Option
from ringfence.keyspace import Span
from ringfence.model.permission import Access
from ringfence.model.probe import Example
from ringfence.model.v2 import Pattern
from ringfence.model.version import Version

_PLACEHOLDER = re.compile(r"\{([a-z-]+)\}")

NODE = "node"
"""The placeholder that stands for the name of a node."""


class Evidence(enum.Enum):
    """How well a line is known: the component's documentation says so, its source does, or a run showed it."""

    DOCUMENTED = "documented"
    SOURCE = "source"
    TESTED = "tested"


class Form(enum.Enum):
    """What a path stands for. ``PATTERN`` is etcd v2's (``/calico/v1*``), the others are v3's."""

    KEY = "key"
    PREFIX = "prefix"
    PATTERN = "pattern"


class Transport(enum.Enum):
    """How a program speaks to etcd. ``GATEWAY`` is etcd's JSON gateway, which takes no Common Name for a user."""

    GRPC = "grpc"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Releases:
    """From the first release on (None: all) to before another one (None: none yet)."""

    since: Version | None = None
    until: Version | None = None

    def holds(self, version: Version) -> bool:
        """Whether ``version`` is among them; of a line of releases, whether any of it may be."""
        newest = (*version.line, float("inf") if version.patch is None else version.patch)
        oldest = (*version.line, version.patch or 0)
        return (self.since is None or newest >= _numbers(self.since)) and (
            self.until is None or oldest < _numbers(self.until)
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the real program that failed without a line and worked with it."""

    program: str
    version: str
    etcd: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Access that a component needs, with why, where that stands and how well it is known."""

    access: Access
    span: Span
    reason: str
    source: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternNeed:
    """Access to a pattern of etcd v2 that a component needs, and why."""

    access: Access
    pattern: Pattern
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What becomes of a line where each node has an identity of its own.

    Args:
        lines: what takes its place; those with ``{node}`` in their path are the node's own, the others every node's.
        beforehand: what must be in etcd already, because the node may no longer make it; empty for nothing.
        lost: what no longer works; empty for nothing.
    """

    lines: tuple[Line, ...]
    beforehand: str
    lost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a component.

    Args:
        access: what it is needed for.
        path: a key, prefix or pattern; ``{option}`` stands for the value of an option.
        form: which of these it is.
        needed: the releases that need it; None: documented, and no release needs it.
        documented: the releases whose documentation lists it; None: no documentation does.
        when: options that must have these values.
        reason: why it is needed, or why not although it is documented.
        sources: where that stands.
        read: how well it is known without a run.
        tested: the runs that showed it.
        on_node: how it is narrowed to one node; None where it cannot be.
    """

    access: Access
    path: str
    form: Form
    needed: Releases | None
    documented: Releases | None
    when: Mapping[str, str]
    reason: str
    sources: tuple[str, ...]
    read: Evidence
    tested: tuple[Run, ...]
    on_node: Narrowing | None = None

    @property
    def evidence(self) -> Evidence:
        """How well it is known."""
        return Evidence.TESTED if self.tested else self.read

    def is_needed(self, version: Version) -> bool:
        """Whether a release needs it, whatever its options."""
        return self.needed is not None and self.needed.holds(version)

    def is_documented(self, version: Version) -> bool:
        """Whether the documentation of a release lists it."""
        return self.documented is not None and self.documented.holds(version)

    def applies(self, version: Version, options: Mapping[str, str]) -> bool:
        """Whether a release with these options needs it."""
        return self.is_needed(version) and _meets(self.when, options)

    @property
    def is_of_one_node(self) -> bool:
        """Whether its keys are those of one node."""
        return NODE in placeholders(self.path)

    def need(self, options: Mapping[str, str]) -> Need:
        """The line with its placeholders filled in; not for a pattern."""
        return Need(
            access=self.access,
            span=_span(self.form, self.path, options),
            reason=self.reason,
            source="; ".join(self.sources),
            evidence=self.evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What keys alone do not tell of some releases: another request that is made, or a setting that must be right.

    ``loud`` tells that everybody who uses the component should hear of it.
    """

    text: str
    loud: bool
    releases: Releases
    when: Mapping[str, str]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleLine:
    """An example before its placeholders are filled in, with the releases of which it is true."""

    path: str
    form: Form
    may: Access | None
    releases: Releases
    when: Mapping[str, str]

    def is_true(self, version: Version, options: Mapping[str, str]) -> bool:
        """Whether it is one of a release with these options."""
        return self.releases.holds(version) and _meets(self.when, options)

    def example(self, options: Mapping[str, str]) -> Example:
        """The example with its placeholders filled in."""
        return Example(_span(self.form, self.path, options), self.may)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNodes:
    """What a component needs where each node has an identity of its own, made ready for many nodes.

    Args:
        every: what all nodes need alike.
        lines: what each needs of its own; none where nothing can be narrowed.
        examples: keys as it really uses them.
        options: with defaults.
    """

    every: tuple[Need, ...]
    lines: tuple[Line, ...]
    examples: tuple[ExampleLine, ...]
    options: Mapping[str, str]

    def needs(self, node: str) -> tuple[Need, ...]:
        """What ``node`` needs of its own."""
        named = {**self.options, NODE: node}
        return tuple(line.need(named) for line in self.lines)

    def shown(self, node: str) -> tuple[Example, ...]:
        """The examples for the identity of ``node``."""
        named = {**self.options, NODE: node}
        return tuple(each.example(named) for each in self.examples)


@dataclass(frozen=True, slots=True)
class Commons:
    """Keys that a program cannot move elsewhere: all components of the family share them, and they belong to it."""

    owner: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A component of the catalog.

    Args:
        component: its name.
        family: the name of the data file that it stands in.
        about: what it is, in a line.
        releases: whose releases are spoken of.
        known: the lines of releases that were looked at, oldest first.
        transport: how it speaks to etcd.
        options: what it can be told, by name.
        commons: the keys that it shares with its family, or None.
        lines: what it needs, and what is documented.
        remarks: what keys alone do not tell.
        examples: keys as it really uses them.
        node_examples: the same where each node has an identity of its own.
    """

    component: str
    family: str
    about: str
    releases: str
    known: tuple[Version, ...]
    transport: Transport
    options: Mapping[str, Option]
    commons: Commons | None
    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]
    examples: tuple[ExampleLine, ...]
    node_examples: tuple[ExampleLine, ...] = ()

    def release(self, asked: Version | None) -> Version:
        """The release whose lines are taken: the one asked for, else the nearest known below, else the oldest.

        Without a question it is the newest that is known.
        """
        if asked is None:
            return self.known[-1]
        below = [known for known in self.known if known.line <= asked.line]
        nearest = below[-1] if below else self.known[0]
        return asked if nearest.line == asked.line else nearest

    def settled(self, options: Mapping[str, str]) -> Mapping[str, str]:
        """The options with their defaults filled in."""
        defaults = {name: option.default for name, option in self.options.items() if option.default is not None}
        return {**defaults, **options}

    def needs(self, version: Version | None, options: Mapping[str, str]) -> tuple[Need, ...]:
        """What it needs in etcd v3.

        Args:
            version: its release; see ``release``.
            options: a value for each option that has no default.
        """
        return tuple(line.need(self.settled(options)) for line in self._applied(version, options))

    def patterns(self, version: Version | None, options: Mapping[str, str]) -> tuple[PatternNeed, ...]:
        """What it needs in etcd v2; nothing where a release keeps its data in v3. Arguments as for ``needs``."""
        release, settled = self.release(version), self.settled(options)
        return tuple(
            PatternNeed(access=line.access, pattern=Pattern(filled(line.path, settled)), reason=line.reason)
            for line in self.lines
            if line.form is Form.PATTERN and line.applies(release, settled)
        )

    def on_nodes(self, version: Version | None, options: Mapping[str, str]) -> OnNodes:
        """What it needs where each node has an identity of its own."""
        release, settled = self.release(version), self.settled(options)
        lines = tuple(self._narrowed(version, options))
        return OnNodes(
            every=tuple(line.need(settled) for line in lines if not line.is_of_one_node),
            lines=tuple(line for line in lines if line.is_of_one_node),
            examples=tuple(each for each in self.node_examples if each.is_true(release, settled)),
            options=settled,
        )

    def narrowings(self, version: Version | None, options: Mapping[str, str]) -> tuple[Narrowing, ...]:
        """How lines of a release are narrowed to one node."""
        return tuple(line.on_node for line in self._applied(version, options) if line.on_node is not None)

    def remarked(self, version: Version | None, options: Mapping[str, str]) -> tuple[Remark, ...]:
        """The remarks on a release with these options."""
        release, settled = self.release(version), self.settled(options)
        return tuple(
            remark for remark in self.remarks if remark.releases.holds(release) and _meets(remark.when, settled)
        )

    def shown(self, version: Version | None, options: Mapping[str, str]) -> tuple[Example, ...]:
        """The examples of a release with these options."""
        release, settled = self.release(version), self.settled(options)
        return tuple(each.example(settled) for each in self.examples if each.is_true(release, settled))

    def varies(self) -> bool:
        """Whether its known releases need different things."""
        needed = {tuple(line.is_needed(version) for line in self.lines) for version in self.known}
        return len(needed) > 1

    def _applied(self, version: Version | None, options: Mapping[str, str]) -> Iterator[Line]:
        release, settled = self.release(version), self.settled(options)
        return (line for line in self.lines if line.form is not Form.PATTERN and line.applies(release, settled))

    def _narrowed(self, version: Version | None, options: Mapping[str, str]) -> Iterator[Line]:
        for line in self._applied(version, options):
            yield from (line,) if line.on_node is None else line.on_node.lines


def placeholders(path: str) -> frozenset[str]:
    """The options whose values stand in ``path``."""
    return frozenset(_PLACEHOLDER.findall(path))


def filled(path: str, values: Mapping[str, str]) -> str:
    """``path`` with the placeholders that have a value filled in."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), path)


def numbered(first: Version, last: Version) -> Iterator[Version]:
    """The lines of releases from ``first`` to ``last``, both included; they differ in the minor number alone."""
    for minor in range(first.minor, last.minor + 1):
        yield Version(first.major, minor)


def _span(form: Form, path: str, options: Mapping[str, str]) -> Span:
    key = filled(path, options).encode()
    return Span.of_key(key) if form is Form.KEY else Span.of_prefix(key)


def _meets(when: Mapping[str, str], options: Mapping[str, str]) -> bool:
    return all(options.get(name) == value for name, value in when.items())


def _numbers(version: Version) -> tuple[int, int, float]:
    return *version.line, version.patch or 0
