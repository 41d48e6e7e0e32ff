"""Where to build: a problem as proto-JSON, its search as it goes, and the plan.

    python optimize.py REQUEST.json [HOST:PORT]
"""

import sys
from pathlib import Path

from google.protobuf import json_format
from portolan.sourcing.v1 import (
    search_pb2,
    sourcing_service_pb2,
    sourcing_service_pb2_grpc,
)

from portolan_client import connect, from_decimal, from_money


def main() -> None:
    target = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:50051"
    request = sourcing_service_pb2.OptimizeSourcingRequest()
    json_format.Parse(Path(sys.argv[1]).read_text(), request)
    with connect(target) as channel:
        sourcing = sourcing_service_pb2_grpc.SourcingServiceStub(channel)
        for told in sourcing.StreamOptimization(request):
            if told.HasField("progress"):
                print(sourcing_service_pb2.SearchPhase.Name(told.progress.phase))
                continue
            answer = told.response
            print(search_pb2.TerminationReason.Name(answer.termination.reason))
            print(f"cost {from_money(answer.plan.cost.total)}")
            for flow in answer.plan.decisions.flows:
                units = from_decimal(flow.units)
                print(f"{flow.period_id}: {units} {flow.model_id} {flow.plant_id} > {flow.market_id}")


if __name__ == "__main__":
    main()
