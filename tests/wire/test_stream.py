"""StreamDuty as grpcio sees it, and `portolan stream` over it."""

import json
import queue
import subprocess

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from reflected import Client, amount
from server import BINARY, CALL_BOUND, EXAMPLES, ROOT, STOP_BOUND, Server, environment, run

ENTRIES = ("japan-car-may-2025", "bad-request", "uk-car-may-2025")


class Asking:
    """Requests handed on one by one; iterating ends when it is closed."""

    def __init__(self):
        self._waiting = queue.Queue()

    def ask(self, request):
        self._waiting.put(request)

    def close(self):
        self._waiting.put(None)

    def __iter__(self):
        return iter(self._waiting.get, None)


def item(client, request_id, example):
    request, _ = client.messages("StreamDuty")
    return request(request_id=request_id, request=client.request(example))


def test_entries_are_answered_in_order_and_faults_in_their_place(client):
    items = [item(client, f"entry-{place}", example) for place, example in enumerate(ENTRIES)]
    answers = list(client.call("StreamDuty")(iter(items), timeout=CALL_BOUND))
    assert [answer.request_id for answer in answers] == ["entry-0", "entry-1", "entry-2"]
    first, faulty, last = answers
    assert first.response == client.ask("japan-car-may-2025")
    assert last.response == client.ask("uk-car-may-2025")
    # The status the call of its own would have ended with.
    with pytest.raises(grpc.RpcError) as refused:
        client.ask("bad-request")
    status = rpc_status.from_call(refused.value)
    assert faulty.error.code == status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert faulty.error.message == status.message
    # But for the id of the call, which is that of the stream here.
    assert status.details.pop().type_url.endswith("google.rpc.RequestInfo")
    assert faulty.error.SerializeToString() == status.SerializeToString()


def test_a_stream_is_answered_while_it_is_asked(client):
    asking = Asking()
    answers = client.call("StreamDuty")(iter(asking), timeout=CALL_BOUND)
    for number in range(3):
        asking.ask(item(client, str(number), "japan-car-may-2025"))
        assert next(answers).request_id == str(number)
    asking.close()
    assert list(answers) == []


def test_a_stream_is_told_where_to_resume_when_the_server_stops():
    with Server() as server:
        client = Client(server.address)
        asking = Asking()
        answers = client.call("StreamDuty")(iter(asking), timeout=CALL_BOUND)
        for request_id in ("first", "second"):
            asking.ask(item(client, request_id, "japan-car-may-2025"))
            assert next(answers).request_id == request_id
        server.terminate()
        with pytest.raises(grpc.RpcError) as ended:
            next(answers)
        assert ended.value.code() == grpc.StatusCode.UNAVAILABLE
        detail, _ = rpc_status.from_call(ended.value).details
        info = error_details_pb2.ErrorInfo()
        assert detail.Unpack(info)
        assert (info.reason, info.metadata["last_answered_id"]) == ("DRAINING", "second")
        asking.close()
        client.close()
        assert server.exit_code() == 0, server.log()


def line(example):
    """An example on one line."""
    return json.dumps(json.loads((EXAMPLES / f"{example}.json").read_text()))


def test_the_command_answers_a_line_with_a_line(server, client, tmp_path):
    lines = [line("japan-car-may-2025"), line("bad-request"), "", "{", line("uk-car-may-2025")]
    asked = tmp_path / "asked.jsonl"
    asked.write_text("\n".join(lines) + "\n")
    outcome = run("stream", str(asked), "--address", f"http://{server.address}")
    answers = [json.loads(text) for text in outcome.stdout.splitlines()]
    # Ids are numbers of lines; the empty one asks nothing.
    assert [answer["requestId"] for answer in answers] == ["1", "2", "4", "5"]
    totals = [answer["response"]["totals"] for answer in (answers[0], answers[3])]
    assert [total["duty"]["units"] for total in totals] == ["8250", "8250"]
    assert [answers[place]["error"]["code"] for place in (1, 2)] == [3, 3]
    (found,) = [d for d in answers[1]["error"]["details"] if d["@type"].endswith("BadRequest")]
    assert len(found["fieldViolations"]) == 4
    assert outcome.returncode == 1
    assert "2 of 4 lines are faulty" in outcome.stderr


def test_the_command_ends_well_where_nothing_is_faulty(server, tmp_path):
    asked = tmp_path / "asked.jsonl"
    asked.write_text((line("japan-car-may-2025") + "\n") * 200)
    outcome = run("stream", str(asked), "--address", f"http://{server.address}")
    assert outcome.returncode == 0, outcome.stderr
    ids = [json.loads(text)["requestId"] for text in outcome.stdout.splitlines()]
    assert ids == [str(number) for number in range(1, 201)]
    assert outcome.stderr == ""


def test_the_command_tells_the_last_answer_before_the_server_stopped():
    with Server() as server:
        command = subprocess.Popen(
            [BINARY, "stream", "-", "--address", f"http://{server.address}"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            for number in (1, 2):
                command.stdin.write(line("japan-car-may-2025") + "\n")
                command.stdin.flush()
                assert json.loads(command.stdout.readline())["requestId"] == str(number)
            # Its input stays open: it waits for lines, and learns of the end all the same.
            server.terminate()
            assert command.wait(STOP_BOUND) == 1
            assert "last answered id: 2" in command.stderr.read()
        finally:
            command.kill()
            command.communicate(timeout=STOP_BOUND)
        assert server.exit_code() == 0, server.log()


def test_a_stream_of_an_entry_of_many_lines_keeps_its_place(client):
    request, _ = client.messages("StreamDuty")
    items = [
        request(request_id="large", request=client.large_request(200)),
        item(client, "small", "japan-car-may-2025"),
    ]
    large, small = client.call("StreamDuty")(iter(items), timeout=CALL_BOUND)
    assert (large.request_id, small.request_id) == ("large", "small")
    assert len(large.response.lines) == 200
    # 200 times 8,250.00.
    assert amount(large.response.totals.duty) == 200 * amount(small.response.totals.duty)
