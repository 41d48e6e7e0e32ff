"""The command line: requests from files, settings and how they are refused."""

import json
import sys

import pytest
from google.protobuf import json_format

from server import EXAMPLES, Server, run

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def example(name):
    return str(EXAMPLES / f"{name}.json")


@pytest.mark.parametrize("name", ["japan-car-may-2025", "uk-car-in-quota", "mexico-us-content"])
def test_json_is_the_answer_grpcio_gets(server, client, name):
    outcome = run("duty", example(name), "--address", f"http://{server.address}", "--json")
    assert outcome.returncode == 0, outcome.stderr
    assert json_format.Parse(outcome.stdout, client.Response()) == client.ask(name)


def test_tables_show_what_is_charged_and_what_is_not(server):
    outcome = run(
        "duty", example("japan-car-may-2025"), "--address", f"http://{server.address}"
    )
    assert outcome.returncode == 0, outcome.stderr
    for shown in ("9903.94.01", "9903.01.25", "8,250.00"):
        assert shown in outcome.stdout


def test_origins_and_dates_make_a_matrix(server):
    outcome = run(
        *("duty", "--address", f"http://{server.address}", "--code", "8703.23.01"),
        *("--value", "30000 USD", "--origin", "JP", "--origin", "GB"),
        *("--entry-date", "2025-09-15", "--entry-date", "2025-09-16"),
    )
    assert outcome.returncode == 0, outcome.stderr
    for shown in ("JP", "GB", "2025-09-15", "2025-09-16"):
        assert shown in outcome.stdout


def test_a_bad_request_is_refused_with_every_field(server):
    outcome = run("duty", example("bad-request"), "--address", f"http://{server.address}")
    assert outcome.returncode != 0
    for field in ("entry_date", "goods_code", "origin_region_code", "transaction_value"):
        assert field in outcome.stderr


def test_settings_dumped_load_again(tmp_path):
    first = run("serve", "--dump-config", PORTOLAN__SERVER__DRAIN_GRACE_MS="1234")
    assert first.returncode == 0, first.stderr
    assert tomllib.loads(first.stdout)["server"]["drain_grace_ms"] == 1234
    dumped = tmp_path / "portolan.toml"
    dumped.write_text(first.stdout)
    second = run("serve", "--config", str(dumped), "--dump-config")
    assert second.returncode == 0, second.stderr
    assert tomllib.loads(second.stdout) == tomllib.loads(first.stdout)


def test_bad_settings_are_told_at_once():
    outcome = run(
        "serve",
        PORTOLAN__SERVER__LISTEN="nowhere",
        PORTOLAN__SERVER__MAX_CONCURRENT_CALLS="0",
        PORTOLAN__TELEMETRY__LOG_FORMAT="xml",
    )
    assert outcome.returncode != 0
    assert outcome.stdout == ""
    for setting in ("listen", "max_concurrent_calls", "log_format"):
        assert setting in outcome.stderr


def test_a_faulty_schedule_keeps_the_server_from_serving(tmp_path):
    own = tmp_path / "own"
    (own / "us").mkdir(parents=True)
    (own / "schedule.toml").write_text('id = "own"\ntitle = "Own"\nas_of = "never"\n')
    (own / "us" / "law.toml").write_text('[[document]]\nid = "a"\ncolour = "red"\n')
    outcome = run(
        "serve", "--listen", "127.0.0.1:0", PORTOLAN__SCHEDULES__FOLDER=str(tmp_path)
    )
    assert outcome.returncode != 0
    assert outcome.stdout == ""
    for fault in ("own", "as_of", "us/law.toml", "colour"):
        assert fault in outcome.stderr


def test_a_schedule_of_ones_own_is_asked_by_name(tmp_path):
    own = tmp_path / "own"
    (own / "us").mkdir(parents=True)
    (own / "schedule.toml").write_text(
        'id = "own"\ntitle = "Own"\nas_of = "2026-11-23"\nextends = "vehicles"\n'
    )
    with Server(PORTOLAN__SCHEDULES__FOLDER=str(tmp_path)) as serving:
        request = tmp_path / "request.json"
        asked = json.loads((EXAMPLES / "japan-car-may-2025.json").read_text())
        request.write_text(json.dumps(asked | {"schedule": "schedules/own"}))
        outcome = run("duty", str(request), "--address", f"http://{serving.address}", "--json")
        assert outcome.returncode == 0, outcome.stderr
        answer = json.loads(outcome.stdout)
        assert answer["provenance"]["scheduleRevision"].startswith("schedules/own@")
        assert answer["totals"]["duty"] == {"currencyCode": "USD", "units": "8250"}


OWN = """id = "own"
title = "Own"
as_of = "2026-11-23"
extends = "vehicles"
"""


def test_schedules_are_shown_without_a_server():
    listed = run("schedule", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    names = [schedule["name"] for schedule in json.loads(listed.stdout)["schedules"]]
    assert any(name.startswith("schedules/vehicles@") for name in names)
    # A ruling of 2026 voids the general duties for those who know it.
    show = ("schedule", "show", "8703.23.01", "--on", "2025-05-15", "--origin", "JP")
    then, now = run(*show, "--known-at", "2025-05-15"), run(*show)
    for shown in (then, now):
        assert shown.returncode == 0, shown.stderr
        assert "8703.23.01" in shown.stdout and "9903.94.01" in shown.stdout
    assert "9903.01.25" in then.stdout and "9903.01.25" not in now.stdout
    found = run("schedule", "search", "8703", "--limit", "1")
    assert found.returncode == 0, found.stderr
    assert "The first 1 of" in found.stdout


def test_lint_tells_the_faults_of_every_schedule(tmp_path):
    for name, head in {"first": "id = 1\n", "own": OWN, "second": OWN + "colour = 1\n"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "schedule.toml").write_text(head)
    outcome = run("schedule", "lint", str(tmp_path))
    assert outcome.returncode == 1
    assert "faulty schedules: 2 of 3" in outcome.stderr
    for told in ("first: FAULTY", "own: sound", "second: FAULTY", "colour"):
        assert told in outcome.stdout
    assert run("schedule", "lint", str(tmp_path / "own")).returncode == 0


def test_a_schedule_is_compared_with_the_one_it_extends(tmp_path):
    own = tmp_path / "own"
    (own / "us").mkdir(parents=True)
    (own / "schedule.toml").write_text(OWN)
    (own / "us" / "more.toml").write_text(
        '[[document]]\nid = "more"\ntitle = "More"\ncitation = "1"\npublished = "2026-01-01"\n'
    )
    outcome = run("schedule", "diff", "vehicles", str(own), "--json")
    assert outcome.returncode == 0, outcome.stderr
    told = json.loads(outcome.stdout)["differences"]
    assert [(each["item"], each["id"], each["kind"]) for each in told] == [
        ("document", "more", "DIFFERENCE_KIND_ADDED")
    ]
