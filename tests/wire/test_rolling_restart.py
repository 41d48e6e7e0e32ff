"""Replicas restarted one after the other under load: no call fails, as a caller sees it who uses the
service config we ship."""

import os
import shutil
import subprocess
import threading
import time

import grpc
import pytest

from collector import free_address
from reflected import Client
from server import CALL_BOUND, METHOD, ROOT, START_BOUND, STOP_BOUND, Server, environment, until

SERVICE_CONFIG = (ROOT / "deploy/client/service-config.json").read_text()
CALLERS = 6
SETTINGS = {"PORTOLAN__SERVER__ROUTING_DELAY_MS": "1500", "PORTOLAN__SERVER__DRAIN_GRACE_MS": "10000"}


class Replica:
    """A server that can be restarted in its place."""

    def __init__(self):
        self.address, self.operations = free_address(), free_address()
        self.server = self.started()

    def started(self):
        return Server(
            listen=self.address, PORTOLAN__OPERATIONS__LISTEN=self.operations, **SETTINGS
        )

    def restart(self):
        self.server.terminate()
        assert self.server.exit_code() == 0, self.server.log()
        self.server.kill()
        self.server = self.started()


class Haproxy:
    """Ours, from deploy/."""

    def __init__(self, replicas):
        self.address = free_address()
        variables = {"PORTOLAN_FRONT": self.address}
        for name, replica in zip("AB", replicas):
            variables[f"PORTOLAN_{name}"] = replica.address
            variables[f"PORTOLAN_{name}_OPERATIONS"] = replica.operations.rpartition(":")[2]
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
        self.process = subprocess.Popen(
            [shutil.which("haproxy", path=path), "-f", ROOT / "deploy/haproxy/haproxy.cfg"],
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
        )

    def close(self):
        self.process.terminate()
        self.process.wait(STOP_BOUND)


@pytest.fixture
def replicas():
    replicas = [Replica(), Replica()]
    yield replicas
    for replica in replicas:
        replica.server.kill()


class Load:
    """Callers that ask for a duty again and again, each over the one channel."""

    def __init__(self, target, request):
        options = [
            ("grpc.service_config", SERVICE_CONFIG),
            # Several addresses joined are no authority.
            ("grpc.default_authority", "portolan"),
            ("grpc.enable_http_proxy", 0),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        self.channel = grpc.insecure_channel(target, options)
        self.answered, self.failed = 0, []
        self._ask = self.channel.unary_unary(METHOD, request_serializer=lambda it: it)
        self._request, self._stop = request, threading.Event()
        self._lock = threading.Lock()
        self._callers = [threading.Thread(target=self._call) for _ in range(CALLERS)]
        # Until there is a way through nothing is a failure of the restart.
        self._ask(request, timeout=CALL_BOUND, wait_for_ready=True)
        for caller in self._callers:
            caller.start()

    def _call(self):
        while not self._stop.is_set():
            try:
                self._ask(self._request)
            except grpc.RpcError as error:
                with self._lock:
                    self.failed.append(error)
            else:
                with self._lock:
                    self.answered += 1

    def end(self):
        self._stop.set()
        for caller in self._callers:
            caller.join(CALL_BOUND)
        self.channel.close()


def request_of(replica):
    client = Client(replica.address)
    request = client.request("japan-car-may-2025").SerializeToString()
    client.close()
    return request


def restarted_under_load(load, replicas):
    seen = []
    for replica in replicas:
        time.sleep(1)
        replica.restart()
        seen.append(load.answered)
    time.sleep(1)
    load.end()
    assert not load.failed, (len(load.failed), load.failed[:3])
    # It went on while each of them was away.
    assert 0 < seen[0] < seen[1] < load.answered


def test_behind_haproxy_a_rolling_restart_fails_no_call(replicas):
    haproxy = Haproxy(replicas)
    try:
        load = Load(haproxy.address, request_of(replicas[0]))
        restarted_under_load(load, replicas)
    finally:
        haproxy.close()


def test_with_balancing_by_the_client_a_rolling_restart_fails_no_call(replicas):
    target = "ipv4:" + ",".join(replica.address for replica in replicas)
    load = Load(target, request_of(replicas[0]))
    restarted_under_load(load, replicas)


def test_a_replica_killed_outright_is_retried_elsewhere(replicas):
    """No drain at all: calls go to the other, but for those whose answer had begun to arrive, which
    gRPC does not ask again."""
    target = "ipv4:" + ",".join(replica.address for replica in replicas)
    load = Load(target, request_of(replicas[0]))
    time.sleep(1)
    replicas[0].server.process.kill()
    before = load.answered
    until(lambda: load.answered > before + 100, START_BOUND, "answers of the other")
    load.end()
    assert len(load.failed) <= CALLERS, load.failed[:3]
    assert {error.code() for error in load.failed} <= {grpc.StatusCode.UNAVAILABLE}
