"""A real collector, rotel, that hands what it receives to a small OTLP server of ours."""

import importlib.util
import socket
import subprocess
import tempfile
from concurrent import futures
from pathlib import Path

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from server import START_BOUND, STOP_BOUND, environment, until


class _Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, kept):
        self._kept = kept

    def Export(self, request, context):
        self._kept.extend(request.resource_spans)
        return trace_service_pb2.ExportTraceServiceResponse()


class _Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    def __init__(self, kept):
        self._kept = kept

    def Export(self, request, context):
        self._kept.extend(request.resource_metrics)
        return metrics_service_pb2.ExportMetricsServiceResponse()


class _Logs(logs_service_pb2_grpc.LogsServiceServicer):
    def __init__(self, kept):
        self._kept = kept

    def Export(self, request, context):
        self._kept.extend(request.resource_logs)
        return logs_service_pb2.ExportLogsServiceResponse()


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class EncryptedSink:
    """Receives spans over OTLP and TLS, without a collector between."""

    def __init__(self, certificate, key):
        self.resource_spans = []
        self._sink = grpc.server(futures.ThreadPoolExecutor(4))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(
            _Traces(self.resource_spans), self._sink
        )
        credentials = grpc.ssl_server_credentials([(key, certificate)])
        port = self._sink.add_secure_port("127.0.0.1:0", credentials)
        self.endpoint = f"https://localhost:{port}"
        self._sink.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._sink.stop(None).wait(STOP_BOUND)


def _agent():
    package = importlib.util.find_spec("rotel")
    return Path(package.submodule_search_locations[0]) / "rotel-agent"


class Collector:
    """Receives OTLP over gRPC at `endpoint`."""

    def __init__(self):
        self.resource_spans, self.resource_metrics, self.resource_logs = [], [], []
        self._sink = grpc.server(futures.ThreadPoolExecutor(4))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(
            _Traces(self.resource_spans), self._sink
        )
        metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(
            _Metrics(self.resource_metrics), self._sink
        )
        logs_service_pb2_grpc.add_LogsServiceServicer_to_server(
            _Logs(self.resource_logs), self._sink
        )
        sink_port = self._sink.add_insecure_port("127.0.0.1:0")
        self._sink.start()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        receiver = free_address()
        self.endpoint = f"http://{receiver}"
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    _agent(),
                    "start",
                    f"--otlp-grpc-endpoint={receiver}",
                    f"--otlp-http-endpoint={free_address()}",
                    "--exporter=otlp",
                    f"--otlp-exporter-endpoint=http://127.0.0.1:{sink_port}",
                    "--batch-timeout=100ms",
                    f"--pid-file={folder / 'pid'}",
                    f"--log-file={folder / 'agent-log'}",
                ],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            until(lambda: self._listens(receiver), START_BOUND, "the collector's port")
        except BaseException:
            self.close()
            raise

    def _listens(self, address):
        assert self._process.poll() is None, self._log.read_text()
        host, port = address.split(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def spans(self):
        return [
            span
            for resource in list(self.resource_spans)
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def metrics(self):
        return [
            metric
            for resource in list(self.resource_metrics)
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]

    def lines(self):
        return [
            line
            for resource in list(self.resource_logs)
            for scope in resource.scope_logs
            for line in scope.log_records
        ]

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_BOUND)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_BOUND)
        self._sink.stop(None).wait(STOP_BOUND)
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
