"""Reading a data file of the catalog: a family of components that were looked at together.

A file has these keys::

    family, releases, known     its name, whose releases are spoken of, and which: [[FIRST, LAST], ...]
    commons                     optional: {owner, prefixes}, keys that no option can move elsewhere
    sources                     where things stand, by a short name that lines refer to
    names                       optional: parts of paths, written {name} in them
    components                  by name: about, transport, options, lines, remarks, examples; includes names another
                                component of the file whose lines this one has as well

A line has ``key``, ``prefix`` or ``pattern`` (etcd v2's), ``access``, ``reason``, ``source`` and ``evidence``, and:

    since, until    the first release that needs it (default: the oldest known), and the first that needs it no more
    needed: no      no release needs it, although it is documented
    documented      the releases whose documentation lists it: yes (the same as since and until), or {since, until};
                    evidence: documented says yes by itself
    when            options that must have these values
    beyond-slash    yes where a prefix does not end in a slash on purpose
    tested          runs that showed it: [{program, version, etcd}]
    on-node         how it is narrowed where each node has an identity of its own: {lines, beforehand, lost}. Lines with
                    {node} in their path are the node's own; {node} stands in no other line
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.catalog.entry import (
    NODE,
    Commons,
    Entry,
    Evidence,
    ExampleLine,
    Form,
    Line,
    Narrowing,
    Releases,
    Remark,
    Run,
    Transport,
    filled,
    numbered,
    placeholders,
)
from ringfence.catalog.fields import Fields, Value
from ringfence.catalog.option import Kind, Option
from ringfence.errors import CatalogError, InputError
from ringfence.model.permission import Access
from ringfence.model.version import Version
from ringfence.yamlio import nodes

_FAMILY = ("family", "releases", "known", "commons", "sources", "names", "components")
_COMPONENT = ("about", "transport", "options", "includes", "lines", "remarks", "examples", "node-examples")
_NEED = ("access", "since", "until", "needed", "documented", "when", "reason", "source", "evidence", "tested")
_PATHS = tuple(form.value for form in Form)


def parse(text: str, file: str) -> tuple[Entry, ...]:
    """The components that ``text`` describes.

    Args:
        text: the content of the data file.
        file: its name, for the place of an error.

    Raises:
        CatalogError: it breaks the schema.
    """
    try:
        root = Value(nodes.parse(text, file), file)
    except InputError as error:
        raise CatalogError(*error.problems) from None
    fields = root.fields(*_FAMILY)
    family = _Family(
        name=fields["family"].text(),
        releases=fields["releases"].text(),
        known=_known(fields["known"]),
        commons=_commons(fields["commons"]) if "commons" in fields else None,
        sources={name: value.text() for name, value in fields["sources"].named().items()},
        names={name: value.text() for name, value in fields["names"].named().items()},
    )
    entries: dict[str, Entry] = {}
    for name, value in fields["components"].named().items():
        entries[name] = family.component(name, value, entries)
    return tuple(entries.values())


def _known(value: Value) -> tuple[Version, ...]:
    pairs = [tuple(end.version() for end in pair.items()) for pair in value.items()]
    if not pairs or any(len(pair) != 2 or pair[0].major != pair[1].major for pair in pairs):
        raise value.broken("known is a list of [FIRST, LAST], each pair within one major version")
    return tuple(line for first, last in pairs for line in numbered(first, last))


def _commons(value: Value) -> Commons:
    fields = value.fields("owner", "prefixes")
    return Commons(fields["owner"].text(), fields["prefixes"].texts())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """What all components of a file have in common."""

    name: str
    releases: str
    known: tuple[Version, ...]
    commons: Commons | None
    sources: Mapping[str, str]
    names: Mapping[str, str]

    def component(self, name: str, value: Value, before: Mapping[str, Entry]) -> Entry:
        """A component; ``before`` are those that stand above it."""
        fields = value.fields(*_COMPONENT)
        included = fields["includes"].text() if "includes" in fields else None
        if included is not None and included not in before:
            raise fields["includes"].broken(f"{included} does not stand above")
        base = None if included is None else before[included]
        options = {key: _option(each) for key, each in fields["options"].named().items()}
        lines = tuple(self._line(item, options) for item in fields["lines"].items())
        examples = tuple(self._example(item, options) for item in fields["examples"].items())
        on_node = tuple(self._example(item, options, on_node=True) for item in fields["node-examples"].items())
        return Entry(
            component=name,
            family=self.name,
            about=fields["about"].text(),
            releases=self.releases,
            known=self.known,
            transport=fields["transport"].enum(Transport) if "transport" in fields else Transport.GRPC,
            options=options,
            commons=self.commons,
            lines=lines if base is None else (*base.lines, *lines),
            remarks=tuple(self._remark(item, options) for item in fields["remarks"].items()),
            examples=examples,
            node_examples=on_node,
        )

    def _line(self, value: Value, options: Mapping[str, Option], *, on_node: bool = False) -> Line:
        """A line; ``on_node`` tells that it stands in ``on-node``, where no further narrowing can."""
        fields = value.fields(*_PATHS, *_NEED, "beyond-slash", *([] if on_node else ["on-node"]))
        form, path = self._path(fields, options, on_node=on_node)
        beyond = fields["beyond-slash"].is_word("yes")
        if form is Form.PREFIX and path.endswith("/") == beyond:
            raise fields.broken("a prefix ends in a slash, or says beyond-slash: yes")
        read = fields["evidence"].enum(Evidence)
        if read is Evidence.TESTED:
            raise fields["evidence"].broken("say what was run under tested")
        releases = self._releases(fields)
        return Line(
            access=fields["access"].enum(Access),
            path=path,
            form=form,
            needed=None if fields["needed"].is_word("no") else releases,
            documented=self._documented(fields, releases, read),
            when=_when(fields, options),
            reason=fields["reason"].text(),
            sources=self._sources(fields),
            read=read,
            tested=tuple(_run(item) for item in fields["tested"].items()),
            on_node=self._narrowing(fields["on-node"], options) if "on-node" in fields else None,
        )

    def _narrowing(self, value: Value, options: Mapping[str, Option]) -> Narrowing:
        fields = value.fields("lines", "beforehand", "lost")
        return Narrowing(
            lines=tuple(self._line(item, options, on_node=True) for item in fields["lines"].items()),
            beforehand=fields["beforehand"].text() if "beforehand" in fields else "",
            lost=fields["lost"].text() if "lost" in fields else "",
        )

    def _example(self, value: Value, options: Mapping[str, Option], *, on_node: bool = False) -> ExampleLine:
        fields = value.fields("key", "prefix", "may", "since", "until", "when")
        form, path = self._path(fields, options, on_node=on_node)
        may = None if fields["may"].is_word("nothing") else fields["may"].enum(Access)
        return ExampleLine(path=path, form=form, may=may, releases=self._releases(fields), when=_when(fields, options))

    def _remark(self, value: Value, options: Mapping[str, Option]) -> Remark:
        fields = value.fields("text", "loud", "source", "since", "until", "when")
        return Remark(
            text=fields["text"].text(),
            loud=fields["loud"].is_word("yes"),
            releases=self._releases(fields),
            when=_when(fields, options),
            sources=self._sources(fields),
        )

    def _releases(self, fields: Fields) -> Releases:
        """Since and until; a file speaks of no release that is older than what it knows."""
        return Releases(fields.optional_version("since") or self.known[0], fields.optional_version("until"))

    def _documented(self, fields: Fields, needed: Releases, read: Evidence) -> Releases | None:
        value = fields["documented"]
        if value.node is None:
            return needed if read is Evidence.DOCUMENTED else None
        return needed if value.is_word("yes") else self._releases(value.fields("since", "until"))

    def _path(self, fields: Fields, options: Mapping[str, Option], *, on_node: bool) -> tuple[Form, str]:
        forms = [form for form in Form if form.value in fields]
        if len(forms) != 1:
            raise fields.broken(f"has exactly one of {', '.join(_PATHS)}")
        path = filled(fields[forms[0].value].text(), self.names)
        for unknown in placeholders(path) - {*options, *([NODE] if on_node else [])}:
            raise fields.broken(f"{unknown} is not among the options")
        return forms[0], path

    def _sources(self, fields: Fields) -> tuple[str, ...]:
        names = fields["source"].texts()
        unknown = [name for name in names if name not in self.sources]
        if unknown or not names:
            raise fields.broken(f"source must name some of {', '.join(self.sources)}")
        return tuple(self.sources[name] for name in names)


def _option(value: Value) -> Option:
    fields = value.fields("kind", "default", "words", "about")
    option = Option(
        kind=fields["kind"].enum(Kind),
        default=fields["default"].raw() if "default" in fields else None,
        words=fields["words"].texts(),
        about=fields["about"].text(),
    )
    if option.default is not None and option.value(option.default) != option.default:
        raise fields["default"].broken(f"the default must be {option.expected}")
    return option


def _when(fields: Fields, options: Mapping[str, Option]) -> Mapping[str, str]:
    when = {name: value.raw() for name, value in fields["when"].named().items()}
    for name, wanted in when.items():
        if name not in options:
            raise fields["when"].broken(f"{name} is not among the options")
        if options[name].value(wanted) != wanted:
            raise fields["when"].broken(f"{name} must be {options[name].expected}")
    return when


def _run(value: Value) -> Run:
    fields = value.fields("program", "version", "etcd")
    return Run(fields["program"].text(), fields["version"].text(), fields["etcd"].text())
