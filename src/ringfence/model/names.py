"""Names that are all text and must not be mixed up."""

from __future__ import annotations

import re
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

SPARE_PREFIX = "ringfence-spare-"
"""How the user of a spare key is called, with eight hex digits behind it (``ringfence.ops.switch.spare_key``)."""

_SPARE = re.compile(re.escape(SPARE_PREFIX) + "[0-9a-f]{8}")


def is_spare(user: UserName) -> bool:
    """Whether this is the user of a spare key, which is there longer than a moment only where its apply was cut off."""
    return _SPARE.fullmatch(user) is not None


COMMON_NAME_BYTES = 64
"""The longest Common Name that X.509 allows (RFC 5280, ub-common-name), and so the longest identity."""
