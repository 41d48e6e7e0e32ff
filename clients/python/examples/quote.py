"""What one entry costs at the border, and what a refusal says.

    python quote.py [HOST:PORT]
"""

import datetime
import sys

import grpc
from portolan.tariff.v1 import duty_service_pb2, duty_service_pb2_grpc, entry_pb2

from portolan_client import connect, date, decimal, fault, from_money, money


def entry(goods_code: str) -> entry_pb2.Entry:
    goods = entry_pb2.Goods(
        goods_code=goods_code,
        origin_region_code="JP",
        transaction_value=money("30000", "USD"),
        freight=money("1150", "USD"),
        quantities=[entry_pb2.Quantity(amount=decimal(1), unit_code="NAR")],
    )
    return entry_pb2.Entry(
        importer_region_code="US",
        entry_date=date(datetime.date(2025, 5, 15)),
        transport_mode=entry_pb2.TRANSPORT_MODE_OCEAN,
        lines=[entry_pb2.EntryLine(line_id="car", goods=goods)],
    )


def main() -> None:
    target = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
    with connect(target) as channel:
        duties = duty_service_pb2_grpc.DutyServiceStub(channel)
        for goods_code in ("8703.23.01", "8703.99.99"):
            request = duty_service_pb2.CalculateDutyRequest(entry=entry(goods_code))
            try:
                answer = duties.CalculateDuty(request)
            except grpc.RpcError as error:
                told = fault(error)
                print(f"{goods_code}: {told.reason} (request {told.request_id})")
                for violation in told.violations:
                    print(f"  {violation.path}: {violation.message} [{violation.reason}]")
                continue
            lowest, highest = from_money(answer.lowest_total), from_money(answer.highest_total)
            # An open question of law or fact leaves a range, never a guess.
            total = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
            print(f"{goods_code}: {total} USD, by {answer.provenance.schedule_revision}")


if __name__ == "__main__":
    main()
