"""`portolan call`: any method from the command line."""

import json
import os
import re
import subprocess

import pytest
from google.protobuf import json_format

from server import BINARY, CALL_BOUND, EXAMPLES, METHOD, ROOT, SERVICE, SOURCING, environment


def call(method, text, *arguments):
    return subprocess.run(
        [BINARY, "call", method, *arguments],
        cwd=ROOT,
        env=environment(),
        input=text,
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )


def test_the_answer_is_that_of_any_client(server, client):
    text = (EXAMPLES / "japan-car-may-2025.json").read_text()
    told = call(METHOD.lstrip("/"), text, f"--address=http://{server.address}")
    assert told.returncode == 0, told.stderr
    short = call("DutyService/CalculateDuty", text, f"--address=http://{server.address}")
    assert short.stdout == told.stdout
    answer = client.calculate_duty(client.request("japan-car-may-2025"), timeout=CALL_BOUND)
    assert json_format.Parse(told.stdout, type(answer)()) == answer


def test_a_stream_takes_many_requests_and_tells_an_answer_a_line(server, client):
    entry = json.loads((EXAMPLES / "japan-car-may-2025.json").read_text())["entry"]
    name = f"{SERVICE}/StreamDuty"
    _, Response = client.messages(name)
    asked = [json.dumps({"requestId": f"r{n}", "request": {"entry": entry}}) for n in range(3)]
    told = call(name, "\n".join(asked), f"--address=http://{server.address}")
    assert told.returncode == 0, told.stderr
    answers = [json_format.Parse(line, Response()) for line in told.stdout.splitlines()]
    assert sorted(answer.request_id for answer in answers) == ["r0", "r1", "r2"]


def test_a_refusal_tells_faults_reason_and_what_to_quote(server):
    text = (EXAMPLES / "bad-request.json").read_text()
    told = call(METHOD, text, f"--address=http://{server.address}")
    assert told.returncode == 1 and not told.stdout
    assert "INVALID_ARGUMENT: " in told.stderr
    assert "reason INVALID_REQUEST" in told.stderr
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    header = f"traceparent: 00-{trace}-00f067aa0ba902b7-01"
    told = call(METHOD, "{}", f"--address=http://{server.address}", "-H", header)
    assert f"request {trace}" in told.stderr


PAGE = (ROOT / "docs/debugging.md").read_text()
TOLD = [line for line in re.findall(r"^\$ (.*portolan call .*)$", PAGE, re.MULTILINE)]


@pytest.mark.parametrize("line", [line for line in TOLD if "--address" not in line])
def test_the_calls_of_the_manual_are_answered(server, line):
    told = subprocess.run(
        ["bash", "-c", line.replace("portolan call", f"portolan call --address=http://{server.address}")],
        cwd=ROOT,
        env=environment(PATH=f"{BINARY.parent}{os.pathsep}{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )
    if "bad-request" in line:
        # But for the id, as the manual has it.
        shown = [text.strip() for text in told.stderr.splitlines()]
        assert all(text in PAGE for text in shown[:-1]), told.stderr
    else:
        assert told.returncode == 0, told.stderr


def test_the_manual_has_a_call_for_every_method():
    told = subprocess.run(
        [BINARY, "call", "--list"], capture_output=True, text=True, timeout=CALL_BOUND
    ).stdout.split()
    ours = [name for name in told if name.startswith("portolan.")]
    assert len(ours) >= 20
    assert not [name for name in ours if name not in PAGE]


def test_what_is_no_request_or_no_method_is_not_sent():
    assert "unrecognized field name" in call(METHOD, '{"no_field": 1}').stderr
    assert "takes one request, there are 2" in call(METHOD, "{}{}").stderr
    assert "there is no method" in call("portolan.tariff.v1.DutyService/Nothing", "{}").stderr


def test_every_method_is_listed(client):
    told = subprocess.run(
        [BINARY, "call", "--list"], capture_output=True, text=True, timeout=CALL_BOUND
    ).stdout.split()
    assert f"{SOURCING}/OptimizeSourcing" in told
    assert "grpc.health.v1.Health/Check" in told
    assert told == sorted(told) and len(told) >= 15
