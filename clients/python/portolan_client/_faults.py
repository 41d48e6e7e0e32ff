"""What a refusal says."""

from dataclasses import dataclass, field

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status


@dataclass(frozen=True)
class Violation:
    """A field at fault: its path from the request, why, and a stable reason."""

    path: str
    message: str
    reason: str


@dataclass(frozen=True)
class Fault:
    """A status with its details (google/rpc/error_details.proto)."""

    code: grpc.StatusCode
    message: str
    # Stable, of the domain "portolan": INVALID_REQUEST, SERVER_BUSY, ...; empty where there is none.
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    # Every fault of the request, not the first alone.
    violations: tuple[Violation, ...] = ()
    # When to ask again, in seconds, where that is worth while.
    retry_after: float | None = None
    # What to quote to those who run the server: the id of the call's trace.
    request_id: str = ""


def fault(error: grpc.RpcError) -> Fault:
    """What an error of a call says, with all details the server gave."""
    code, message = error.code(), error.details() or ""
    reason, request_id, retry_after = "", "", None
    metadata: dict[str, str] = {}
    violations: list[Violation] = []
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        bad, retry = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        request = error_details_pb2.RequestInfo()
        if detail.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad):
            violations += [
                Violation(each.field, each.description, each.reason)
                for each in bad.field_violations
            ]
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.ToTimedelta().total_seconds()
        elif detail.Unpack(request):
            request_id = request.request_id
    return Fault(code, message, reason, metadata, tuple(violations), retry_after, request_id)
