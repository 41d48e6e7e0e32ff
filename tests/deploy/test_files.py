"""The other files of deploy/: each is read by the tool it is for."""

import json
import re
import subprocess
import sys

import yaml

from server import CALL_BOUND, ROOT

DEPLOY = ROOT / "deploy"


def test_the_dockerfile_is_in_order():
    told = subprocess.run(
        [ROOT / ".venv/bin/hadolint", DEPLOY / "docker/Dockerfile"],
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )
    assert told.returncode == 0, told.stdout


def test_compose_reaches_this_machine_alone():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name, service in services.items():
        for port in service["ports"]:
            assert port.startswith("127.0.0.1:"), (name, port)
        for volume in service.get("volumes", []):
            assert (DEPLOY / volume.split(":")[0]).exists(), (name, volume)
    portolan = services["portolan"]
    assert portolan["read_only"] and portolan["cap_drop"] == ["ALL"]


def test_the_chart_carries_the_same_alerts_and_dashboards():
    for name, source in [("alerts.yaml", "prometheus"), ("portolan.json", "grafana")]:
        copy = DEPLOY / "helm/portolan/files" / name
        assert copy.read_text() == (DEPLOY / source / name).read_text(), f"copy {name} anew"


def test_the_service_config_names_what_there_is():
    config = json.loads((DEPLOY / "client/service-config.json").read_text())
    protos = "\n".join(path.read_text() for path in (ROOT / "proto").rglob("*.proto"))
    for method in config["methodConfig"]:
        for name in method["name"]:
            service = name["service"].rpartition(".")[2]
            assert f"service {service} {{" in protos
            assert "method" not in name or f"rpc {name['method']}(" in protos


def test_the_api_reference_is_of_these_protos(tmp_path):
    script = ROOT / "scripts/api-reference.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, timeout=CALL_BOUND)
    pages = sorted(path.name for path in tmp_path.iterdir())
    assert len(pages) == 2
    for page in pages:
        written = (ROOT / "docs/api" / page).read_text()
        assert written == (tmp_path / page).read_text(), f"write it anew: {script.name}"


def test_every_promise_names_a_test_that_there_is():
    told = (ROOT / "docs/guarantees.md").read_text()
    named = set(re.findall(r"`((?:tests|deploy)/[^`]+)`", told))
    assert len(named) >= 20
    assert not [name for name in named if not (ROOT / name).exists()]
