"""SIGTERM under load: calls in flight are answered, later ones are told to go elsewhere."""

import threading

import grpc

from reflected import Client
from server import CALL_BOUND, METHOD, STOP_BOUND, Server, until

CALLERS = 4


class Caller(threading.Thread):
    """Calls without a pause until a call fails, and keeps that error."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.client = Client(address)
        # Bytes in, bytes out: several threads at once would strain the Python messages, which are
        # not what is tested here.
        self.call = self.client.channel.unary_unary(METHOD)
        self.request = self.client.large_request(200).SerializeToString()
        self.answers = 0
        self.error = None

    def run(self):
        while self.error is None:
            self.error = self.call.future(self.request, timeout=CALL_BOUND).exception()
            self.answers += self.error is None


def test_sigterm_drains_and_exits_zero():
    with Server(PORTOLAN__SERVER__DRAIN_GRACE_MS="10000") as server:
        callers = [Caller(server.address) for _ in range(CALLERS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            until(lambda: caller.answers or caller.error, CALL_BOUND, "a first answer")
            assert caller.answers, (caller.error, server.process.poll(), server.log())
        server.terminate()
        assert server.exit_code() == 0, server.log()
        for caller in callers:
            caller.join(STOP_BOUND)
            assert not caller.is_alive()
            assert caller.error.code() == grpc.StatusCode.UNAVAILABLE, caller.error
            caller.client.close()


def test_stdout_holds_the_serving_line_alone():
    with Server() as server:
        server.terminate()
        assert server.exit_code() == 0, server.log()
        assert server.stdout.read_text() == f"portolan is serving on {server.address}\n"
