"""The Helm chart: what it renders is lawful Kubernetes, and pods are what they should be."""

import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from server import BINARY, CALL_BOUND, ROOT, environment

CHART = ROOT / "deploy/helm/portolan"
VALUES = Path(__file__).parent / "values"
TOOLS = ROOT / ".venv/bin"
KUBERNETES = ("1.32.0", "1.34.0", "1.36.0")

# Kinds of operators, which no Kubernetes version publishes a schema of.
WITHOUT_SCHEMA = {"ServiceMonitor", "PrometheusRule"}

CASES = {
    "small": [],
    "replicated": [CHART / "sizes/replicated.yaml"],
    **{path.stem: [path] for path in sorted(VALUES.glob("*.yaml"))},
}


def helm(*arguments):
    return subprocess.run(
        [TOOLS / "helm", *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )


def template(files, *settings):
    chosen = [f"--values={path}" for path in files] + [f"--set={setting}" for setting in settings]
    return helm("template", "portolan", CHART, "--kube-version=1.34.0", *chosen)


def rendered(files, *settings):
    told = template(files, *settings)
    assert told.returncode == 0, told.stderr
    return [one for one in yaml.safe_load_all(told.stdout) if one]


def one(objects, kind, suffix=""):
    (found,) = [
        it
        for it in objects
        if it["kind"] == kind and it["metadata"]["name"] == f"portolan{suffix}"
    ]
    return found


@pytest.fixture(params=CASES)
def objects(request):
    return rendered(CASES[request.param])


@pytest.mark.parametrize("case", CASES)
def test_the_chart_is_in_order(case):
    told = helm("lint", "--strict", CHART, *[f"--values={path}" for path in CASES[case]])
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("case", CASES)
def test_every_object_keeps_to_the_schema_of_its_kind(case, version, tmp_path):
    objects = rendered(CASES[case])
    kinds = {it["kind"] for it in objects}
    assert {"Deployment", "Service", "ConfigMap", "ServiceAccount"} <= kinds
    published = [it for it in objects if it["kind"] not in WITHOUT_SCHEMA]
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump_all(published))
    told = subprocess.run(
        [TOOLS / "kubernetes-validate", "-k", version, "--strict", file],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )
    said = told.stdout + told.stderr
    assert told.returncode == 0 and "WARN" not in said, said
    assert said.count("passed for resource") == len(published), said


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["replica=2"], "replica"),
        (["replicas=0"], "replicas"),
        (["image.pullPolicy=Sometimes"], "pullPolicy"),
        (["settings.sever.listen=x"], "sever"),
        (["resources.memoryLimitMb=2000"], "take up to 2560"),
        (["plainText=false"], "say how calls are protected"),
        (["tls.secretName=portolan-tls"], "plainText must be false"),
        (["tls.clientCaKey=ca.crt"], "needs tls.secretName"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(settings, told):
    answer = template([], *settings)
    assert answer.returncode != 0
    assert told in answer.stderr


def test_nothing_runs_with_more_than_it_needs(objects):
    pod = one(objects, "Deployment")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert one(objects, "ServiceAccount")["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 65532
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not [volume for volume in pod["volumes"] if {"hostPath", "emptyDir"} & set(volume)]


def settings_of(objects):
    return tomllib.loads(one(objects, "ConfigMap")["data"]["portolan.toml"])


def test_the_server_takes_the_settings_it_is_given(objects, tmp_path):
    file = tmp_path / "portolan.toml"
    file.write_text(one(objects, "ConfigMap")["data"]["portolan.toml"])
    told = subprocess.run(
        [BINARY, "serve", "--config", file, "--dump-config"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )
    assert told.returncode == 0, told.stderr
    in_force = tomllib.loads(told.stdout)
    for section, keys in settings_of(objects).items():
        assert in_force[section].items() >= keys.items()


def test_a_pod_is_given_the_time_and_the_memory_it_may_take(objects):
    settings = settings_of(objects)
    pod = one(objects, "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    sleeps = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    server = settings["server"]
    drains = (server["routing_delay_ms"] + server["drain_grace_ms"]) / 1000
    # 3 s for the last export, by default, and a second of abort.
    assert pod["terminationGracePeriodSeconds"] >= sleeps + drains + 3 + 1
    solver = settings["solver"]
    limit = container["resources"]["limits"]["memory"]
    assert int(limit.removesuffix("Mi")) > solver["processes"] * solver["memory_mb"]
    cpu = container["resources"]["requests"]["cpu"]
    assert int(cpu.removesuffix("m")) >= 1000 * solver["processes"] + 500


def test_probes_ask_the_operations_port(objects):
    (container,) = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    port = int(settings_of(objects)["operations"]["listen"].rpartition(":")[2])
    assert {"name": "operations", "containerPort": port} in container["ports"]
    assert container["readinessProbe"]["grpc"] == {"port": port}
    assert container["startupProbe"]["grpc"] == {"port": port}
    # A server that stops or has no schedule yet is alive.
    assert container["livenessProbe"]["grpc"] == {"port": port, "service": "liveness"}


def test_a_change_of_settings_is_a_roll_out():
    def checksum(*settings):
        pod = one(rendered([], *settings), "Deployment")["spec"]["template"]
        return pod["metadata"]["annotations"]["checksum/settings"]

    assert checksum() != checksum("settings.limits.max_lines=10")


def test_several_replicas_are_scaled_spread_and_kept():
    objects = rendered(CASES["replicated"])
    kinds = {it["kind"] for it in objects}
    assert kinds >= {
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "NetworkPolicy",
        "ServiceMonitor",
        "PrometheusRule",
    }
    assert "replicas" not in one(objects, "Deployment")["spec"]
    spread = one(objects, "Deployment")["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {it["topologyKey"] for it in spread} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    assert one(objects, "Service", "-headless")["spec"]["clusterIP"] == "None"
    # The chart carries what Prometheus and Grafana are given elsewhere.
    rules = one(objects, "PrometheusRule")["spec"]
    assert rules == yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())
    dashboard = one(objects, "ConfigMap", "-dashboards")["data"]["portolan.json"]
    assert dashboard == (ROOT / "deploy/grafana/portolan.json").read_text()


def test_certificates_and_schedules_are_where_the_settings_look():
    objects = rendered(CASES["mutual-tls"])
    settings = settings_of(objects)
    (container,) = one(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    for key in ("certificate_file", "key_file", "client_ca_file"):
        assert str(Path(settings["tls"][key]).parent) in mounts
    assert f"{settings['schedules']['folder']}/own" in mounts
    # A file mounted by itself would stay as it was at the start.
    assert not [mount for mount in container["volumeMounts"] if "subPath" in mount]
