"""The schema table, its types for the type checker, and the calls fit together."""

from __future__ import annotations

import typing

import pytest
from google.protobuf.descriptor_pool import Default

from ringfence.etcd import answers, rpcs
from ringfence.etcd.schema import CLASSES, new

CALLS = {name: value for name, value in vars(rpcs).items() if isinstance(value, rpcs.Rpc)}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_names_messages_of_the_table(name: str) -> None:
    """Request and answer exist, and the answer has every field that its type promises."""
    call = CALLS[name]
    assert call.request in CLASSES
    (promised,) = typing.get_args(typing.get_type_hints(rpcs)[name])
    fields = {field.name for field in CLASSES[call.answer].DESCRIPTOR.fields}
    assert set(typing.get_type_hints(promised)) <= fields


@pytest.mark.parametrize(
    ("promised", "message"),
    [
        (answers.Header, "Header"),
        (answers.KeyValue, "KeyValue"),
        (answers.WirePermission, "Permission"),
        (answers.WireAlarm, "AlarmMember"),
        (answers.WireMember, "Member"),
    ],
)
def test_a_part_of_an_answer_has_the_fields_that_its_type_promises(promised: type, message: str) -> None:
    """The types inside answers are those of the table."""
    assert set(typing.get_type_hints(promised)) <= {field.name for field in CLASSES[message].DESCRIPTOR.fields}


@pytest.mark.parametrize(
    ("message", "fields", "expected"),
    [
        ("PutRequest", {"key": b"k", "value": b"v"}, b"\x0a\x01k\x12\x01v"),
        ("RangeRequest", {"key": b"k", "serializable": True}, b"\x0a\x01k\x38\x01"),
        ("Compare", {"range_end": b"e"}, b"\x82\x04\x01e"),
        ("UserRevokeRoleRequest", {"name": "u", "role": "r"}, b"\x0a\x01u\x12\x01r"),
        ("Empty", {}, b""),
    ],
)
def test_messages_are_encoded_as_etcd_reads_them(message: str, fields: dict[str, object], expected: bytes) -> None:
    """Tag, length and bytes, by hand."""
    assert expected == new(message, **fields).SerializeToString()


def test_the_table_stays_out_of_protobufs_common_pool() -> None:
    """Another etcd client in the same process cannot collide with it."""
    with pytest.raises(KeyError):
        Default().FindMessageTypeByName("ringfence.wire.RangeRequest")


def test_an_unknown_field_is_a_mistake_of_ours() -> None:
    """A misspelled field does not vanish silently."""
    with pytest.raises(ValueError, match="ranged_end"):
        new("RangeRequest", ranged_end=b"x")
