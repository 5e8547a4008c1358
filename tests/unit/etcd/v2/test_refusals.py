"""Every answer of v2 that is not yes, and every silence, as one of our errors."""

from __future__ import annotations

import pytest

from ringfence.errors import (
    AccessDenied,
    AlreadyThere,
    ClusterError,
    NotThere,
    NoV2,
    Place,
    Refused,
    TlsRefused,
    Unreachable,
)
from ringfence.etcd.v2.answer import AnswerV2
from ringfence.etcd.v2.obstacles import unreached
from ringfence.etcd.v2.refusals import not_served, refusal
from ringfence.http.silence import Cause, Silence

PLACE = Place("https://etcd:2379/v2/keys/a")


def key_error(code: int, message: str, cause: str = "", status: int = 400) -> AnswerV2:
    """An error as the key space writes it."""
    return AnswerV2(status=status, content={"errorCode": code, "message": message, "cause": cause}, place=PLACE)


def auth_error(status: int, message: str) -> AnswerV2:
    """An error as the auth calls write it."""
    return AnswerV2(status=status, content={"message": message}, place=PLACE)


RAFT = "Raft Internal Error"
CASES: list[tuple[AnswerV2, type[ClusterError], str]] = [
    (
        key_error(110, "The request requires user authentication", "Insufficient", 401),
        AccessDenied,
        "permission denied",
    ),
    (auth_error(401, "Insufficient credentials"), AccessDenied, "permission denied"),
    (key_error(100, "Key not found", "/a", 404), NotThere, "etcd answered: Key not found: /a"),
    (key_error(101, "Compare failed", "[1 != 2]", 412), Refused, "etcd answered: Compare failed: [1 != 2]"),
    (key_error(102, "Not a file", "/a", 403), Refused, "etcd answered: Not a file: /a"),
    (key_error(107, "Root is read only", "/"), Refused, "etcd answered: Root is read only: /"),
    (key_error(203, "The given index in POST form is not a number"), Refused, "etcd answered: The given index"),
    (key_error(300, RAFT, "etcdserver: request timed out", 500), Unreachable, "etcd gave up on the request"),
    (key_error(300, RAFT, "etcdserver: no leader", 500), Unreachable, "the member has no leader"),
    (key_error(300, RAFT, "etcdserver: server stopped", 500), Unreachable, "the member is stopping"),
    (key_error(300, RAFT, "etcdserver: what is that", 500), Unreachable, "etcd gave up on the request"),
    (key_error(301, "During Leader Election", "", 500), Unreachable, "etcd gave up on the request"),
    (auth_error(404, "auth: User ann does not exist."), NotThere, "etcd answered: User ann does not exist."),
    (auth_error(404, "auth: Role r doesn't exist."), NotThere, "etcd answered: Role r doesn't exist."),
    (auth_error(409, "auth: Role r already exists."), AlreadyThere, "etcd answered: Role r already exists."),
    (auth_error(409, "auth: Granting duplicate role r for user u"), AlreadyThere, "etcd answered: Granting"),
    (auth_error(409, "auth: Revoking ungranted role r for user u"), NotThere, "etcd answered: Revoking"),
    (auth_error(409, "auth: already enabled"), AlreadyThere, "etcd answered: already enabled"),
    (auth_error(409, "auth: No root user available, please create one"), Refused, "etcd finds no user root"),
    (auth_error(403, "auth: Cannot modify role root: is root role."), Refused, "etcd answered: Cannot modify"),
    (auth_error(400, "auth: Cannot create user u with an empty password"), Refused, "etcd answered: Cannot create"),
    (auth_error(500, "Internal Server Error"), Unreachable, "etcd gave up on the request"),
    (
        auth_error(500, "Not capable of accessing auth feature during rolling upgrades."),
        Unreachable,
        "the cluster is being upgraded",
    ),
    (auth_error(500, "something new"), Unreachable, "etcd gave up on the request"),
    (auth_error(503, "During election"), Unreachable, "the member has no leader"),
    (AnswerV2(status=404, text="404 page not found\n", from_v2=False, place=PLACE), NoV2, "the v2 API is not served"),
    (AnswerV2(status=400, text="<html>", from_v2=False, place=PLACE), Unreachable, "TLS is spoken there, but not"),
    (AnswerV2(status=405, text="Method Not Allowed", place=PLACE), Refused, "etcd answered: HTTP 405"),
    (AnswerV2(status=401, text="<html>", from_v2=False, place=PLACE), Unreachable, "TLS is spoken there, but not"),
    (AnswerV2(status=404, text="<html>", from_v2=False, place=PLACE), Unreachable, "TLS is spoken there, but not"),
    (AnswerV2(status=301, text="<a href>", from_v2=False, place=PLACE), Unreachable, "TLS is spoken there, but not"),
]


