"""Traces and metrics through a real collector: the caller's trace goes on, amounts stay home."""

import json
import secrets

import grpc
import pytest
import trustme
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from opentelemetry.proto.trace.v1 import trace_pb2

from collector import Collector, EncryptedSink, free_address
from operations import metrics
from reflected import Client
from server import CALL_BOUND, METHOD, SOURCING, Server, until

PHASES = {"decode", "resolve", "assess", "encode"}
SOURCING_PHASES = {"validate", "price", "build", "solve", "presolve", "verify"}
SOLVER_METRICS = {
    "portolan.solver.queue.duration",
    "portolan.solver.duration",
    "portolan.solver.gap",
    "portolan.solver.busy",
}

# Crates whose own spans are noise to who reads a trace.
HTTP_STACK = {"h2", "hyper", "hyper_util", "reqwest", "tonic", "tower", "tower_http"}

# Values a search cannot meet by accident in a timing or a line number.
LINE_ID = "line-nobody-may-see"
VALUE = 31_415_927
GOODS_CODE = "8703.23.01"
PLANT_ID = "plant-nobody-may-see"
FIXED_COST = 60_000_003
SOURCING_GOODS_CODE = "8703.40.00"


class Exchange:
    """Two traced calls, for a duty and for a plan, to a server that has ended since, and what the
    collector got."""

    def __init__(self, collector, endpoint):
        self.trace_id, self.parent_id = secrets.token_bytes(16), secrets.token_bytes(8)
        settings = {
            "PORTOLAN__TELEMETRY__OTLP_ENDPOINT": endpoint,
            "PORTOLAN__TELEMETRY__LOG_FORMAT": "json",
        }
        with Server(**settings) as server:
            client = Client(server.address)
            request = client.request("japan-car-may-2025")
            (line,) = request.entry.lines
            line.line_id = LINE_ID
            line.goods.transaction_value.units = VALUE
            assert line.goods.goods_code == GOODS_CODE
            self.sourcing_trace_id = secrets.token_bytes(16)
            traceparent = self.traceparent(self.trace_id)
            self.answer = client.calculate_duty(
                request, timeout=CALL_BOUND, metadata=[("traceparent", traceparent)]
            )
            call = client.call(f"{SOURCING}/OptimizeSourcing")
            self.plan_answer = call(
                self.sourcing_request(client),
                timeout=CALL_BOUND,
                metadata=[("traceparent", self.traceparent(self.sourcing_trace_id))],
            )
            self.refused_trace_id = secrets.token_bytes(16)
            line.goods.goods_code = LINE_ID
            with pytest.raises(grpc.RpcError) as refused:
                client.calculate_duty(
                    request,
                    timeout=CALL_BOUND,
                    metadata=[("traceparent", self.traceparent(self.refused_trace_id))],
                )
            self.refused = refused.value
            client.close()
            server.terminate()
            assert server.exit_code() == 0, server.log()
            self.log = [json.loads(line) for line in server.log().splitlines()]
        until(
            lambda: {m.name for m in collector.metrics()}
            >= SOLVER_METRICS | {"rpc.server.call.duration"},
            CALL_BOUND,
            "the metrics",
        )
        until(
            lambda: {span.name for span in collector.spans()} > PHASES | SOURCING_PHASES,
            CALL_BOUND,
            "the spans of the calls",
        )
        until(
            lambda: [line for line in collector.lines() if line.trace_id == self.refused_trace_id],
            CALL_BOUND,
            "the line of the call refused",
        )
        self.collector = collector

    def traceparent(self, trace_id):
        return f"00-{trace_id.hex()}-{self.parent_id.hex()}-01"

    def sourcing_request(self, client):
        """The example of two plants, with an id and a cost of its own."""
        request = client.request("sourcing-two-plants")
        problem = request.problem
        plants = {plant.plant_id: plant for plant in problem.plants}
        plants["greensburg"].fixed_cost.units = FIXED_COST
        for placed in [*problem.plants, *problem.production_options, *problem.lanes]:
            if placed.plant_id == "greensburg":
                placed.plant_id = PLANT_ID
        assert problem.model_lines[0].goods[0].goods_code == SOURCING_GOODS_CODE
        return request

    def calls(self, trace_id=None):
        """Spans of a caller's trace, of that for the duty if none is named."""
        trace_id = trace_id or self.trace_id
        return [span for span in self.collector.spans() if span.trace_id == trace_id]


@pytest.fixture(scope="module")
def exchange():
    with Collector() as collector:
        yield Exchange(collector, collector.endpoint)


def scalars(attributes):
    """Keys with their values, lists and maps flattened."""
    for attribute in attributes:
        waiting = [attribute.value]
        while waiting:
            value = waiting.pop()
            match value.WhichOneof("value"):
                case "array_value":
                    waiting.extend(value.array_value.values)
                case "kvlist_value":
                    waiting.extend(entry.value for entry in value.kvlist_value.values)
                case None:
                    pass
                case kind:
                    yield attribute.key, getattr(value, kind)


def metric_attributes(collector):
    for metric in collector.metrics():
        for point in getattr(metric, metric.WhichOneof("data")).data_points:
            yield from scalars(point.attributes)


@pytest.mark.parametrize(
    ("trace", "method", "phases"),
    [
        ("trace_id", METHOD, PHASES),
        ("sourcing_trace_id", f"/{SOURCING}/OptimizeSourcing", SOURCING_PHASES),
    ],
)
def test_the_callers_trace_is_continued(exchange, trace, method, phases):
    spans = {span.span_id: span for span in exchange.calls(getattr(exchange, trace))}
    (root,) = [span for span in spans.values() if span.kind == trace_pb2.Span.SPAN_KIND_SERVER]
    assert root.name.endswith(method.removeprefix("/"))
    assert root.parent_span_id == exchange.parent_id
    assert phases <= {span.name for span in spans.values()}
    for span in spans.values():
        above = span
        while above.span_id != root.span_id:
            above = spans[above.parent_span_id]


