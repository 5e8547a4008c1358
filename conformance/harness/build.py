"""Building kube-apiserver from its Go module, pinned by ``conformance/go.mod``, into the cache outside git.

Nothing of it is kept in this project but the pin. Go checks what it fetches against ``go.sum``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
"""The folder with ``go.mod``."""

_PIN = re.compile(r"^\s*k8s\.io/kubernetes (v(\d+)\.(\d+)\.\d+)$", re.MULTILINE)
_VERSION_PACKAGE = "k8s.io/component-base/version"


class NoBuild(Exception):
    """It could not be built; carries why."""


def kube_apiserver() -> Path:
    """The program, built when it is not in the cache, which takes many minutes.

    Raises:
        NoBuild: there is no Go, or it failed.
    """
    found = _PIN.search((HERE / "go.mod").read_text())
    if found is None:
        raise NoBuild(f"{HERE / 'go.mod'} does not pin k8s.io/kubernetes")
    version, major, minor = found.groups()
    cache = Path(os.environ.get("RINGFENCE_CACHE") or HERE.parent / ".cache").absolute()
    target = cache / "conformance" / f"kube-apiserver-{version}"
    if not target.exists():
        _build(target, {"gitVersion": version, "gitMajor": major, "gitMinor": minor})
    return target


def _build(target: Path, stamps: dict[str, str]) -> None:
    """Upstream's own build stamps the version; without it the program would call itself v0.0.0."""
    go = os.environ.get("GO") or shutil.which("go")
    if go is None:
        raise NoBuild("no go on PATH; name a kube-apiserver with KUBE_APISERVER=/path")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    stamped = " ".join(f"-X {_VERSION_PACKAGE}.{name}={value}" for name, value in stamps.items())
    command = [go, "build", "-p", "2", "-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {stamped}"]
    nice = shutil.which("nice")
    gently = [nice, "-n", "10"] if nice else []
    ran = subprocess.run([*gently, *command, "-o", str(unfinished), "./apiserver"], cwd=HERE, check=False)
    if ran.returncode != 0:
        raise NoBuild(f"go build ended with {ran.returncode}")
    unfinished.rename(target)
