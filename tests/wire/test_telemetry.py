"""Traces and metrics through a real collector: the caller's trace goes on, amounts stay home."""

import secrets

import pytest
from opentelemetry.proto.trace.v1 import trace_pb2

from collector import Collector
from reflected import Client
from server import CALL_BOUND, METHOD, Server, until

PHASES = {"decode", "resolve", "assess", "encode"}

# Crates whose own spans are noise to who reads a trace.
HTTP_STACK = {"h2", "hyper", "hyper_util", "reqwest", "tonic", "tower", "tower_http"}

# Values a search cannot meet by accident in a timing or a line number.
LINE_ID = "line-nobody-may-see"
VALUE = 31_415_927
GOODS_CODE = "8703.23.01"


class Exchange:
    """One traced call to a server that has ended since, and what the collector got."""

    def __init__(self, collector, endpoint):
        self.trace_id, self.parent_id = secrets.token_bytes(16), secrets.token_bytes(8)
        with Server(PORTOLAN__TELEMETRY__OTLP_ENDPOINT=endpoint) as server:
            client = Client(server.address)
            request = client.request("japan-car-may-2025")
            (line,) = request.entry.lines
            line.line_id = LINE_ID
            line.goods.transaction_value.units = VALUE
            assert line.goods.goods_code == GOODS_CODE
            traceparent = f"00-{self.trace_id.hex()}-{self.parent_id.hex()}-01"
            self.answer = client.calculate_duty(
                request, timeout=CALL_BOUND, metadata=[("traceparent", traceparent)]
            )
            client.close()
            server.terminate()
            assert server.exit_code() == 0, server.log()
        until(
            lambda: "rpc.server.call.duration" in {m.name for m in collector.metrics()},
            CALL_BOUND,
            "the metrics",
        )
        until(
            lambda: {span.name for span in collector.spans()} > PHASES,
            CALL_BOUND,
            "the spans of a call",
        )
        self.collector = collector

    def calls(self):
        """Spans of the caller's trace."""
        return [span for span in self.collector.spans() if span.trace_id == self.trace_id]


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


def test_the_callers_trace_is_continued(exchange):
    spans = {span.span_id: span for span in exchange.calls()}
    (root,) = [span for span in spans.values() if span.kind == trace_pb2.Span.SPAN_KIND_SERVER]
    assert root.name.endswith(METHOD.removeprefix("/"))
    assert root.parent_span_id == exchange.parent_id
    assert PHASES <= {span.name for span in spans.values()}
    for span in spans.values():
        above = span
        while above.span_id != root.span_id:
            above = spans[above.parent_span_id]


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
    for resource in [*collector.resource_spans, *collector.resource_metrics]:
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
            secret = [LINE_ID, str(VALUE), GOODS_CODE, GOODS_CODE.replace(".", "")]
            assert not [word for word in secret if word in text], (key, value)
        else:
            assert value != VALUE, key


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
