"""Unit tests do no I/O, and this is what holds them to it: an audit hook refuses files, sockets and processes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

_TESTED = threading.local()
_READABLE = tuple(
    str(Path(root).resolve())
    for root in {sys.prefix, sys.base_prefix, Path(__file__).parents[2] / "src", Path(__file__).parents[1]}
)
"""Imports, and data files of the package itself, are no I/O of a test."""

_REFUSED = {"socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.fork"}


def _hook(event: str, args: tuple[object, ...]) -> None:
    if not getattr(_TESTED, "running", False):
        return
    if event in _REFUSED:
        raise AssertionError(f"a unit test must not do this: {event}")
    if event == "open" and not _is_import(args):
        raise AssertionError(f"a unit test must not open files: {args[0]!r}")


def _is_import(args: tuple[object, ...]) -> bool:
    path, mode = args[0], args[1]
    if isinstance(path, int):
        return True
    if "__pycache__" in os.fsdecode(path):  # type: ignore[arg-type]  # an open() path
        return True  # the first import of a module writes its bytecode
    if isinstance(mode, str) and set(mode) & set("wax+"):
        return False
    return os.path.realpath(os.fsdecode(path)).startswith(_READABLE)  # type: ignore[arg-type]  # an open() path


sys.addaudithook(_hook)


@pytest.fixture(autouse=True)
def _no_io() -> Iterator[None]:
    """Arm the hook while a test runs."""
    _TESTED.running = True
    yield
    _TESTED.running = False
