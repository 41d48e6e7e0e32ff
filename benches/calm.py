"""What quotes keep of their throughput and latency while every solver is at work.

    target/release/portolan bench generate planner 1 /tmp/planner.json
    .venv/bin/python benches/planner_case.py /tmp/planner.json --write /tmp/planner-request.json
    .venv/bin/python benches/calm.py /tmp/planner-request.json --processes 1

One server, rounds in turn: quotes alone, quotes beside as many solves as there are solver processes,
none of which ends within the round. Throughput is what 16 callers get through; latency is at a fixed
rate, from when each call was due. Client, server and solvers share the machine. Printed are each
round's figures and the median of the ratios.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import threading

import grpc
from google.protobuf import json_format

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/wire"))
from collector import free_address  # noqa: E402
from operations import metrics  # noqa: E402
from reflected import Client  # noqa: E402
from server import BINARY, EXAMPLES, SOURCING, Server, until  # noqa: E402


def load(server, seconds, *how):
    told = subprocess.run(
        [BINARY, "bench", "load", EXAMPLES / "japan-car-may-2025.json", "--json"]
        + [f"--address=http://{server.address}", f"--duration={seconds}", *how],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(told.stdout)
    assert set(figures["statuses"]) == {"OK"}, figures
    return figures


def measured(server, arguments):
    throughput = load(server, arguments.seconds)["answered_per_second"]
    latency = load(server, arguments.seconds, f"--rate={arguments.rate}")["latency_ms"]
    return throughput, latency["p50"], latency["p99"]


class Solves:
    """As many solves as there are processes, under way until they are cancelled."""

    def __init__(self, client, request, processes):
        call = client.call(f"{SOURCING}/StreamOptimization")
        self.calls = [call(request, timeout=3600) for _ in range(processes)]
        self.readers = [threading.Thread(target=self._read, args=(it,)) for it in self.calls]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def _read(call):
        try:
            for _ in call:
                pass
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.CANCELLED, error

    def end(self):
        for call in self.calls:
            call.cancel()
        for reader in self.readers:
            reader.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("problem", type=pathlib.Path)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rate", type=int, default=1000)
    arguments = parser.parse_args()
    operations = free_address()
    settings = {
        "PORTOLAN__OPERATIONS__LISTEN": operations,
        "PORTOLAN__SOLVER__PROCESSES": str(arguments.processes),
        "PORTOLAN__SOLVER__MEMORY_MB": "8192",
    }
    ratios = []
    with Server(**settings) as server:
        client = Client(server.address)
        Request, _ = client.messages(f"{SOURCING}/StreamOptimization")
        request = json_format.Parse(arguments.problem.read_text(), Request())
        request.budget.time_limit.seconds = 600
        request.budget.relative_gap.value = "0"
        measured(server, arguments)
        for _ in range(arguments.rounds):
            alone = measured(server, arguments)
            solves = Solves(client, request, arguments.processes)
            busy = "portolan_solver_busy"
            until(lambda: metrics(operations)[busy] == arguments.processes, 60, "busy solvers")
            beside = measured(server, arguments)
            assert metrics(operations)[busy] == arguments.processes, "a solve ended within the round"
            solves.end()
            until(lambda: metrics(operations)[busy] == 0, 60, "idle solvers")
            ratios.append(beside[0] / alone[0])
            print(
                f"alone {alone[0]:.0f}/s, at {arguments.rate}/s p50 {alone[1]:.2f} p99 {alone[2]:.2f} ms; "
                f"beside {beside[0]:.0f}/s, p50 {beside[1]:.2f} p99 {beside[2]:.2f} ms; "
                f"throughput kept {ratios[-1]:.2f}",
                flush=True,
            )
        client.close()
    print(f"{arguments.processes} solves: throughput kept, median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
