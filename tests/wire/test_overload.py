"""More than a server takes: what is refused is told so and when to come back, and nothing is lost."""

import threading
import time

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from collector import free_address
from operations import metrics
from reflected import Client
from server import CALL_BOUND, Server

BURST = 1000


def test_a_burst_over_one_connection_is_answered_or_refused_and_the_connection_stays():
    address = free_address()
    settings = {
        "PORTOLAN__OPERATIONS__LISTEN": address,
        "PORTOLAN__SERVER__MAX_CONCURRENT_CALLS": "8",
    }
    with Server(**settings) as server:
        client = Client(server.address)
        request = client.request("japan-car-may-2025")
        # All at once: begun together, ended as they come.
        calls = [client.calculate_duty.future(request, timeout=CALL_BOUND) for _ in range(BURST)]
        errors = [error for call in calls if (error := call.exception())]
        assert {error.code() for error in errors} <= {grpc.StatusCode.RESOURCE_EXHAUSTED}
        for error in errors[:10]:
            details = rpc_status.from_call(error).details
            retry = error_details_pb2.RetryInfo()
            assert any(detail.Unpack(retry) for detail in details)
            assert retry.retry_delay.ToTimedelta().total_seconds() > 0
        told = metrics(address)
        assert told['portolan_admission_refused_calls_total{class="quote"}'] == len(errors)
        # One connection carried it all, and carries on.
        assert told["portolan_connections"] == 1
        client.calculate_duty(request, timeout=CALL_BOUND)
        client.close()


@pytest.mark.parametrize("method", ["grpc.health.v1.Health/Check"])
def test_health_never_waits(method):
    settings = {"PORTOLAN__SERVER__MAX_CONCURRENT_CALLS": "1"}
    with Server(**settings) as server:
        client = Client(server.address)
        request = client.request("japan-car-may-2025")
        stop = threading.Event()

        def ask():
            while not stop.is_set():
                try:
                    client.calculate_duty(request, timeout=CALL_BOUND)
                except grpc.RpcError as error:
                    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED

        askers = [threading.Thread(target=ask) for _ in range(8)]
        for asker in askers:
            asker.start()
        try:
            check = client.channel.unary_unary(f"/{method}")
            for _ in range(200):
                assert check(b"", timeout=CALL_BOUND) == b"\x08\x01"
        finally:
            stop.set()
            for asker in askers:
                asker.join(CALL_BOUND)
        client.close()


def test_a_connection_that_has_grown_old_is_renewed_and_no_call_fails():
    address = free_address()
    settings = {
        "PORTOLAN__OPERATIONS__LISTEN": address,
        "PORTOLAN__SERVER__MAX_CONNECTION_AGE_MS": "200",
    }
    with Server(**settings) as server:
        client = Client(server.address)
        request = client.request("japan-car-may-2025")
        states = []
        client.channel.subscribe(states.append)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            client.calculate_duty(request, timeout=CALL_BOUND)
        renewed = [state for state in states if state == grpc.ChannelConnectivity.READY]
        assert len(renewed) >= 3, states
        assert metrics(address)["portolan_connections"] <= 2
        client.close()
