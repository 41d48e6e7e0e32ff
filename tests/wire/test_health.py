"""The health service, as probes ask it."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from server import CALL_BOUND, SERVICE


def check(client, service):
    stub = health_pb2_grpc.HealthStub(client.channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=CALL_BOUND).status


@pytest.mark.parametrize("service", ["", SERVICE])
def test_serving(client, service):
    assert check(client, service) == health_pb2.HealthCheckResponse.SERVING


def test_an_unknown_service_is_not_found(client):
    with pytest.raises(grpc.RpcError) as error:
        check(client, "portolan.tariff.v1.NoSuchService")
    assert error.value.code() == grpc.StatusCode.NOT_FOUND
