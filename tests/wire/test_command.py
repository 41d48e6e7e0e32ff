"""The command line: requests from files, settings and how they are refused."""

import json
import sys

import pytest
from google.protobuf import json_format

from server import EXAMPLES, Server, call_of, run

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


def asked(server, *arguments):
    """What a command prints that asks the server, and must end well."""
    outcome = run(*arguments, "--address", f"http://{server.address}")
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def shows(text, *words):
    missing = [word for word in words if word not in text]
    assert not missing, (missing, text)


def test_the_saving_left_open_stands_beside_what_was_elected(server):
    text = asked(
        server,
        *("duty", "--importer", "DE", "--code", "8703.24", "--origin", "US"),
        *("--value", "52000 EUR", "--inland", "600 EUR", "--entry-date", "2026-11-02"),
    )
    shows(text, "certification:non-preferential-origin-proof", "no election (as elected)")
    # 5,200.00 and 10,982.00 without the proof, 9,994.00 with it.
    shows(text, "recoverable taxes 10,982.00", "68,782.00 EUR", "6,188.00 EUR")
    shows(text, "As elected 16,182.00 EUR; best lawful way found 9,994.00 EUR.")


def test_taxes_and_credits_are_told_only_where_there_are_any(server):
    text = asked(server, "duty", example("japan-car-may-2025"))
    assert "taxes" not in text.split("Landed cost")[0].splitlines()[-1]
    assert "credits" not in text
    text = asked(server, "duty", example("harness-offset"))
    shows(text, "Duty 72,000.00 (15%), credits -30,000.00, fees 1,270.86", "532,470.86 USD")


def test_flags_ask_what_a_file_asks(server, client):
    flags = (
        *("--code", "8544.30.00", "--origin", "JP", "--entry-date", "2026-11-02"),
        *("--value", "480000 USD", "--freight", "9200 USD", "--transport", "ocean"),
        *("--fact", "medium-or-heavy-duty=false", "--report-column-separately"),
        *("--credit", "us-assembly-offset-cars"),
        *("--credit-balance", "us-assembly-offset-cars=30000 USD"),
    )
    text = asked(server, "duty", *flags, "--json")
    answer = json_format.Parse(text, client.Response())
    assert answer.totals == client.ask("harness-offset").totals

    flags = (
        *("--importer", "JP", "--code", "8703.24", "--origin", "US", "--quantity", "1"),
        *("--value", "46200 USD", "--freight", "1500 USD", "--insurance", "400 USD"),
        *("--entry-date", "2026-07-01", "--customs-rate", "USD:JPY=160.77@2026-06-30"),
    )
    text = asked(server, "duty", *flags, "--json")
    answer = json_format.Parse(text, client.Response())
    assert answer.totals == client.ask("japan-import").totals

    flags = (
        *("--code", "8703.24.01", "--origin", "GB", "--entry-date", "2026-11-10"),
        *("--value", "156000 USD", "--freight", "3800 USD", "--quantity", "2"),
        *("--quota", "us-uk-cars", "--quota-balance", "us-uk-cars=1", "--transport", "ocean"),
    )
    text = asked(server, "duty", *flags, "--json")
    assert json_format.Parse(text, client.Response()).totals == client.ask("uk-car-in-quota").totals


def test_another_day_may_count(server, client):
    flags = (
        *("--code", "8703.23.01", "--origin", "JP", "--value", "30000 USD"),
        *("--entry-date", "2025-05-15", "--rate-date", "privileged-foreign-status=2025-04-02"),
    )
    answer = json_format.Parse(asked(server, "duty", *flags, "--json"), client.Response())
    day = answer.provenance.duty_date
    assert (day.year, day.month, day.day) == (2025, 4, 2)
    # Admitted the day before the 25 %: 30,000.00 x 2.5 %.
    assert answer.totals.duty.units == 750


