"""gRPC's prose becomes our errors; the integration tests hold the same table against real servers."""

from __future__ import annotations

import pytest

from ringfence.errors import ClusterError, Refused, TlsRefused, Unreachable
from ringfence.etcd.failure import Failure
from ringfence.etcd.transport import Look, obstacle, unreached

ALL = "failed to connect to all addresses; last error: "
TSI = ALL + "UNKNOWN: ipv4:10.0.0.1:2379: Tls handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: error:1:"
VERIFY = TSI + "OPENSSL_internal:CERTIFICATE_VERIFY_FAILED: "

TEXTS = [
    (ALL + "UNKNOWN: ipv4:10.0.0.1:2379: Failed to connect to remote host: Connection refused", Unreachable, "nothing"),
    (ALL + "UNKNOWN: ipv4:10.0.0.1:2379: connect: Connection refused (111)", Unreachable, "nothing listens there"),
    ("errors resolving h:2379: [field:hostname lookup error:... Domain name not found]", Unreachable, "host name"),
    ("DNS resolution failed for h:2379: C-ares: Name resolution error", Unreachable, "host name is not known"),
    (ALL + "UNKNOWN: ipv4:10.0.0.1:2379: No route to host", Unreachable, "no way to that host"),
    (TSI + "OPENSSL_internal:WRONG_VERSION_NUMBER: Invalid", Unreachable, "plain HTTP"),
    (VERIFY + "certificate has expired: OK", TlsRefused, "expired"),
    (VERIFY + "certificate is not yet valid: OK", TlsRefused, "not valid yet"),
    (
        VERIFY + "unable to get local issuer certificate",
        TlsRefused,
        "not from a CA",
    ),
    (VERIFY + "self signed certificate in chain", TlsRefused, "not from a CA"),
    (TSI + "OPENSSL_internal:SSLV3_ALERT_BAD_CERTIFICATE: OK", TlsRefused, "refused our certificate"),
    (TSI + "OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA: OK", TlsRefused, "refused our certificate"),
    (TSI + "OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED", TlsRefused, "refused our certificate"),
    (TSI + "OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_EXPIRED", TlsRefused, "refused our certificate"),
    (TSI + "OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE: OK", TlsRefused, "kind of key in common"),
    (ALL + "UNAVAILABLE: ipv4:10.0.0.1:2379: Unwrap failed (TSI_DATA_CORRUPTED)", TlsRefused, "our certificate"),
    (TSI + "OPENSSL_internal:NO_SHARED_CIPHER", TlsRefused, "the TLS handshake failed"),
    (
        ALL + "UNKNOWN: Custom verification check failed: Hostname Verification Check failed.",
        TlsRefused,
        "not for that host",
    ),
    (ALL + "UNKNOWN: ipv4:10.0.0.1:2379: Failed to create security handshaker.", TlsRefused, "cannot be used"),
    ("Socket closed", Unreachable, "the connection was cut"),
    ("recvmsg:Connection reset by peer", Unreachable, "the connection was cut"),
    ("something new", Unreachable, "no connection: something new (UNAVAILABLE)"),
]


@pytest.mark.parametrize(("text", "error", "words"), TEXTS)
def test_a_text_of_grpc_becomes_our_error(text: str, error: type[ClusterError], words: str) -> None:
    """Each text is told by class and words, with a hint."""
    made = unreached(obstacle(Failure("UNAVAILABLE", text), 10), "https://h:2379")
    assert error is type(made)
    assert words in made.problems[0].what
    assert made.problems[0].hint


@pytest.mark.parametrize(
    ("text", "look"),
    [
        (ALL + "UNAVAILABLE: ipv4:10.0.0.1:2379: Handshake read failed (Socket closed)", Look.IS_IT_PLAIN_HTTP),
        (ALL + "UNAVAILABLE: ipv4:10.0.0.1:2379: Socket closed", Look.IS_IT_OUR_CERTIFICATE),
        ("Socket closed", Look.NOT_NEEDED),
    ],
)
def test_what_the_text_leaves_open_asks_for_a_look(text: str, look: Look) -> None:
    """Closed in the handshake, closed after it, and closed while in use are told apart."""
    assert look is obstacle(Failure("UNAVAILABLE", text), 10).look


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("DEADLINE_EXCEEDED", Unreachable, "no answer within 2.5 s"),
        ("UNIMPLEMENTED", Refused, "does not know this call"),
        ("INTERNAL", Refused, "an unexpected answer: words (INTERNAL)"),
    ],
)
def test_a_code_alone_can_tell(code: str, error: type[ClusterError], words: str) -> None:
    """Where the code says it all the text is not looked at."""
    made = unreached(obstacle(Failure(code, "words"), 2.5), "https://h:2379")
    assert error is type(made)
    assert words in made.problems[0].what
