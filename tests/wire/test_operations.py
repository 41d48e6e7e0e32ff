"""The operations port: probes and metrics, beside the port of calls."""

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from collector import free_address
from operations import metrics, scrape, status
from reflected import Client
from server import CALL_BOUND, METHOD, SOURCING, Server, until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def probe(address, service=""):
    """As a kubelet probes: a connection of its own, in plain text."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(address, options) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=CALL_BOUND).status


def operated(**settings):
    address = free_address()
    server = Server(PORTOLAN__OPERATIONS__LISTEN=address, **settings)
    server.operations = address
    return server


def test_a_stopping_server_is_not_ready_and_still_alive():
    settings = {"PORTOLAN__SERVER__ROUTING_DELAY_MS": "1500"}
    with operated(**settings) as server:
        assert probe(server.operations) == SERVING
        assert probe(server.operations, "liveness") == SERVING
        assert status(server.operations, "/readyz") == status(server.operations, "/livez") == 200
        server.terminate()
        until(lambda: probe(server.operations) == NOT_SERVING, CALL_BOUND, "NOT_SERVING")
        assert probe(server.operations, "liveness") == SERVING
        assert status(server.operations, "/readyz") == 503
        assert status(server.operations, "/livez") == 200
        assert server.exit_code() == 0, server.log()


def test_calls_queues_and_the_law_are_measured():
    with operated() as server:
        client = Client(server.address)
        request = client.request("sourcing-two-plants")
        client.call(f"{SOURCING}/OptimizeSourcing")(request, timeout=CALL_BOUND)
        client.calculate_duty(client.request("japan-car-may-2025"), timeout=CALL_BOUND)
        told = metrics(server.operations)
        duration = "rpc_server_call_duration_seconds_count"
        for method in (METHOD.lstrip("/"), f"{SOURCING}/OptimizeSourcing"):
            labels = f'rpc_method="{method}",rpc_response_status_code="OK",rpc_system_name="grpc"'
            assert told[f"{duration}{{{labels}}}"] == 1
        for kind in ("quote", "bulk", "solve"):
            labels = f'{{class="{kind}"}}'
            assert told[f"portolan_admission_active_calls{labels}"] == 0
            assert told[f"portolan_admission_limit{labels}"] > 0
            assert told[f"portolan_admission_refused_calls_total{labels}"] == 0
        assert told["portolan_connections"] >= 1
        assert told["portolan_solver_processes"] == 1
        assert told["portolan_solver_queue_duration_seconds_count"] >= 1
        assert told["portolan_solver_gap_ratio_count"] >= 1
        (age,) = [value for name, value in told.items() if name.startswith("portolan_schedule_age")]
        assert age > 0
        client.close()


def test_what_is_refused_is_counted_by_class():
    settings = {"PORTOLAN__SERVER__MAX_CONCURRENT_SOLVES": "1"}
    with operated(**settings) as server:
        client = Client(server.address)
        request = client.request("sourcing-two-plants")
        stream = client.call(f"{SOURCING}/StreamOptimization")(request, timeout=CALL_BOUND)
        # The stream holds its place until it is read to its end.
        next(iter(stream))
        call = client.call(f"{SOURCING}/EvaluatePlan")
        try:
            call(type(client.messages(f"{SOURCING}/EvaluatePlan")[0]())(), timeout=CALL_BOUND)
        except grpc.RpcError as error:
            code = error.code()
        refused = metrics(server.operations)['portolan_admission_refused_calls_total{class="solve"}']
        # A stream that had ended by then left its place free.
        assert (refused == 1) == (code == grpc.StatusCode.RESOURCE_EXHAUSTED)
        stream.cancel()
        client.close()


def test_metrics_hold_nothing_of_a_path_that_is_made_up():
    with operated() as server:
        client = Client(server.address)
        for number in range(20):
            method = client.channel.unary_unary(f"/made.up/Method{number}")
            try:
                method(b"", timeout=CALL_BOUND)
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNIMPLEMENTED
        text = scrape(server.operations)
        assert "made" not in text
        assert 'rpc_method="_OTHER"' in text
        client.close()
