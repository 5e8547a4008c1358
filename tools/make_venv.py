"""Make the virtual environment of this checkout from the lock file, on a bare Debian too.

Debian's python3.11 comes without ensurepip (it is in python3-venv). Where it is missing, pip's own wheel is fetched
from the package index, held against the hash below, and run from the wheel. Standard library only.
"""

from __future__ import annotations

import hashlib
import html.parser
import importlib.util
import os
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from pathlib import Path

PIP = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


class _Links(html.parser.HTMLParser):
    """Collects where the links of an index page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.extend(value for name, value in attrs if name == "href" and value)


def fetched_pip(folder: Path) -> Path:
    """pip's wheel in ``folder``, checked against its hash."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    with urllib.request.urlopen(index) as page:  # noqa: S310  # the index that pip itself would use
        links = _Links()
        links.feed(page.read().decode())
    link = next((link for link in links.found if urllib.parse.urlsplit(link).path.endswith(PIP)), None)
    if link is None:
        sys.exit(f"{index} has no {PIP}; install python3-venv instead: apt install python3-venv")
    with urllib.request.urlopen(urllib.parse.urljoin(index, link)) as wheel:  # noqa: S310  # as above
        content = wheel.read()
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        sys.exit(f"{PIP} from {index} has another hash than the one pinned in {__file__}")
    path = folder / PIP
    path.write_bytes(content)
    return path


def main() -> None:
    """Create ``argv[1]`` and install the hashed lock file ``argv[2]`` and this checkout into it."""
    target, lock = Path(sys.argv[1]), sys.argv[2]
    bundled = importlib.util.find_spec("ensurepip") is not None
    venv.create(target, with_pip=bundled, clear=True)
    python = str(target / "bin" / "python")
    with tempfile.TemporaryDirectory() as folder:
        pip = [python, "-m", "pip"] if bundled else [python, str(fetched_pip(Path(folder)) / "pip")]
        install = [*pip, "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", lock], check=True)
        subprocess.run([*install, "--no-deps", "--no-build-isolation", "--editable", "."], check=True)


if __name__ == "__main__":
    main()
