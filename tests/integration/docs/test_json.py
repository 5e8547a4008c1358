"""The page of JSON forms names what programs get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.site import Site, ringfence

PAGE = (Path(__file__).parents[3] / "docs" / "json.md").read_text(encoding="utf-8")


def form(verb: str) -> str:
    """What the page says of a verb, under its own line or in passing."""
    found = [part for part in re.split(r"\n\n(?=`)", PAGE) if f"`{verb}`" in part]
    assert found, verb
    return "\n".join(found)


def names(value: Any) -> Iterator[str]:
    """The names of all fields; what stands under ``when`` is named by the data."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            if name != "when":
                yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


@pytest.mark.parametrize(
    "words",
    [
        ("catalog", "list"),
        ("catalog", "show", "calico/node"),
        ("catalog", "show", "kube-apiserver"),
        ("catalog", "show", "calico/node", "--diff", "3.1"),
    ],
    ids=" ".join,
)
def test_the_catalog(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Each field of its forms stands on the page."""
    told = form("catalog list") + form("catalog show")
    shown = set(names(ringfence(*words, "-o", "json", folder=tmp_path).json))
    assert shown
    assert set() == {name for name in shown if f'"{name}"' not in told}


def test_taking_away(site: Site) -> None:
    """``destroy`` shows the plan that it carried out, in the form of ``plan``."""
    site.fence()
    done = site.run("destroy", "--with-auth", "--yes", "-o", "json")
    assert 0 == done.code
    assert ["plan"] == list(done.json)
    assert '`{"plan": …}`' in form("destroy")
    assert "destroy" == done.json["plan"]["verb"]
    planned = form("plan")
    assert set() == {name for name in done.json["plan"] if f"{name}`" not in planned and f'"{name}"' not in planned}
