"""The page about the spec leaves nothing out, and every example on it is a correct spec."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from enum import Enum
from pathlib import Path

import pytest

from ringfence import spec
from ringfence.model.certificate import KeyType
from ringfence.model.permission import Access
from ringfence.ops.load import understand
from ringfence.spec.services import Runs
from ringfence.spec.shape import (
    BaoLogin,
    Compaction,
    NodeIdentity,
    Segmentation,
    Source,
    StorageBackend,
    Transport,
)
from ringfence.spec.ways import Way

PAGE = (Path(__file__).parents[2] / "docs" / "spec.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
READING = {"fields", "need", "get", "read", "text"}
"""What is called with the name of a key where a spec is read."""
OF_KUBERNETES = {"addresses", "items", "metadata", "status"}
"""Keys of its own list of nodes, which nobody writes."""


def keys() -> Iterator[str]:
    """Every key that the code asks a spec for by its name."""
    for file in Path(spec.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READING:
                yield from (each.value for each in ast.walk(node) if _is_key(each))


def _is_key(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_KEY.fullmatch(node.value))


_KEY = re.compile(r"[a-z][a-z0-9-]*")


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_example_is_correct(text: str) -> None:
    """Nothing is wrong with it, and everything in it can be had together."""
    understand(text, "ringfence.yaml", Path("/"), date(2026, 12, 1))


def test_every_key_is_on_the_page() -> None:
    """Whatever the reader of specs knows by name can be looked up."""
    assert {"segmentation", "shares-with", "except", "accept"} <= set(keys())
    assert [] == sorted(key for key in set(keys()) - OF_KUBERNETES if not re.search(rf"\b{re.escape(key)}\b", PAGE))


@pytest.mark.parametrize(
    "words",
    [Access, BaoLogin, Compaction, KeyType, NodeIdentity, Runs, Segmentation, Source, StorageBackend, Transport, Way],
)
def test_every_word_is_on_the_page(words: type[Enum]) -> None:
    """Where a key takes one of some words, each of them is named."""
    assert [] == [word.value for word in words if not re.search(rf"\b{re.escape(word.value)}\b", PAGE)]
