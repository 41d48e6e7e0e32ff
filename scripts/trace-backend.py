"""One trace from a caller's span through the queue to the solver's phases, asked back from a backend.

    make trace-test

Installs arize-phoenix in an environment of its own below target/ (minutes, once), starts it and a
server that exports to it, calls with a span of its own, and asks the backend for the whole trace.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/wire"))
from collector import free_address  # noqa: E402
from reflected import Client  # noqa: E402
from server import CALL_BOUND, SOURCING, Server, until  # noqa: E402

HOME = Path(os.environ.get("PHOENIX_ENVIRONMENT", ROOT / "target/phoenix"))
VERSION = "arize-phoenix==20.26.1"
EXPECTED = {"validate", "price", "build", "optimize", "solve", "queue", "presolve", "verify"}


def installed():
    program = HOME / "bin/phoenix"
    if not program.exists():
        venv.create(HOME, with_pip=True)
        subprocess.run([HOME / "bin/python", "-m", "pip", "install", "-q", VERSION], check=True)
    return program


def get(address, path):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{address}{path}", timeout=CALL_BOUND) as answer:
        return json.loads(answer.read())


def spans_of(address, trace):
    try:
        told = get(address, "/v1/projects/default/spans?limit=1000")["data"]
    except OSError:
        return []
    return [span for span in told if span["context"]["trace_id"] == trace]


def printed(spans):
    children = {}
    for span in sorted(spans, key=lambda span: span["start_time"]):
        children.setdefault(span["parent_id"], []).append(span)
    known = {span["context"]["span_id"] for span in spans}

    def tell(parent, depth):
        for span in children.get(parent, []):
            print(f"{'  ' * depth}{span['name']}  {span['start_time'][11:23]} to {span['end_time'][11:23]}")
            tell(span["context"]["span_id"], depth + 1)

    for parent in children:
        if parent not in known:
            tell(parent, 0)


def main():
    program = installed()
    http, grpc_port = free_address(), free_address().rpartition(":")[2]
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            **os.environ,
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": http.rpartition(":")[2],
            "PHOENIX_GRPC_PORT": grpc_port,
            "PHOENIX_WORKING_DIR": folder,
            "PHOENIX_TELEMETRY_ENABLED": "false",
        }
        with open(Path(folder) / "log", "wb") as log:
            backend = subprocess.Popen([program, "serve"], env=settings, stdout=log, stderr=log)
        try:
            def is_up():
                assert backend.poll() is None, (Path(folder) / "log").read_text()
                try:
                    return get(http, "/v1/projects")
                except OSError:
                    time.sleep(1)

            until(is_up, 300, "the backend")
            # Phoenix takes traces alone.
            export = {
                "PORTOLAN__TELEMETRY__OTLP_ENDPOINT": f"http://127.0.0.1:{grpc_port}",
                "PORTOLAN__TELEMETRY__OTLP_LOGS": "false",
            }
            trace, parent = secrets.token_hex(16), secrets.token_hex(8)
            with Server(**export) as server:
                client = Client(server.address)
                request = client.request("sourcing-two-plants")
                client.call(f"{SOURCING}/OptimizeSourcing")(
                    request,
                    timeout=CALL_BOUND,
                    metadata=[("traceparent", f"00-{trace}-{parent}-01")],
                )
                client.close()
                server.terminate()
                assert server.exit_code() == 0, server.log()
            until(
                lambda: EXPECTED <= {span["name"] for span in spans_of(http, trace)},
                120,
                "the trace",
            )
            spans = spans_of(http, trace)
            printed(spans)
            (root,) = [span for span in spans if span["name"].endswith("/OptimizeSourcing")]
            assert root["parent_id"] == parent
            assert all(
                span["attributes"]["process.pid"] for span in spans if span["name"] == "solve"
            )
            assert root["attributes"]["rpc.response.status_code"] == "OK", root["attributes"]
            print(f"{len(spans)} spans of trace {trace}, below the caller's span {parent}")
        finally:
            backend.terminate()
            backend.wait(60)


if __name__ == "__main__":
    main()
