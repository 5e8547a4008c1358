"""Programs from Debian packages that need not be installed: fetched by apt, unpacked into the cache, left there.

The cache is ``$RINGFENCE_CACHE``, or ``.cache`` of this checkout. Where there is no apt or no such package,
there is no program, and who asks reports it as absent.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def programs(package: str, *names: str) -> list[Path] | None:
    """Programs on PATH, or from the package; None where they cannot be had."""
    found = [shutil.which(name) for name in names]
    if all(found):
        return [Path(each) for each in found if each]
    folder = Path(os.environ.get("RINGFENCE_CACHE") or Path(__file__).parents[1] / ".cache").absolute() / package
    unpacked = [folder / "usr" / "bin" / name for name in names]
    if not all(each.is_file() for each in unpacked):
        _unpack(package, folder)
    return unpacked if all(each.is_file() for each in unpacked) else None


def _unpack(package: str, folder: Path) -> None:
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg")
    if apt is None or dpkg is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run([apt, "download", "-q", package], cwd=folder, capture_output=True, check=False).returncode:
        return
    for archive in folder.glob("*.deb"):
        subprocess.run([dpkg, "-x", str(archive), str(folder)], capture_output=True, check=True)
