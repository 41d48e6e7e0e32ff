"""Reflection: what generic clients, grpcurl and buf curl among them, work from."""

import base64
import json

import pytest
from google.protobuf import json_format

import buf
from server import EXAMPLES, SERVICE, SOURCING, call_of

GOOD_EXAMPLES = sorted(
    path.stem for path in EXAMPLES.glob("*.json") if not path.stem.startswith("bad-")
)


def test_services_are_listed_over_v1(server):
    services = buf.listed(buf.curl("--list-services", f"http://{server.address}"))
    assert {SERVICE, "grpc.health.v1.Health"} <= set(services)


def test_services_are_listed_over_v1alpha(client):
    services = client.database.get_services()
    assert {SERVICE, "grpc.health.v1.Health"} <= set(services)


def test_methods_are_listed(server):
    methods = buf.listed(buf.curl("--list-methods", f"http://{server.address}"))
    calls = ("CalculateDuty", "StreamDuty", "CompareOrigins", "CompareDates", "CalculateCredit")
    assert {f"{SERVICE}/{call}" for call in calls} <= set(methods)
    calls = ("OptimizeSourcing", "StreamOptimization", "EvaluatePlan")
    assert {f"{SOURCING}/{call}" for call in calls} <= set(methods)


@pytest.mark.parametrize("symbol", ["BadRequest", "ErrorInfo", "RetryInfo"])
def test_error_details_can_be_looked_up(client, symbol):
    assert client.message(f"google.rpc.{symbol}").DESCRIPTOR.fields


@pytest.mark.parametrize("example", GOOD_EXAMPLES)
def test_buf_curl_gets_the_answer_grpcio_gets(server, client, example):
    outcome = buf.ask(server.address, example)
    assert outcome.returncode == 0, outcome.stderr
    _, response = client.messages(call_of(example))
    assert json_format.Parse(outcome.stdout, response()) == client.ask(example)


def test_every_fault_is_decoded_with_what_reflection_serves(server, client):
    outcome = buf.ask(server.address, "bad-request")
    # buf exits with the gRPC code, INVALID_ARGUMENT (3), shifted left by three bits.
    assert outcome.returncode == 3 << 3, outcome.stderr
    error = json.loads(outcome.stderr[outcome.stderr.index("{") :])
    assert error["code"] == "invalid_argument"
    (found,) = [each for each in error["details"] if each["type"] == "google.rpc.BadRequest"]
    # buf prints details undecoded, as unpadded base64; grpcurl decodes them as is done here, with
    # the descriptor the server itself serves.
    value = base64.b64decode(found["value"] + "=" * (-len(found["value"]) % 4))
    bad_request = client.message(found["type"]).FromString(value)
    assert {violation.field for violation in bad_request.field_violations} == {
        "entry.entry_date",
        "entry.lines[0].goods.goods_code",
        "entry.lines[0].goods.origin_region_code",
        "entry.lines[0].goods.transaction_value",
    }
    assert all(violation.description for violation in bad_request.field_violations)
