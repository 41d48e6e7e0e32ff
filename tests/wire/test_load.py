"""The load tool measures what callers would have felt, a stall included."""

import json
import signal
import subprocess
import time

from server import BINARY, CALL_BOUND, EXAMPLES, Server


def loaded(server, *how):
    return subprocess.Popen(
        [BINARY, "bench", "load", EXAMPLES / "japan-car-may-2025.json", "--json"]
        + [f"--address=http://{server.address}", *how],
        stdout=subprocess.PIPE,
        text=True,
    )


def told(load):
    out, _ = load.communicate(timeout=CALL_BOUND)
    assert load.returncode == 0
    return json.loads(out)


def test_a_stall_counts_for_every_call_that_was_due_in_it():
    with Server() as server:
        load = loaded(server, "--rate=100", "--duration=4")
        time.sleep(1.5)
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        server.process.send_signal(signal.SIGCONT)
        figures = told(load)
    assert figures["statuses"] == {"OK": 400} and figures["not_sent"] == 0
    latency = figures["latency_ms"]
    # 150 of 400 calls were due while it stood still, and waited 0 to 1.5 s: a tool that had waited
    # for each answer before the next call would have seen one slow call.
    assert latency["max"] > 1000
    assert latency["p90"] > 500
    assert latency["p50"] < 500


def test_without_a_rate_it_takes_what_the_server_gives():
    with Server() as server:
        figures = told(loaded(server, "--callers=4", "--duration=1"))
    assert set(figures["statuses"]) == {"OK"}
    assert figures["answered_per_second"] > 50


def test_what_is_refused_is_told_apart():
    with Server(PORTOLAN__SERVER__MAX_CONCURRENT_CALLS="1") as server:
        figures = told(loaded(server, "--callers=50", "--duration=1"))
    assert set(figures["statuses"]) == {"OK", "RESOURCE_EXHAUSTED"}
    assert "try again later" in figures["messages"]["RESOURCE_EXHAUSTED"]
