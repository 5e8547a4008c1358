"""Heads and pages that say how a file is applied and undone."""

from __future__ import annotations

import pytest

from ringfence.render.usage import Usage, head, page, under_head

_COMMAND = (
    "`kubectl -n kube-system delete secret " + " ".join(f"calico-number-{at}-etcd-secrets" for at in range(4)) + "`"
)
_USAGE = Usage(
    title="A thing", apply=("take it, with " + "many words " * 20, _COMMAND), undo=("leave it",), notes=("why",)
)
_OTHER = Usage(title="Another", apply=("`x`",), undo=("`y`",))


@pytest.mark.parametrize("text", [head(_USAGE), page(_USAGE)], ids=["head", "page"])
def test_a_command_stands_in_one_line(text: str) -> None:
    """So that it can be copied; other words are wrapped, and nothing of it is lost."""
    assert any(_COMMAND in line for line in text.splitlines())
    assert all(len(line) <= 120 for line in text.splitlines() if _COMMAND not in line)
    words = [word for word in text.split() if word not in {"#", "-"}]
    assert 20 == words.count("many")
    assert {"A", "thing,", "leave", "why"} < set(words)


@pytest.mark.parametrize("own", ["a: 1\n", "# mine\n#        indented like ours\na: 1\n", "", "---\na: 1\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_head_gives_way_to_the_next(own: str, mark: str, end: str) -> None:
    """Whatever stood there before stays as it was, byte for byte, line endings and byte order mark too."""
    text = mark + own.replace("\n", end)
    once = under_head(text, _OTHER)
    assert once == under_head(once, _OTHER)
    assert once == under_head(under_head(text, _USAGE), _OTHER)
    assert once.startswith(f"{mark}# Another, written by ringfence.")
    assert once.endswith(text.removeprefix(mark))
