"""Alerts and dashboards against real tools: promtool's unit tests, and a Prometheus that scrapes."""

import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
import trustme

from collector import free_address
from operations import metrics
from reflected import Client
from server import CALL_BOUND, ROOT, SOURCING, START_BOUND, STOP_BOUND, Server, environment, until

ALERTS = ROOT / "deploy/prometheus/alerts.yaml"
DASHBOARD = ROOT / "deploy/grafana/portolan.json"
METRIC = re.compile(r"\b(?:rpc_server|portolan|target)_[a-z_]+")


def expressions():
    """Every expression of a panel, as Prometheus would be asked."""
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            told = target["expr"].replace("$job", "portolan").replace("$__rate_interval", "1m")
            yield panel["title"], told


def test_every_alert_has_a_runbook_line_and_its_unit_tests_hold():
    tested = subprocess.run(
        ["promtool", "test", "rules", "alerts_test.yaml"],
        cwd=ALERTS.parent,
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
    alerts = re.findall(r"- alert: (\w+)", ALERTS.read_text())
    assert len(alerts) >= 10
    assert len(re.findall(r"^ +runbook: \S", ALERTS.read_text(), re.MULTILINE)) == len(alerts)
    unit_tests = (ALERTS.parent / "alerts_test.yaml").read_text()
    for alert in alerts:
        # Each is seen to fire, and not to.
        assert re.search(rf"alertname: {alert}\n +exp_alerts:\n", unit_tests), alert


class Prometheus:
    """A real one, that scrapes an operations port and knows our alerts."""

    def __init__(self, folder, target):
        self.address = free_address()
        config = folder / "prometheus.yml"
        config.write_text(
            f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{json.dumps(str(ALERTS))}]
scrape_configs:
  - job_name: portolan
    static_configs: [{{targets: [{json.dumps(target)}]}}]
"""
        )
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    shutil.which("prometheus"),
                    f"--config.file={config}",
                    f"--storage.tsdb.path={folder / 'data'}",
                    f"--web.listen-address={self.address}",
                ],
                env=environment(),
                stdout=log,
                stderr=log,
            )
        until(self._ready, START_BOUND, "prometheus")

    def _ready(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/-/ready")
        except OSError:
            return None

    def get(self, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{self.address}{path}", timeout=CALL_BOUND) as answer:
            return answer.read().decode()

    def rules(self):
        (group,) = json.loads(self.get("/api/v1/rules"))["data"]["groups"]
        return group["rules"]

    def query(self, expression):
        told = self.get("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        return json.loads(told)["data"]["result"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(STOP_BOUND)


@pytest.fixture
def observed(tmp_path):
    """A server with everything on that has something to tell, and a Prometheus that scrapes it."""
    issued = trustme.CA().issue_cert("localhost")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "tls.crt")
    issued.private_key_pem.write_to_path(tmp_path / "tls.key")
    operations, tls_operations = free_address(), free_address()
    settings = {"PORTOLAN__TELEMETRY__OTLP_ENDPOINT": f"http://{free_address()}"}
    encrypted = {
        "PORTOLAN__TLS__CERTIFICATE_FILE": str(tmp_path / "tls.crt"),
        "PORTOLAN__TLS__KEY_FILE": str(tmp_path / "tls.key"),
    }
    with (
        Server(PORTOLAN__OPERATIONS__LISTEN=operations, **settings) as server,
        Server(PORTOLAN__OPERATIONS__LISTEN=tls_operations, **encrypted),
        Prometheus(tmp_path, operations) as prometheus,
    ):
        client = Client(server.address)
        client.calculate_duty(client.request("japan-car-may-2025"), timeout=CALL_BOUND)
        solve = client.call(f"{SOURCING}/OptimizeSourcing")
        solve(client.request("sourcing-two-plants"), timeout=CALL_BOUND)
        client.close()
        told = set(metrics(operations)) | set(metrics(tls_operations))
        yield prometheus, {re.split(r"[{ ]", name)[0] for name in told}


def test_what_is_asked_of_metrics_is_there_and_prometheus_takes_it(observed):
    prometheus, names = observed
    up = 'up{job="portolan"} == 1'
    until(lambda: prometheus.query(up), CALL_BOUND, "a scrape")
    asked = list(expressions())
    assert len(asked) > 20
    asked += [(rule["name"], rule["query"]) for rule in prometheus.rules()]
    for title, expression in asked:
        for name in METRIC.findall(expression):
            assert name in names, (title, name)
        prometheus.query(expression)
    (processes,) = prometheus.query('sum(portolan_solver_processes{job="portolan"})')
    assert processes["value"][1] == "1"
    rate = 'sum(increase(rpc_server_call_duration_seconds_count{job="portolan"}[1m])) >= 0'
    until(lambda: prometheus.query(rate), CALL_BOUND, "a rate, for which there are two scrapes")


def test_the_alerts_are_loaded_and_quiet_on_a_server_that_is_well(observed):
    prometheus, _ = observed
    until(lambda: prometheus.query('up{job="portolan"} == 1'), CALL_BOUND, "a scrape")
    until(
        lambda: {rule["health"] for rule in prometheus.rules()} == {"ok"},
        CALL_BOUND,
        "an evaluation",
    )
    assert len(prometheus.rules()) >= 10
    assert not [rule["name"] for rule in prometheus.rules() if rule["state"] == "firing"]
