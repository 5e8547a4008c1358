"""The calls of etcd's v3 API that ringfence makes: path, request and answer of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from ringfence.etcd import answers

A = TypeVar("A", covariant=True)


@dataclass(frozen=True, slots=True)
class Rpc(Generic[A]):
    """One call: its path, and the messages of ``schema`` that it sends and reads. ``A`` is the answer's type."""

    path: str
    request: str
    answer: str


RANGE: Rpc[answers.RangeAnswer] = Rpc("/etcdserverpb.KV/Range", "RangeRequest", "RangeResponse")
PUT: Rpc[answers.Answer] = Rpc("/etcdserverpb.KV/Put", "PutRequest", "Answer")
DELETE_RANGE: Rpc[answers.Answer] = Rpc("/etcdserverpb.KV/DeleteRange", "DeleteRangeRequest", "DeleteRangeResponse")
TXN: Rpc[answers.TxnAnswer] = Rpc("/etcdserverpb.KV/Txn", "TxnRequest", "TxnResponse")
COMPACT: Rpc[answers.Answer] = Rpc("/etcdserverpb.KV/Compact", "CompactionRequest", "Answer")
WATCH: Rpc[answers.WatchAnswer] = Rpc("/etcdserverpb.Watch/Watch", "WatchRequest", "WatchResponse")
LEASE_GRANT: Rpc[answers.LeaseGrantAnswer] = Rpc(
    "/etcdserverpb.Lease/LeaseGrant", "LeaseGrantRequest", "LeaseGrantResponse"
)

AUTH_ENABLE: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/AuthEnable", "Empty", "Answer")
AUTH_DISABLE: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/AuthDisable", "Empty", "Answer")
AUTH_STATUS: Rpc[answers.AuthStatusAnswer] = Rpc("/etcdserverpb.Auth/AuthStatus", "Empty", "AuthStatusResponse")
AUTHENTICATE: Rpc[answers.AuthenticateAnswer] = Rpc(
    "/etcdserverpb.Auth/Authenticate", "AuthenticateRequest", "AuthenticateResponse"
)
USER_ADD: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/UserAdd", "UserAddRequest", "Answer")
USER_GET: Rpc[answers.UserGetAnswer] = Rpc("/etcdserverpb.Auth/UserGet", "UserNamed", "UserGetResponse")
USER_LIST: Rpc[answers.UserListAnswer] = Rpc("/etcdserverpb.Auth/UserList", "Empty", "UserListResponse")
USER_DELETE: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/UserDelete", "UserNamed", "Answer")
USER_CHANGE_PASSWORD: Rpc[answers.Answer] = Rpc(
    "/etcdserverpb.Auth/UserChangePassword", "UserChangePasswordRequest", "Answer"
)
USER_GRANT_ROLE: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/UserGrantRole", "UserGrantRoleRequest", "Answer")
USER_REVOKE_ROLE: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/UserRevokeRole", "UserRevokeRoleRequest", "Answer")
ROLE_ADD: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/RoleAdd", "RoleAddRequest", "Answer")
ROLE_GET: Rpc[answers.RoleGetAnswer] = Rpc("/etcdserverpb.Auth/RoleGet", "RoleNamed", "RoleGetResponse")
ROLE_LIST: Rpc[answers.RoleListAnswer] = Rpc("/etcdserverpb.Auth/RoleList", "Empty", "RoleListResponse")
ROLE_DELETE: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/RoleDelete", "RoleNamed", "Answer")
ROLE_GRANT: Rpc[answers.Answer] = Rpc("/etcdserverpb.Auth/RoleGrantPermission", "RoleGrantPermissionRequest", "Answer")
ROLE_REVOKE: Rpc[answers.Answer] = Rpc(
    "/etcdserverpb.Auth/RoleRevokePermission", "RoleRevokePermissionRequest", "Answer"
)

STATUS: Rpc[answers.StatusAnswer] = Rpc("/etcdserverpb.Maintenance/Status", "Empty", "StatusResponse")
ALARM: Rpc[answers.AlarmAnswer] = Rpc("/etcdserverpb.Maintenance/Alarm", "AlarmRequest", "AlarmResponse")
DOWNGRADE_VALIDATE: Rpc[answers.Answer] = Rpc(
    "/etcdserverpb.Maintenance/Downgrade", "DowngradeValidateRequest", "Answer"
)
MEMBER_LIST: Rpc[answers.MemberListAnswer] = Rpc(
    "/etcdserverpb.Cluster/MemberList", "MemberListRequest", "MemberListResponse"
)
