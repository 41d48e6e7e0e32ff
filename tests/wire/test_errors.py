"""What a caller is told when a call fails."""

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from reflected import Client
from server import CALL_BOUND, METHOD, SERVICE, Server


def failure(call, *arguments, **named):
    """The error of a call that must fail."""
    with pytest.raises(grpc.RpcError) as error:
        call(*arguments, **{"timeout": CALL_BOUND} | named)
    return error.value


def detail(error, kind):
    """The one detail of this kind in the rich status."""
    status = rpc_status.from_call(error)
    assert status is not None, error
    found = [any_detail for any_detail in status.details if any_detail.Is(kind.DESCRIPTOR)]
    assert len(found) == 1, status
    message = kind()
    assert found[0].Unpack(message)
    return message


def test_all_faults_are_told_at_once(client):
    error = failure(client.calculate_duty, client.request("bad-request"))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    violations = detail(error, error_details_pb2.BadRequest).field_violations
    assert sorted(violation.field for violation in violations) == [
        "entry.entry_date",
        "entry.lines[0].goods.goods_code",
        "entry.lines[0].goods.origin_region_code",
        "entry.lines[0].goods.transaction_value",
    ]
    reasons = {violation.field: violation.reason for violation in violations}
    assert reasons["entry.lines[0].goods.goods_code"] == "GOODS_CODE_NOT_IN_SCHEDULE"
    for violation in violations:
        assert violation.description
        assert violation.reason and violation.reason == violation.reason.upper()


def test_an_empty_request_names_what_is_missing(client):
    error = failure(client.calculate_duty, client.Request())
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    violations = detail(error, error_details_pb2.BadRequest).field_violations
    assert [violation.field for violation in violations] == ["entry"]


def test_an_unknown_schedule_is_not_found(client):
    request = client.request("japan-car-may-2025")
    request.schedule = "schedules/no-such-schedule"
    error = failure(client.calculate_duty, request)
    assert error.code() == grpc.StatusCode.NOT_FOUND
    assert detail(error, error_details_pb2.ErrorInfo).reason == "SCHEDULE_NOT_FOUND"


def test_a_passed_deadline_ends_the_call_and_not_the_server(client):
    error = failure(client.calculate_duty, client.large_request(), timeout=0.000_001)
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert client.ask("japan-car-may-2025").HasField("totals")


def test_an_oversized_message_is_refused(client):
    request = client.Request(schedule="s" * (64 << 20))
    error = failure(client.calculate_duty, request)
    assert error.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.OUT_OF_RANGE)
    assert client.ask("japan-car-may-2025").HasField("totals")


def test_bytes_that_are_no_message_do_not_harm(client):
    raw = client.channel.unary_unary(METHOD)
    error = failure(raw, b"\xff" * 64)
    assert error.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL)
    assert client.ask("japan-car-may-2025").HasField("totals")


@pytest.mark.parametrize(
    "method", [f"/{SERVICE}/NoSuchMethod", "/portolan.tariff.v1.NoSuchService/CalculateDuty"]
)
def test_an_unknown_method_is_unimplemented(client, method):
    error = failure(client.channel.unary_unary(method), b"")
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED


def test_calls_beyond_the_limit_are_told_when_to_come_back():
    with Server(PORTOLAN__SERVER__MAX_CONCURRENT_CALLS="1") as server:
        client = Client(server.address)
        request = client.large_request(100).SerializeToString()
        call = client.channel.unary_unary(METHOD)
        calls = [call.future(request, timeout=CALL_BOUND) for _ in range(64)]
        errors = [error for call in calls if (error := call.exception(timeout=CALL_BOUND))]
        assert len(errors) < len(calls), "one call at a time is let in"
        # How many meet the limit depends on the machine; each that does is told when to retry.
        for error in errors:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            retry = detail(error, error_details_pb2.RetryInfo)
            assert retry.retry_delay.ToNanoseconds() > 0
        assert client.ask("japan-car-may-2025").HasField("totals"), "the limit is free again"
        client.close()
