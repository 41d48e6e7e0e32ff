"""Load held, faults injected, calls lost: two replicas under load while something goes wrong.

    .venv/bin/python benches/faults.py [--seconds 20] [--rounds 3]

Callers are Python grpcio with the service config we ship, six threads over one channel. A round is
some seconds of load with the fault in its midst; printed are calls answered and calls failed.
"""

import argparse
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/wire"))
from test_rolling_restart import Haproxy, Load, Replica, request_of  # noqa: E402


def restart(replicas):
    for replica in replicas:
        replica.restart()


def kill(replicas):
    replicas[0].server.process.kill()


def kill_solvers(replicas):
    """Every solver process of both, at once."""
    for replica in replicas:
        parent = replica.server.process.pid
        for task in pathlib.Path(f"/proc/{parent}/task").iterdir():
            for child in (task / "children").read_text().split():
                os.kill(int(child), signal.SIGKILL)


def stall(replicas):
    """One stands still for two seconds, its connections open."""
    process = replicas[0].server.process
    process.send_signal(signal.SIGSTOP)
    time.sleep(2)
    process.send_signal(signal.SIGCONT)


FAULTS = {
    "nothing": lambda replicas: None,
    "both restarted, one after the other": restart,
    "one killed (SIGKILL)": kill,
    "one stopped for 2 s (SIGSTOP)": stall,
    "all solver processes killed": kill_solvers,
}


def round_of(fault, balanced_by, seconds):
    replicas = [Replica(), Replica()]
    haproxy = Haproxy(replicas) if balanced_by == "haproxy" else None
    try:
        several = "ipv4:" + ",".join(replica.address for replica in replicas)
        load = Load(haproxy.address if haproxy else several, request_of(replicas[0]))
        began = time.monotonic()
        time.sleep(seconds / 4)
        fault(replicas)
        time.sleep(max(0, began + seconds - time.monotonic()))
        load.end()
        codes = {error.code().name for error in load.failed}
        return load.answered, len(load.failed), codes
    finally:
        if haproxy:
            haproxy.close()
        for replica in replicas:
            replica.server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for balanced_by in ("haproxy", "the client"):
        for name, fault in FAULTS.items():
            for _ in range(arguments.rounds):
                answered, failed, codes = round_of(fault, balanced_by, arguments.seconds)
                print(f"{balanced_by}: {name}: {answered} answered, {failed} failed {codes or ''}", flush=True)


if __name__ == "__main__":
    main()