@pytest.mark.parametrize(
    ("flag", "value", "told"),
    [
        ("--value", "30000", "30000 USD"),
        ("--customs-rate", "USD=160", "FROM:TO=RATE@DATE"),
        ("--rate-date", "arrival=2025-05-01", "privileged-foreign-status"),
        ("--quota-balance", "us-uk-cars", "ID=UNITS"),
        ("--credit-balance", "us-assembly-offset-cars=3", "30000 USD"),
    ],
)
def test_a_flag_that_cannot_be_read_says_how_to_write_it(flag, value, told):
    outcome = run("duty", "--code", "8703.23.01", flag, value)
    assert outcome.returncode == 2
    shows(outcome.stderr, flag, told)


def test_origins_are_ranked_in_a_table(server):
    text = asked(server, "compare", "origins", example("civic-hybrid-origins"))
    shows(text, "greensburg", "US (at home)", "28,500.00 USD", "31,636.35 USD", "6,600.00")
    shows(text, "Cheapest: greensburg. yorii costs 3,136.35 USD more.")


def test_days_are_compared_in_tables(server):
    text = asked(server, "compare", "dates", example("japan-car-dates"))
    assert "no range" not in text
    shows(text, "27.5%", "6,000.00 USD", "-3,000.00 USD", "From 2025-04-02 to 2025-04-03:")
    shows(text, "9903.94.41, all-in 15%: 3,600.00", "90 FR 44638")
    assert "Refundable" not in text


def test_days_are_compared_from_flags_as_from_a_file(server):
    flags = (
        *("--code", "8703.23.01", "--origin", "DE", "--value", "40000 USD"),
        *("--quantity", "1", "--transport", "ocean"),
        *("--on", "2025-08-15@2025-08-15", "--on", "2025-08-15@2025-10-01"),
    )
    text = asked(server, "compare", "dates", *flags)
    shows(text, "Refundable: 5,000.00 USD.", "2025-08-15 as known on 2025-10-01")
    of_flags = json.loads(asked(server, "compare", "dates", *flags, "--json"))
    of_file = json.loads(asked(server, "compare", "dates", example("eu-car-refund"), "--json"))
    refunds = [answer["changes"][0]["refundable"] for answer in (of_flags, of_file)]
    assert refunds == [{"currencyCode": "USD", "units": "5000"}] * 2


def test_a_credit_is_told_in_a_table(server):
    text = asked(server, "credit", example("us-offset"))
    shows(text, "2.5%", "Earned 87,500,000.00 USD; spent 87,500,000.00 USD; carried forward 0.00 USD")
    text = asked(
        server,
        *("credit", "--credit", "us-assembly-offset-cars", "--known-at", "2025-11-01"),
        *("--base", "2026-06-15=2000000000 USD", "--base", "2026-06-16=1500000000 USD"),
        *("--liability", "100000000 USD", "--brought-forward", "1000000 USD"),
    )
    # 75,000,000.00 + 56,250,000.00 at 3.75 %, and a million from before.
    shows(text, "75,000,000.00", "56,250,000.00", "Earned 131,250,000.00 USD")
    shows(text, "spent 100,000,000.00 USD; carried forward 32,250,000.00 USD")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("compare", "origins"), "civic-hybrid-origins"),
        (("compare", "dates"), "japan-car-dates"),
        (("credit",), "us-offset"),
    ],
)
def test_every_command_prints_the_answer_grpcio_gets(server, client, command, name):
    text = asked(server, *command, example(name), "--json")
    _, response = client.messages(call_of(name))
    assert json_format.Parse(text, response()) == client.ask(name)


def test_every_fault_of_a_comparison_is_told(server, tmp_path):
    request = tmp_path / "request.json"
    request.write_text('{"importerRegionCode": "US", "candidates": [{"candidateId": "a"}]}')
    address = ("--address", f"http://{server.address}")
    outcome = run("compare", "origins", str(request), *address)
    assert outcome.returncode == 1
    shows(outcome.stderr, "entry_date", "goods_code", "candidates[0].unit_cost")


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
