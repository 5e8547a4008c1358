"""The keys that are tried out: each example agrees with the lines, for every known release and every option."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from ringfence.catalog.entry import Entry, Form
from ringfence.catalog.load import load
from ringfence.catalog.option import Kind, Option
from ringfence.keyspace import SpanSet
from ringfence.model.version import Version

ENTRIES = load().entries
CASES = [
    (name, version)
    for name, entry in ENTRIES.items()
    for version in entry.known
    if any(line.form is not Form.PATTERN and line.is_needed(version) for line in entry.lines)
]


def values(option: Option) -> tuple[str, ...]:
    """Some values of an option: every word, or the default and another one."""
    if option.kind is Kind.WORD:
        return option.words
    other = "/zone/1" if option.kind is Kind.PATH else "other"
    return (other,) if option.default is None else (option.default, other)


def settings(entry: Entry) -> Iterator[dict[str, str]]:
    """Every combination of options."""
    names = list(entry.options)
    for chosen in itertools.product(*(values(option) for option in entry.options.values())):
        yield dict(zip(names, chosen, strict=True))


@pytest.mark.parametrize(("name", "version"), CASES, ids=[f"{name}-{version}" for name, version in CASES])
def test_examples_agree_with_the_lines(name: str, version: Version) -> None:
    """What an example may do is allowed by the lines, and what it may not is not even in part."""
    for options in settings(ENTRIES[name]):
        needs = ENTRIES[name].needs(version, options)
        for example in ENTRIES[name].shown(version, options):
            wanted = (
                (example.may is not None and example.may.reads, [n.span for n in needs if n.access.reads]),
                (example.may is not None and example.may.writes, [n.span for n in needs if n.access.writes]),
            )
            for allowed, spans in wanted:
                granted = SpanSet(spans)
                if allowed:
                    assert granted.covers(example.span), (example, options)
                else:
                    assert not granted.covers(example.span), (example, options)
                    assert example.may is not None or not granted & SpanSet([example.span]), (example, options)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_component_has_both_kinds(name: str) -> None:
    """Each component has keys that it uses, and keys that it must not touch."""
    entry = ENTRIES[name]
    release = entry.known[-1]
    shown = [example for options in settings(entry) for example in entry.shown(release, options)]
    assert {example.may is None for example in shown} == {True, False}


def test_options_are_no_keys_of_the_spec() -> None:
    """No option is named like something that every component of a spec has."""
    taken = {"use", "name", "version", "transport", "password", "shares-with", "grants", "nodes"}
    assert not taken & {option for entry in ENTRIES.values() for option in entry.options}
