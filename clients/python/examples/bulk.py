"""Many entries over one stream: each is answered in its order, a fault in its place.

    python bulk.py [HOST:PORT] [COUNT]
"""

import sys
from collections.abc import Iterator

from portolan.tariff.v1 import duty_service_pb2, duty_service_pb2_grpc

from portolan_client import connect, from_money
from quote import entry


def questions(count: int) -> Iterator[duty_service_pb2.StreamDutyRequest]:
    for number in range(count):
        # Every seventh is of a code that no schedule holds.
        goods_code = "8703.99.99" if number % 7 == 6 else "8703.23.01"
        yield duty_service_pb2.StreamDutyRequest(
            request_id=f"entry-{number}",
            request=duty_service_pb2.CalculateDutyRequest(
                entry=entry(goods_code), view=duty_service_pb2.ASSESSMENT_VIEW_BASIC
            ),
        )


def main() -> None:
    target = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    last, faults = "", 0
    with connect(target) as channel:
        duties = duty_service_pb2_grpc.DutyServiceStub(channel)
        for answer in duties.StreamDuty(questions(count)):
            if answer.WhichOneof("result") == "error":
                faults += 1
            else:
                last = f"{answer.request_id} {from_money(answer.response.highest_total)} USD"
    print(f"{count - faults} answered, {faults} at fault; the last: {last}")


if __name__ == "__main__":
    main()
