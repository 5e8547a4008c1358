"""The built wheel, installed elsewhere: what users get, not what lies in the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from ringfence import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The program in a fresh environment, which has the wheel itself and borrows its dependencies from this one.

    A ``.pth`` file puts the borrowed folder behind the environment's own: the wheel's package comes first, and the
    editable install of the checkout is hidden by it.
    """
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False, symlinks=True)
    own = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
    subprocess.run([*pip, "install", "--no-index", "--no-deps", "--quiet", str(wheel)], check=True, capture_output=True)
    (own / "borrowed.pth").write_text(f"import sys; sys.path.append({sysconfig.get_path('purelib')!r})\n")
    return home / "bin" / "ringfence"


def run(program: Path, *args: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it with nothing of this environment's Python settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(program), *args], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_data_and_licence_are_in_it(wheel: Path) -> None:
    """Every data file of the package, the type marker, the licence; and nothing of the tests."""
    names = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "src"
    expected = {
        str(path.relative_to(package))
        for path in (package / "ringfence").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected == {name for name in names if name.startswith("ringfence/")}
    assert "ringfence/py.typed" in names
    assert "ringfence/catalog/data/calico.yaml" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {"ringfence", f"ringfence-{__version__}.dist-info"} == {name.split("/")[0] for name in names}


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    """The package is imported from the fresh environment, not from the checkout."""
    ran = run(installed.with_name("python"), "-c", "import ringfence; print(ringfence.__file__)", folder=tmp_path)
    assert ran.stdout.startswith(str(installed.parents[1])), ran.stderr


def test_version(installed: Path, tmp_path: Path) -> None:
    """The installed program knows its version."""
    ran = run(installed, "--version", folder=tmp_path)
    assert (0, f"ringfence {__version__}\n", "") == (ran.returncode, ran.stdout, ran.stderr)


def test_check_of_what_init_writes(installed: Path, tmp_path: Path) -> None:
    """The catalog's data is found."""
    assert 0 == run(installed, "init", folder=tmp_path).returncode
    ran = run(installed, "check", "-o", "json", folder=tmp_path)
    assert 0 == ran.returncode, ran.stderr
    assert ["kube-apiserver", "calico"] == [each["owner"] for each in json.loads(ran.stdout)["segments"]]


def test_demo(installed: Path, tmp_path: Path) -> None:
    """The main job, on a real etcd, from the wheel."""
    ran = run(installed, "demo", "-o", "json", folder=tmp_path)
    assert 0 == ran.returncode, ran.stderr
    assert json.loads(ran.stdout)["holds"]
