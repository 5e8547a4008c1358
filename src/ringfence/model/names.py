"""Names that are all text and must not be mixed up."""

from __future__ import annotations

from typing import NewType

UserName = NewType("UserName", str)
"""An etcd user: also the Common Name of the certificate that it logs in with."""

RoleName = NewType("RoleName", str)
"""An etcd role."""

NodeName = NewType("NodeName", str)
"""A machine on which components run, by its name in Kubernetes and Calico."""

ROOT_USER = UserName("root")
"""The user that etcd insists on before auth can be switched on; etcd ``server/auth/store.go``."""

ROOT_ROLE = RoleName("root")
"""The role that may do everything; etcd stores no permissions for it."""

COMMON_NAME_BYTES = 64
"""The longest Common Name that X.509 allows (RFC 5280, ub-common-name), and so the longest identity."""
