"""A stand-in for systemctl on a host that is a folder: ``systemctl.py ROOT VERB [UNIT]``.

It knows of a unit what it read at the last ``daemon-reload``, as systemd does, and starts the program that the unit
names, from the folder, with the environment that unit and drop-ins give it. Each call is a line in ``ROOT/calls``. What
a unit says beside its commands and environment it does not read: ``systemd-analyze verify`` judges that.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

UNITS, LOADED, WANTS = "etc/systemd/system", "run/loaded", "etc/systemd/system/multi-user.target.wants"


def main(root: Path, verb: str, unit: str) -> int:
    """Do what the verb says; the exit code."""
    name = unit.removesuffix(".service")
    if verb not in {"show", "is-enabled", "cat"}:
        with (root / "calls").open("a") as calls:
            calls.write(f"{verb} {name}".strip() + "\n")
    if verb == "daemon-reload":
        _reload(root)
        return 0
    if not (root / UNITS / f"{name}.service").is_file():
        print("LoadState=not-found\nActiveState=inactive" if verb == "show" else f"Unit {name} not found")
        return 0 if verb == "show" else 5
    if verb == "show":
        pid = _pid(root, name)
        print(f"LoadState=loaded\nActiveState={'active' if pid else 'inactive'}\nMainPID={pid or 0}")
    elif verb == "cat":
        print("\n".join(f"# /{file.relative_to(root)}\n{file.read_text()}" for file in _files(root / UNITS, name)))
    elif verb == "is-enabled":
        enabled = (root / WANTS / f"{name}.service").is_symlink()
        print("enabled" if enabled else "disabled")
        return 0 if enabled else 1
    elif verb == "enable":
        (root / WANTS).mkdir(exist_ok=True)
        (root / WANTS / f"{name}.service").symlink_to(f"../{name}.service")
    elif verb in {"start", "stop", "restart"}:
        if verb != "start":
            _stop(root, name)
        if verb != "stop":
            _start(root, name)
    else:
        raise SystemExit(f"this stand-in knows no {verb}")
    return 0


def _reload(root: Path) -> None:
    shutil.rmtree(root / LOADED, ignore_errors=True)
    shutil.copytree(root / UNITS, root / LOADED, symlinks=True)


def _pid(root: Path, name: str) -> int | None:
    try:
        pid = int((root / f"run/{name}.pid").read_text())
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return pid


def _stop(root: Path, name: str) -> None:
    pid = _pid(root, name)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    while _pid(root, name) is not None:
        time.sleep(0.02)


def _start(root: Path, name: str) -> None:
    if not (root / LOADED / f"{name}.service").is_file():
        _reload(root)  # systemd looks for a unit that it has never seen
    environ, before, command = dict[str, str](), list[str](), ""
    for line in _lines(root, name):
        key, _, value = line.partition("=")
        if key == "Environment":
            environ |= dict(pair.split("=", 1) for pair in shlex.split(value))
        elif key == "EnvironmentFile":
            told = (root / value.lstrip("/")).read_text().splitlines()
            environ |= dict(each.split("=", 1) for each in told if "=" in each and not each.startswith("#"))
        elif key == "ExecStartPre":
            before.append(value.lstrip("-"))
        elif key == "ExecStart":
            command = value
    for each in before:
        subprocess.run(_words(root, each, environ), env=environ, check=False)
    with (root / "log").open("ab") as log:
        words = ["timeout", "1800", *_words(root, command, environ)]
        process = subprocess.Popen(
            words, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    (root / f"run/{name}.pid").write_text(str(process.pid))


def _lines(root: Path, name: str) -> list[str]:
    """The lines of a unit and its drop-ins, those that end in a backslash joined."""
    files = _files(root / LOADED, name)
    return "\n".join(file.read_text().replace("\\\n", " ") for file in files).splitlines()


def _files(folder: Path, name: str) -> list[Path]:
    """A unit and its drop-ins."""
    return [folder / f"{name}.service", *sorted((folder / f"{name}.service.d").glob("*.conf"))]


def _words(root: Path, command: str, environ: dict[str, str]) -> list[str]:
    """The words of a command; ``$NAME`` alone is as many words as its value has."""
    program, *words = shlex.split(command)
    found = [each for word in words for each in (environ.get(word[1:], "").split() if word.startswith("$") else [word])]
    return [str(root / program.lstrip("/")), *found]


if __name__ == "__main__":
    there, which, *named = [word for word in sys.argv[1:] if not word.startswith("-")]
    raise SystemExit(main(Path(there), which, named[0] if named else ""))
