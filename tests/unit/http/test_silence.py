"""Why no answer came, by what was said."""

from __future__ import annotations

import pytest

from ringfence.http.silence import Cause, Silence

SAID = [
    ("ConnectError: All connection attempts failed", Cause.NOTHING_LISTENS),
    ("ConnectError: [Errno 111] Connection refused", Cause.NOTHING_LISTENS),
    ("ConnectError: [Errno -2] Name or service not known", Cause.UNKNOWN_HOST),
    ("ConnectError: [Errno -3] Temporary failure in name resolution", Cause.UNKNOWN_HOST),
    ("OSError: [Errno 113] No route to host", Cause.NO_ROUTE),
    ("certificate verify failed: IP address mismatch, certificate is not valid for '::1'", Cause.WRONG_HOST),
    ("certificate verify failed: Hostname mismatch, certificate is not valid for 'a'", Cause.WRONG_HOST),
    ("certificate verify failed: certificate has expired (_ssl.c:1006)", Cause.EXPIRED),
    ("certificate verify failed: certificate is not yet valid", Cause.NOT_YET_VALID),
    ("certificate verify failed: self-signed certificate", Cause.UNTRUSTED),
    ("[SSL: WRONG_VERSION_NUMBER] wrong version number", Cause.PLAIN_HTTP),
    ("[SSL: RECORD_LAYER_FAILURE] record layer failure (_ssl.c:1006)", Cause.PLAIN_HTTP),
    ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]", Cause.NOTHING_IN_COMMON),
    ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert", Cause.REFUSED),
    ("[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] ssl/tls alert certificate expired", Cause.REFUSED),
    ("RemoteProtocolError: illegal status line: bytearray(b'220 mail')", Cause.NOT_HTTP),
    ("ReadError: ; ConnectionResetError: [Errno 104] Connection reset by peer", Cause.CUT),
    ("RemoteProtocolError: Server disconnected without sending a response.", Cause.CUT),
    ("something new", Cause.UNKNOWN),
    ("", Cause.UNKNOWN),
]


@pytest.mark.parametrize(("said", "cause"), SAID)
def test_each_has_its_cause(said: str, cause: Cause) -> None:
    """The more special one first: a certificate that has expired is one that does not verify, too."""
    assert Silence(cause) == Silence.of_text(said)


def test_the_whole_chain_is_heard() -> None:
    """What an exception was raised from, what was raised beside it, and what was under way when it was."""
    outer, group = OSError(), ExceptionGroup("several", [ValueError("x"), OSError("[Errno 111] Connection refused")])
    outer.__cause__ = group
    assert Silence(Cause.NOTHING_LISTENS) == Silence.of(outer)
    inner = OSError("Connection reset by peer")
    outer.__cause__, outer.__context__ = None, inner
    assert Silence(Cause.CUT) == Silence.of(outer)
    outer.__context__ = None
    assert Silence(Cause.UNKNOWN) == Silence.of(outer)
