"""`buf curl`, as a stand-in for every client that works through reflection."""

import subprocess
import sys
from pathlib import Path

from server import CALL_BOUND, EXAMPLES, SERVICE, call_of, environment

BUF = Path(sys.executable).parent / "buf"


def curl(*arguments):
    """Runs `buf curl` over gRPC and reflection v1, which newer clients ask for first."""
    return subprocess.run(
        [
            BUF,
            "curl",
            "--http2-prior-knowledge",
            "--protocol=grpc",
            "--reflect-protocol=grpc-v1",
            *arguments,
        ],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CALL_BOUND,
    )


def ask(address, example):
    call = call_of(example)
    url = f"http://{address}/{call if '/' in call else f'{SERVICE}/{call}'}"
    return curl(f"--data=@{EXAMPLES / example}.json", url)


def listed(outcome):
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout.split()
