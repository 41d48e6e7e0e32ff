"""Makes the stubs of `portolan.tariff.v1` and `portolan.sourcing.v1` when the package is built.

They come from the protos of this repository, or of the source archive that was made from it, and are
nowhere but in what is built.
"""

import shutil
import sys
from importlib import resources
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent


def source(beside: str, in_repository: str) -> Path:
    """A file or folder of the repository, or its copy in a source archive."""
    copy = HERE / beside
    return copy if copy.exists() else HERE / ".." / ".." / in_repository


def generate(protos: Path, into: Path) -> None:
    from grpc_tools import protoc

    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    own = sorted(str(path.relative_to(protos)) for path in (protos / "portolan").rglob("*.proto"))
    well_known = resources.files("grpc_tools") / "_proto"
    arguments = [
        "protoc",
        f"--proto_path={protos}",
        f"--proto_path={well_known}",
        # Beside the interpreter, which an isolated build does not put on the path.
        f"--plugin=protoc-gen-mypy={beside_interpreter('protoc-gen-mypy')}",
        f"--plugin=protoc-gen-mypy_grpc={beside_interpreter('protoc-gen-mypy_grpc')}",
        f"--python_out={into}",
        f"--grpc_python_out={into}",
        f"--mypy_out={into}",
        f"--mypy_grpc_out={into}",
        *own,
    ]
    if protoc.main(arguments) != 0:
        raise RuntimeError("the protos do not compile")
    for folder in [into / "portolan", *(into / "portolan").rglob("*/")]:
        (folder / "__init__.py").touch()
        (folder / "py.typed").touch()


def beside_interpreter(tool: str) -> str:
    found = shutil.which(tool, path=str(Path(sys.executable).parent)) or shutil.which(tool)
    if found is None:
        raise RuntimeError(f"{tool} is not installed")
    return found


class Stubs(BuildHookInterface):
    """The build hook."""

    def initialize(self, version: str, build_data: dict) -> None:
        protos = source("proto", "proto")
        config = source("service-config.json", "deploy/client/service-config.json")
        included = build_data["force_include"]
        if self.target_name == "sdist":
            included[str(protos)] = "proto"
            included[str(config)] = "service-config.json"
            return
        stubs = Path(self.directory) / "stubs"
        generate(protos.resolve(), stubs)
        included[str(stubs / "portolan")] = "portolan"
        included[str(config)] = "portolan_client/service-config.json"
