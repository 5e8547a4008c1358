"""The messages of etcd's v3 API that ringfence sends or reads, as one small table.

Only field numbers, types and the path of a call matter on the wire. So there is no generated code: the table is
built into a descriptor pool of its own, under a package name of its own, and cannot collide with another etcd client
in the same process (protobuf's default pool refuses two definitions of one name). Enums are declared as the numbers
that they are, and fields that ringfence never looks at are left out; protobuf keeps or skips them. A Downgrade without
its field 1, the action, is the one that only validates.

Numbers: etcd ``api/etcdserverpb/rpc.proto``, ``api/authpb/auth.proto``, ``api/mvccpb/kv.proto``; the same from etcd
3.4 to 3.7 for all that is declared. The integration tests prove the table against a live server.
"""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

_PACKAGE = "ringfence.wire"

TABLE = """
Header 1 cluster_id uint64, 2 member_id uint64, 3 revision int64, 4 raft_term uint64
Answer 1 header Header
KeyValue 1 key bytes, 2 create_revision int64, 3 mod_revision int64, 4 version int64, 5 value bytes, 6 lease int64
RangeRequest 1 key bytes, 2 range_end bytes, 3 limit int64, 4 revision int64, 7 serializable bool, 8 keys_only bool,
    9 count_only bool
RangeResponse 1 header Header, 2 kvs KeyValue[], 3 more bool, 4 count int64
PutRequest 1 key bytes, 2 value bytes, 3 lease int64, 4 prev_kv bool, 5 ignore_value bool, 6 ignore_lease bool
DeleteRangeRequest 1 key bytes, 2 range_end bytes, 3 prev_kv bool
DeleteRangeResponse 1 header Header, 2 deleted int64, 3 prev_kvs KeyValue[]
Compare 1 result int32, 2 target int32, 3 key bytes, 4 version int64, 5 create_revision int64, 6 mod_revision int64,
    7 value bytes, 8 lease int64, 64 range_end bytes
RequestOp 1 request_range RangeRequest, 2 request_put PutRequest, 3 request_delete_range DeleteRangeRequest,
    4 request_txn TxnRequest
TxnRequest 1 compare Compare[], 2 success RequestOp[], 3 failure RequestOp[]
ResponseOp 1 response_range RangeResponse, 2 response_put Answer, 3 response_delete_range DeleteRangeResponse,
    4 response_txn TxnResponse
TxnResponse 1 header Header, 2 succeeded bool, 3 responses ResponseOp[]
CompactionRequest 1 revision int64, 2 physical bool
WatchCreateRequest 1 key bytes, 2 range_end bytes, 3 start_revision int64, 4 progress_notify bool, 6 prev_kv bool,
    7 watch_id int64
WatchCancelRequest 1 watch_id int64
WatchRequest 1 create_request WatchCreateRequest, 2 cancel_request WatchCancelRequest
Event 1 type int32, 2 kv KeyValue, 3 prev_kv KeyValue
WatchResponse 1 header Header, 2 watch_id int64, 3 created bool, 4 canceled bool, 5 compact_revision int64,
    6 cancel_reason string, 11 events Event[]
LeaseGrantRequest 1 TTL int64, 2 ID int64
LeaseGrantResponse 1 header Header, 2 ID int64, 3 TTL int64, 4 error string
Empty
AuthStatusResponse 1 header Header, 2 enabled bool, 3 authRevision uint64
AuthenticateRequest 1 name string, 2 password string
AuthenticateResponse 1 header Header, 2 token string
UserAddOptions 1 no_password bool
UserAddRequest 1 name string, 2 password string, 3 options UserAddOptions
UserNamed 1 name string
UserGetResponse 1 header Header, 2 roles string[]
UserListResponse 1 header Header, 2 users string[]
UserChangePasswordRequest 1 name string, 2 password string
UserGrantRoleRequest 1 user string, 2 role string
UserRevokeRoleRequest 1 name string, 2 role string
Permission 1 permType int32, 2 key bytes, 3 range_end bytes
RoleNamed 1 role string
RoleAddRequest 1 name string
RoleGetResponse 1 header Header, 2 perm Permission[]
RoleListResponse 1 header Header, 2 roles string[]
RoleGrantPermissionRequest 1 name string, 2 perm Permission
RoleRevokePermissionRequest 1 role string, 2 key bytes, 3 range_end bytes
StatusResponse 1 header Header, 2 version string, 3 dbSize int64, 4 leader uint64, 5 raftIndex uint64,
    6 raftTerm uint64, 7 raftAppliedIndex uint64, 8 errors string[], 9 dbSizeInUse int64, 10 isLearner bool
AlarmRequest 1 action int32, 2 memberID uint64, 3 alarm int32
AlarmMember 1 memberID uint64, 2 alarm int32
AlarmResponse 1 header Header, 2 alarms AlarmMember[]
DowngradeValidateRequest 2 version string
Member 1 ID uint64, 2 name string, 3 peerURLs string[], 4 clientURLs string[], 5 isLearner bool
MemberListRequest 1 linearizable bool
MemberListResponse 1 header Header, 2 members Member[]
"""
"""One message a line: its name, then ``number name type``; ``[]`` is repeated, a type that is no scalar a message.
An indented line goes on with the message above.

The names of fields are etcd's; names of messages are ours where one shape serves several calls.
"""

_SCALARS = {
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "string": FieldDescriptorProto.TYPE_STRING,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
}


def new(name: str, /, **fields: object) -> Message:
    """A message of the table with these fields set; those left out are proto3's defaults."""
    return CLASSES[name](**fields)


def _field(text: str) -> FieldDescriptorProto:
    number, name, kind = text.split()
    repeated = kind.endswith("[]")
    field = FieldDescriptorProto(
        name=name,
        number=int(number),
        label=FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL,
    )
    kind = kind.removesuffix("[]")
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{kind}"
    return field


def _message(line: str) -> DescriptorProto:
    name, _, fields = line.partition(" ")
    return DescriptorProto(name=name, field=[_field(text) for text in fields.split(",") if text.strip()])


def _classes() -> dict[str, type[Message]]:
    lines = TABLE.strip().replace("\n ", " ").splitlines()
    file = FileDescriptorProto(name=f"{_PACKAGE}.proto", package=_PACKAGE, syntax="proto3")
    file.message_type.extend(_message(line) for line in lines)
    pool = DescriptorPool()
    pool.Add(file)
    return {
        message.name: GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{message.name}"))
        for message in file.message_type
    }


CLASSES = _classes()
"""The message classes by the names of the table."""
