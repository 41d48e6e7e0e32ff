"""The package as its users have it: built, and installed in an environment of its own."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

CLIENT = Path(__file__).resolve().parents[1]
ROOT = CLIENT.parents[1]
sys.path.insert(0, str(ROOT / "tests/wire"))
from server import Server, environment  # noqa: E402

INSTALL_BOUND = 600


class Installed:
    """An environment that the wheel is installed in, and nothing of the source tree."""

    def __init__(self, folder):
        self.folder = folder
        wheels, home = folder / "wheels", folder / "environment"
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
            + ["-w", wheels, CLIENT],
            check=True,
            timeout=INSTALL_BOUND,
            cwd=folder,
        )
        (self.wheel,) = wheels.glob("portolan_client-*.whl")
        # What the wheel needs is what the tests need as well, at the versions they pin.
        venv.create(home, system_site_packages=False, with_pip=False)
        (site,) = home.glob("lib/python*/site-packages")
        (here,) = Path(sys.prefix).glob("lib/python*/site-packages")
        (site / "pinned.pth").write_text(f"{here}\n")
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--no-deps", "-q", "--target", site, self.wheel],
            check=True,
            timeout=INSTALL_BOUND,
            cwd=folder,
        )
        self.site, self.python = site, home / "bin/python"

    def run(self, *arguments):
        return subprocess.run(
            [self.python, *map(str, arguments)],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=INSTALL_BOUND,
        )


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="session")
def client_package(installed):
    """The helpers, as installed."""
    sys.path.insert(0, str(installed.site))
    import portolan_client

    assert Path(portolan_client.__file__).is_relative_to(installed.site)
    return portolan_client


@pytest.fixture(scope="session")
def server():
    with Server() as server:
        yield server
