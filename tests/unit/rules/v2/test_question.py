"""Questions about v2 as they are typed."""

from __future__ import annotations

import pytest

from ringfence.errors import InputError
from ringfence.model.permission import Access
from ringfence.rules.v2.question import VERBS_V2, WordsV2, read_request_v2
from ringfence.rules.v2.requests import Request2


@pytest.mark.parametrize(
    ("verb", "access"),
    [("get", Access.READ), ("watch", Access.READ), ("ls", Access.READ), ("put", Access.WRITE), ("rm", Access.WRITE)],
)
def test_verbs(verb: str, access: Access) -> None:
    """Ours and etcdctl's words."""
    words = WordsV2(verb=verb, path="/a/", recursive=True)
    assert Request2("/a/", access, recursive=True) == read_request_v2(words)


def test_every_verb_is_known() -> None:
    """What a hint names is taken."""
    for verb in VERBS_V2:
        read_request_v2(WordsV2(verb=verb, path="/", recursive=False))


WRONG = [
    (WordsV2(verb="gt", path="/a", recursive=False), ["'gt' is no verb of v2"]),
    (WordsV2(verb="compact", path="/a", recursive=False), ["'compact' is no verb of v2"]),
    (WordsV2(verb="get", path=None, recursive=False), ["get needs a path"]),
    (WordsV2(verb="get", path="a", recursive=False), ["'a' is no path of v2"]),
    (WordsV2(verb="get", path="", recursive=False), ["'' is no path of v2"]),
    (WordsV2(verb="get", path="/../auth", recursive=False), ["'/../auth' leads out of the keys"]),
    (
        WordsV2(verb="x", path="a", recursive=False, foreign=("--prefix", "--hex")),
        ["--prefix is about", "--hex is about", "'x' is no verb of v2", "'a' is no path of v2"],
    ),
]


@pytest.mark.parametrize(("words", "problems"), WRONG)
def test_wrong(words: WordsV2, problems: list[str]) -> None:
    """All problems at once, each with a hint."""
    with pytest.raises(InputError) as caught:
        read_request_v2(words)
    assert len(problems) == len(caught.value.problems)
    for start, problem in zip(problems, caught.value.problems, strict=True):
        assert problem.what.startswith(start)
        assert problem.hint