def test_a_call_refused_is_found_by_the_id_its_status_gives(exchange):
    details = rpc_status.from_call(exchange.refused).details
    request = error_details_pb2.RequestInfo()
    (told,) = [detail for detail in details if detail.Unpack(request)]
    assert request.request_id == exchange.refused_trace_id.hex()
    (line,) = [
        line for line in exchange.collector.lines() if line.trace_id == exchange.refused_trace_id
    ]
    assert line.body.string_value == "call refused"
    assert ("reason", "INVALID_REQUEST") in list(scalars(line.attributes))
    assert line.span_id in {span.span_id for span in exchange.calls(exchange.refused_trace_id)}


def test_lines_of_a_call_say_which_trace_they_belong_to(exchange):
    (line,) = [
        line for line in exchange.log if line.get("trace_id") == exchange.refused_trace_id.hex()
    ]
    assert line["fields"]["message"] == "call refused"
    assert len(line["span_id"]) == 16
    # Those of no call belong to no trace.
    assert [line for line in exchange.log if "trace_id" not in line]


def test_spans_that_cannot_be_exported_are_counted_and_hold_nothing_up():
    address = free_address()
    settings = {
        "PORTOLAN__OPERATIONS__LISTEN": address,
        # Nobody is there.
        "PORTOLAN__TELEMETRY__OTLP_ENDPOINT": f"http://{free_address()}",
        "PORTOLAN__TELEMETRY__MAX_QUEUED_SPANS": "4",
        "PORTOLAN__TELEMETRY__EXPORT_TIMEOUT_MS": "500",
    }
    with Server(**settings) as server:
        client = Client(server.address)
        request = client.request("japan-car-may-2025")
        for _ in range(20):
            client.calculate_duty(request, timeout=CALL_BOUND)
        client.close()

        def lost(reason):
            return metrics(address)[f'portolan_telemetry_dropped_spans_total{{reason="{reason}"}}']

        until(lambda: lost("queue_full") > 0, CALL_BOUND, "spans without a place")
        until(lambda: lost("export_failed") > 0, CALL_BOUND, "spans not exported")


def test_telemetry_is_encrypted_where_the_endpoint_is(tmp_path):
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(tmp_path / "ca.crt")
    certificate = issued.cert_chain_pems[0].bytes()
    with EncryptedSink(certificate, issued.private_key_pem.bytes()) as sink:
        settings = {
            "PORTOLAN__TELEMETRY__OTLP_ENDPOINT": sink.endpoint,
            # In place of the authorities of the system.
            "SSL_CERT_FILE": str(tmp_path / "ca.crt"),
        }
        with Server(**settings) as server:
            client = Client(server.address)
            client.calculate_duty(client.request("japan-car-may-2025"), timeout=CALL_BOUND)
            client.close()
            until(lambda: sink.resource_spans, CALL_BOUND, "spans over TLS")


def test_solves_are_measured(exchange):
    assert exchange.plan_answer.plan.allocations
    counts = {
        metric.name: sum(point.count for point in metric.histogram.data_points)
        for metric in exchange.collector.metrics()
        if metric.WhichOneof("data") == "histogram"
    }
    for name in ("portolan.solver.queue.duration", "portolan.solver.duration", "portolan.solver.gap"):
        assert counts[name] >= 1, name


def test_spans_carry_revision_and_outcome(exchange):
    attributes = [pair for span in exchange.calls() for pair in scalars(span.attributes)]
    name, revision = exchange.answer.provenance.schedule_revision.split("@")
    revisions = [value for key, value in attributes if "revision" in key]
    assert revisions
    assert all(value in (revision, f"{name}@{revision}") for value in revisions)
    assert any("outcome" in key and value for key, value in attributes)


def test_nothing_of_the_goods_leaves_the_server(exchange):
    collector = exchange.collector
    told = list(metric_attributes(collector))
    for line in collector.lines():
        told.append(("line", line.body.string_value))
        told.extend(scalars(line.attributes))
    for resource in [
        *collector.resource_spans,
        *collector.resource_metrics,
        *collector.resource_logs,
    ]:
        told.extend(scalars(resource.resource.attributes))
    for span in collector.spans():
        told.append(("name", span.name))
        told.append(("status", span.status.message))
        told.extend(scalars(span.attributes))
        for event in span.events:
            told.append(("event", event.name))
            told.extend(scalars(event.attributes))
    assert told
    for key, value in told:
        if isinstance(value, str | bytes):
            text = value if isinstance(value, str) else value.decode(errors="replace")
            secret = [LINE_ID, PLANT_ID, str(VALUE), str(FIXED_COST)]
            for code in (GOODS_CODE, SOURCING_GOODS_CODE):
                secret += [code, code.replace(".", "")]
            assert not [word for word in secret if word in text], (key, value)
        else:
            assert value not in (VALUE, FIXED_COST), key


def test_the_exporters_own_calls_are_not_traced(exchange):
    for span in exchange.collector.spans():
        # The server calls nobody but the collector.
        assert span.kind != trace_pb2.Span.SPAN_KIND_CLIENT, span
        assert "opentelemetry" not in span.name, span
        for key, value in scalars(span.attributes):
            if key in ("target", "code.namespace", "code.module.name"):
                assert value.split("::")[0] not in HTTP_STACK, span


def test_call_durations_are_counted(exchange):
    points = [
        point
        for metric in exchange.collector.metrics()
        if metric.name == "rpc.server.call.duration"
        for point in metric.histogram.data_points
    ]
    assert sum(point.count for point in points) >= 1
