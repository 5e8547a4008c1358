"""What an operator should know of patterns that are correct all the same."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.spec.shape import (
    OwnComponent,
    PatternGrant,
    Spec,
)


def wide(spec: Spec) -> Iterator[str]:
    """Patterns that also match what only begins alike."""
    for grant in _written(spec):
        stem = grant.pattern.stem
        if stem is not None and not stem.endswith("/"):
            yield f"{grant.pattern} also matches names that only begin alike, such as {stem}2 ({grant.place})"


def narrow(spec: Spec) -> Iterator[str]:
    """Directories that their own component cannot list: etcd compares a path without its slash with another one."""
    for component in spec.components:
        patterns = component.patterns if isinstance(component, OwnComponent) else ()
        for grant in patterns:
            stem = grant.pattern.stem
            if stem is None or not stem.endswith("/") or stem == "/":
                continue
            directory = stem[:-1]
            if not any(each.pattern.matches(directory) for each in patterns):
                yield (
                    f"{grant.pattern} does not match {directory}, the directory itself: whoever lists or makes that "
                    f"needs the pattern {directory} as well ({grant.place})"
                )


def _written(spec: Spec) -> Iterator[PatternGrant]:
    return (each for component in spec.components if isinstance(component, OwnComponent) for each in component.patterns)
