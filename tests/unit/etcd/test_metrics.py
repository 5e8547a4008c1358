"""Reading a member's metrics: what counts, and what is no answer of etcd."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ringfence.etcd.metrics import MemberMetrics, parse

WATCH = 'grpc_method="Watch",grpc_service="etcdserverpb.Watch",grpc_type="bidi_stream"'
ANSWER = f"""HTTP/1.0 200 OK\r
Content-Type: text/plain\r
Date: Thu, 01 Jan 2026 12:00:00 GMT\r
\r
# HELP etcd_server_id Server or member ID in hexadecimal format.
etcd_server_id{{server_id="8e9e05c52164694d"}} 1
etcd_server_quota_backend_bytes 2.147483648e+09
etcd_debugging_mvcc_watcher_total 7
grpc_server_started_total{{{WATCH}}} 5
grpc_server_handled_total{{grpc_code="Canceled",{WATCH}}} 1
grpc_server_handled_total{{grpc_code="OK",{WATCH}}} 1
grpc_server_started_total{{grpc_method="Range",grpc_service="etcdserverpb.KV",grpc_type="unary"}} 99
"""


def test_all_of_it() -> None:
    """Streams are those that were started less those that were handled, of watches only."""
    expected = MemberMetrics(
        member_id=0x8E9E05C52164694D,
        watchers=7,
        watch_streams=3,
        quota_bytes=2147483648,
        clock=datetime(2026, 1, 1, 12, tzinfo=UTC),
    )
    assert expected == parse(ANSWER.encode())


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.0 404 Not Found\r\n\r\n", b"\xff\xfe", b"HTTP/1.0\r\n\r\n"])
def test_no_answer(answer: bytes) -> None:
    """Anything but status 200 tells nothing."""
    assert parse(answer) is None


def test_another_program() -> None:
    """Metrics of something else belong to no member."""
    found = parse(b'HTTP/1.0 200 OK\r\nDate: soon\r\n\r\ngo_threads 7\netcd_server_id{server_id="zz"} 1\n')
    assert found is not None
    assert (None, None, None, None, None) == (
        found.member_id,
        found.watchers,
        found.watch_streams,
        found.quota_bytes,
        found.clock,
    )
