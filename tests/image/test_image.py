"""The image, run as the chart runs it: its user, a read-only root, no privileges, limits.

`make image-test` builds it first; root, buildah and podman are needed, no registry.
"""

import json
import os
import shlex
import subprocess

import pytest
import trustme

from collector import free_address
from operations import status
from server import EXAMPLES, START_BOUND, STOP_BOUND, until

IMAGE = os.environ.get("PORTOLAN_IMAGE", "localhost/portolan:0.1.0")
# Storage and groups as they work without an init system, and within containers.
PODMAN = shlex.split(
    os.environ.get(
        "PODMAN", "podman --cgroup-manager cgroupfs --storage-driver vfs --runtime runc"
    )
)
MOST_BYTES = 60 * 1000 * 1000
AS_THE_CHART_DOES = [
    "--user=65532:65532",
    "--read-only",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--memory=3g",
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=4096:4096",
    "--network=host",
    "--add-host=portolan.test:127.0.0.1",
]


def podman(*arguments, **how):
    return subprocess.run(
        [*PODMAN, *map(str, arguments)], capture_output=True, text=True, timeout=300, **how
    )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("portolan.test")
    authority.cert_pem.write_to_path(folder / "ca.crt")
    issued.cert_chain_pems[0].write_to_path(folder / "tls.crt")
    issued.private_key_pem.write_to_path(folder / "tls.key")
    # Read by the image's user, as a mounted secret is.
    for path in [folder, *folder.parents][:2] + list(folder.iterdir()):
        path.chmod(0o755)
    return folder


class Container:
    """The image serving over TLS."""

    def __init__(self, certificates):
        self.address, self.operations = free_address(), free_address()
        self.certificates = certificates
        self.name = f"portolan-{self.address.rpartition(':')[2]}"
        environment = {
            "PORTOLAN__SERVER__LISTEN": self.address,
            "PORTOLAN__OPERATIONS__LISTEN": self.operations,
            "PORTOLAN__TLS__CERTIFICATE_FILE": "/tls/tls.crt",
            "PORTOLAN__TLS__KEY_FILE": "/tls/tls.key",
            "PORTOLAN__TELEMETRY__LOG_FORMAT": "json",
        }
        started = podman(
            "run",
            "--detach",
            f"--name={self.name}",
            *AS_THE_CHART_DOES,
            f"--volume={certificates}:/tls:ro",
            *[f"--env={name}={value}" for name, value in environment.items()],
            IMAGE,
        )
        assert started.returncode == 0, started.stderr
        try:
            until(self._ready, START_BOUND, "the container")
        except BaseException:
            self.remove()
            raise

    def _ready(self):
        try:
            return status(self.operations, "/readyz") == 200
        except OSError:
            return False

    def asked(self, *arguments, text=None):
        """A client command, from another container, by the name of the host."""
        port = self.address.rpartition(":")[2]
        return podman(
            "run",
            "--rm",
            "--interactive",
            *AS_THE_CHART_DOES,
            f"--volume={self.certificates}:/tls:ro",
            f"--volume={EXAMPLES}:/examples:ro",
            IMAGE,
            *arguments,
            f"--address=https://portolan.test:{port}",
            input=text or "",
        )

    def remove(self):
        podman("rm", "--force", "--time=1", self.name)


@pytest.fixture(scope="module")
def container(certificates):
    container = Container(certificates)
    yield container
    container.remove()


def test_the_image_is_small_and_holds_nothing_else():
    (told,) = json.loads(podman("image", "inspect", IMAGE).stdout)
    assert told["Size"] < MOST_BYTES
    assert told["Config"]["User"] == "65532:65532"
    # No shell, nor anything but one program to start.
    refused = podman("run", "--rm", *AS_THE_CHART_DOES, "--entrypoint=/bin/sh", IMAGE)
    assert refused.returncode != 0 and "no such file" in refused.stderr.lower()


def test_it_refuses_to_serve_others_in_plain_text_unasked():
    told = podman("run", "--rm", *AS_THE_CHART_DOES, IMAGE)
    assert told.returncode == 1
    assert 'server.plain_text = "anywhere"' in told.stderr


def test_a_duty_is_quoted_over_tls_by_name(container):
    request = (EXAMPLES / "japan-car-may-2025.json").read_text()
    method = "portolan.tariff.v1.DutyService/CalculateDuty"
    told = container.asked("call", method, "--ca-file=/tls/ca.crt", text=request)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["provenance"]["scheduleRevision"].startswith("schedules/vehicles@")


def test_a_plan_is_solved_by_a_child_process(container):
    request = "/examples/sourcing-two-plants.json"
    told = container.asked("optimize", request, "--brief", "--ca-file=/tls/ca.crt")
    assert told.returncode == 0, told.stderr
    assert "OPTIMAL" in told.stdout


def test_it_knows_the_authorities_of_the_web_and_not_ours(container):
    told = container.asked("call", "grpc.health.v1.Health/Check")
    assert told.returncode == 1
    # With none at all it would say so instead.
    assert "UnknownIssuer" in told.stderr


def test_it_stops_in_order(certificates):
    container = Container(certificates)
    try:
        stopped = podman("stop", f"--time={STOP_BOUND}", container.name)
        assert stopped.returncode == 0, stopped.stderr
        (told,) = json.loads(podman("inspect", container.name).stdout)
        assert told["State"]["ExitCode"] == 0
        assert "every call in work was answered" in podman("logs", container.name).stderr
    finally:
        container.remove()
