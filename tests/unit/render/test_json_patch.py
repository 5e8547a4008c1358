"""JSON patches, applied by the words of RFC 6902."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.render.manifests.json_patch import json_patch


class TestFailed(Exception):
    """A test operation does not hold."""

    __test__ = False


def _applied(document: Any, operations: Any) -> Any:
    """The document with the operations done to a copy of it."""
    root = {"": copy.deepcopy(document)}
    for operation in operations:
        steps = ["", *(step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:])]
        here: Any = root
        for step in steps[:-1]:
            here = here[int(step)] if isinstance(here, list) else here[step]
        last: Any = steps[-1]
        if isinstance(here, list):
            last = len(here) if last == "-" else int(last)
        value = copy.deepcopy(operation.get("value"))
        if operation["op"] == "remove":
            del here[last]
        elif operation["op"] == "test":
            if here[last] != value:
                raise TestFailed
        elif operation["op"] == "add" and isinstance(here, list):
            here.insert(last, value)
        else:
            assert operation["op"] == "add" or isinstance(here, list) or last in here
            here[last] = value
    return root[""]


_NAMES = st.sampled_from(["name", "mountPath", "a/b", "c~d", "env", "x"])
_VALUES = st.recursive(
    st.booleans() | st.integers(0, 2) | st.sampled_from(["--flag=1", "--flag=2", "--other", "text"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)


def _typed(value: Any) -> str:
    """A form in which true and 1 differ, and the order of keys does not matter."""
    if isinstance(value, dict):
        return repr({key: _typed(value[key]) for key in sorted(value)})
    return repr([_typed(item) for item in value]) if isinstance(value, list) else repr(value)


@given(_VALUES, _VALUES)
def test_the_patch_makes_the_one_out_of_the_other(before: Any, after: Any) -> None:
    """Whatever the two values are, tests included."""
    assert _typed(after) == _typed(_applied(before, json_patch(before, after)))


@given(_VALUES)
def test_nothing_is_done_to_what_is_the_same(value: Any) -> None:
    """No operations, not even tests."""
    assert () == json_patch(value, copy.deepcopy(value))


_POD: Any = {"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}]}, {"name": "b"}], "n": None}


@pytest.mark.parametrize(
    ("change", "operations"),
    [
        (
            lambda pod: pod["containers"][0]["env"].append({"name": "Y"}),
            [
                {"op": "test", "path": "/containers/0/name", "value": "a"},
                {"op": "add", "path": "/containers/0/env/-", "value": {"name": "Y"}},
            ],
        ),
        (
            lambda pod: pod["containers"].insert(0, {"name": "first"}),
            [{"op": "add", "path": "/containers/0", "value": {"name": "first"}}],
        ),
        (lambda pod: pod.update(n={"k": "v"}), [{"op": "add", "path": "/n", "value": {"k": "v"}}]),
        (
            lambda pod: pod["containers"].pop(),
            [
                {"op": "test", "path": "/containers", "value": _POD["containers"]},
                {"op": "replace", "path": "/containers", "value": _POD["containers"][:1]},
            ],
        ),
    ],
)
def test_what_is_written(change: Any, operations: Any) -> None:
    """Items are added where they go, entered after a test of their name, and lists that lost one are replaced."""
    after = copy.deepcopy(_POD)
    change(after)
    assert operations == list(json_patch(_POD, after))


def test_another_list_is_refused() -> None:
    """The same patch holds where it was made, and its test fails where another container is in that place."""
    after = copy.deepcopy(_POD)
    after["containers"][0]["env"][0]["value"] = "2"
    patch = json_patch(_POD, after)
    assert after == _applied(_POD, patch)
    moved = {**_POD, "containers": _POD["containers"][::-1]}
    with pytest.raises((TestFailed, KeyError)):
        _applied(moved, patch)
