"""The package against a server: what an integrator would paste runs, and types hold."""

import json
import subprocess
import sys
import zipfile

import grpc
import pytest

from conftest import CLIENT, INSTALL_BOUND, ROOT


def example(installed, name, *arguments):
    told = installed.run(CLIENT / "examples" / name, *arguments)
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


def test_the_wheel_holds_stubs_types_and_the_service_config(installed):
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    for service in ("tariff/v1/duty_service", "sourcing/v1/sourcing_service"):
        for suffix in ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi"):
            assert f"portolan/{service}{suffix}" in names
    assert {"portolan_client/py.typed", "portolan_client/service-config.json"} <= names
    # Google's own come from its package.
    assert not [name for name in names if name.startswith("google/")]


def test_an_entry_is_quoted_and_a_refusal_told(installed, server):
    quoted, refused, *faults = example(installed, "quote.py", server.address)
    # 25 % and 2.5 % on 30,000 dollars, and fees (HTSUS 8703.23.01, ch. 99 III note 33; 19 CFR 24.23).
    amount = quoted.removeprefix("8703.23.01: ").split(" ")[0]
    assert float(amount) >= 8250
    assert "by schedules/vehicles@" in quoted
    assert refused.startswith("8703.99.99: INVALID_REQUEST (request ")
    assert faults and all("goods_code" in line for line in faults)


def test_a_stream_of_entries_is_answered(installed, server):
    (told,) = example(installed, "bulk.py", server.address, "70")
    assert told.startswith("60 answered, 10 at fault; the last: entry-68 ")


def test_a_plan_is_searched_for(installed, server):
    request = ROOT / "examples/sourcing-two-plants.json"
    told = example(installed, "optimize.py", request, server.address)
    assert "TERMINATION_REASON_OPTIMAL" in told
    assert any(line.startswith("cost ") for line in told)


def test_types_hold(installed):
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", CLIENT / "pyproject.toml"]
        + [f"--python-executable={installed.python}", f"--cache-dir={installed.folder / 'mypy'}"]
        + [CLIENT / "portolan_client", CLIENT / "examples"],
        capture_output=True,
        text=True,
        timeout=INSTALL_BOUND,
        cwd=installed.folder,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_service_config_is_the_one_we_ship_and_grpc_takes_it(client_package, server):
    shipped = (ROOT / "deploy/client/service-config.json").read_text()
    assert client_package.service_config() == shipped
    with client_package.connect(server.address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"", timeout=60) == b"\x08\x01"
    broken = json.dumps({"methodConfig": [{"name": [{}], "timeout": "ten seconds"}]})
    with client_package.connect(server.address, config=broken) as channel:
        with pytest.raises(grpc.RpcError):
            channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=60)