@pytest.mark.parametrize(("answer", "kind", "what"), CASES)
def test_refusal(answer: AnswerV2, kind: type[ClusterError], what: str) -> None:
    """The kind of each, its words, and the place."""
    error = refusal(answer)
    assert kind is type(error)
    assert error.problems[0].what.startswith(what)
    assert PLACE == error.problems[0].place
    assert error.problems[0].hint or issubclass(kind, Refused)


def test_long_words_are_cut() -> None:
    """A server that answers with a book does not fill the screen."""
    assert 350 > len(refusal(auth_error(400, "word " * 1000)).problems[0].what)


def test_words_cannot_draw_on_the_screen() -> None:
    """What moves a terminal's cursor, or turns its writing round, is told and not done."""
    assert "etcd answered: a\\x1b[2Jb\\u202e" == refusal(auth_error(400, "a\x1b[2Jb\u202e")).problems[0].what


def test_a_release_without_v2_is_named() -> None:
    """What helps there is another spec, not a switch."""
    assert "etcd 3.6.1 has no v2 API" == not_served(PLACE, "3.6.1").problems[0].what
    assert not_served(PLACE, "3.6.1").problems[0].hint != not_served(PLACE).problems[0].hint


SILENCES: list[tuple[str, type[ClusterError], str]] = [
    ("ConnectError: All connection attempts failed", Unreachable, "nothing listens there"),
    ("ConnectError: [Errno -2] Name or service not known", Unreachable, "the host name is not known"),
    ("OSError: [Errno 113] No route to host", Unreachable, "there is no way to that host"),
    ("certificate verify failed: IP address mismatch, certificate is not valid for", TlsRefused, "not for that host"),
    ("certificate verify failed: certificate has expired", TlsRefused, "has expired"),
    ("certificate verify failed: certificate is not yet valid", TlsRefused, "not valid yet"),
    ("certificate verify failed: self-signed certificate", TlsRefused, "not from a CA that is trusted"),
    ("[SSL: WRONG_VERSION_NUMBER] wrong version number", Unreachable, "plain HTTP is spoken there"),
    ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert", TlsRefused, "refused our certificate"),
    ("[SSL: SSLV3_ALERT_BAD_CERTIFICATE]", TlsRefused, "refused our certificate"),
    ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]", TlsRefused, "in common"),
    ("RemoteProtocolError: illegal status line: bytearray(b'220 mail')", Unreachable, "not the API of etcd"),
    ("ReadError: ; ConnectionResetError: [Errno 104] Connection reset by peer", Unreachable, "the connection was cut"),
    ("RemoteProtocolError: Server disconnected without sending a response.", Unreachable, "the connection was cut"),
    ("something new", Unreachable, "no connection came about"),
]


@pytest.mark.parametrize(("text", "kind", "what"), SILENCES)
def test_silence(text: str, kind: type[ClusterError], what: str) -> None:
    """The kind of each, with a hint and the endpoint."""
    error = unreached(Silence.of_text(text), "https://etcd:2379")
    assert kind is type(error)
    assert what in error.problems[0].what
    assert error.problems[0].hint
    assert Place("https://etcd:2379") == error.problems[0].place


def test_too_slow() -> None:
    """How long was waited is told."""
    assert "no answer within 2.5 s" == unreached(Silence(Cause.TOO_SLOW, 2.5), "https://etcd:2379").problems[0].what


def test_answers_are_read_strictly() -> None:
    """A part of another kind is an error of ours; Go's null for an empty list is none."""
    answer = AnswerV2(status=200, content={"on": 1, "list": None, "text": 5, "map": []}, place=PLACE)
    assert () == answer.names("list")
    assert () == answer.parts("list") == answer.parts("none")
    for read in (
        lambda: answer.flag("on"),
        lambda: answer.name("text"),
        lambda: answer.part("map"),
        lambda: answer.names("text"),
        lambda: answer.parts("text"),
    ):
        with pytest.raises(Refused, match="as etcd writes it"):
            read()
    assert "5" not in repr(answer)
