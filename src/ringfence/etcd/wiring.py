"""gRPC, made quiet before it is loaded.

gRPC's core writes its own lines to stderr, and reads how loud it may be once, when it is imported. So every module
of ringfence takes gRPC from here. Whoever sets ``GRPC_VERBOSITY`` gets what they asked for.
"""

from __future__ import annotations

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import grpc  # the line above must run first
from grpc import aio

__all__ = ["aio", "grpc"]
