"""Starts, asks and stops the real binary. Every wait here is bounded."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / os.environ.get("PORTOLAN_BIN", "target/release/portolan")
EXAMPLES = ROOT / "examples"
SERVICE = "portolan.tariff.v1.DutyService"
METHOD = f"/{SERVICE}/CalculateDuty"
SOURCING = "portolan.sourcing.v1.SourcingService"

# Examples ask for what their fields belong to; all others for the duty of one entry.
CALLS = {
    "candidates": "CompareOrigins",
    "dates": "CompareDates",
    "creditId": "CalculateCredit",
    "from": f"{SOURCING}/ComparePlans",
    "forcedOrigins": f"{SOURCING}/ExplainPlan",
    "decisions": f"{SOURCING}/EvaluatePlan",
    "problem": f"{SOURCING}/OptimizeSourcing",
}

SERVING = re.compile(r"^portolan is serving on (\S+)$", re.MULTILINE)

# Bounds against hangs on a loaded machine; nothing is measured with them.
START_BOUND = 60
STOP_BOUND = 60
CALL_BOUND = 60


def environment(**settings):
    """The caller's environment without settings of ours, and these settings instead."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PORTOLAN__", "OTEL_")) and "proxy" not in name.lower()
    }
    return kept | settings


def call_of(example):
    """The call of `examples/{example}.json`; one of another service has that before a slash."""
    fields = json.loads((EXAMPLES / f"{example}.json").read_text())
    return next((call for field, call in CALLS.items() if field in fields), "CalculateDuty")


def run(*arguments, **settings):
    """Runs the binary to its end."""
    return subprocess.run(
        [BINARY, *arguments],
        cwd=ROOT,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )


def until(condition, bound, what):
    """Polls until `condition()` is true and returns its value."""
    end = time.monotonic() + bound
    while not (value := condition()):
        assert time.monotonic() < end, f"{what}: not within {bound} s"
        time.sleep(0.02)
    return value


class Server:
    """A server, on a port of its own unless told otherwise."""

    def __init__(self, *arguments, listen="127.0.0.1:0", **settings):
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.stdout, self.stderr = folder / "stdout", folder / "stderr"
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--listen", listen, *arguments],
                cwd=ROOT,
                env=environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        try:
            self.address = until(self._serving, START_BOUND, "the SERVING line")
        except BaseException:
            self.kill()
            raise

    def _serving(self):
        found = SERVING.search(self.stdout.read_text())
        if not found:
            assert self.process.poll() is None, f"the server ended: {self.log()}"
        return found and found[1]

    def log(self):
        return self.stderr.read_text(errors="replace")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self):
        """Waits for the end of the process."""
        return self.process.wait(STOP_BOUND)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(STOP_BOUND)
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
