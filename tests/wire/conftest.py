import pytest

from reflected import Client
from server import Server


@pytest.fixture(scope="session")
def server():
    with Server() as server:
        yield server
        if server.process.poll() is None:
            server.terminate()
            assert server.exit_code() == 0, server.log()


@pytest.fixture(scope="session")
def client(server):
    client = Client(server.address)
    yield client
    client.close()
