"""The commands about plans: what they print, their JSON and their pictures."""

import json
import re
import xml.etree.ElementTree as xml

import pytest
from google.protobuf import json_format

from server import EXAMPLES, ROOT, SOURCING, run

SCENARIOS = EXAMPLES / "scenarios"
TWO_PLANTS = EXAMPLES / "sourcing-two-plants.json"
SVG = "{http://www.w3.org/2000/svg}"

# Command, request, what the tables show, and what the picture names.
COMMANDS = [
    ("optimize", TWO_PLANTS, ["OPTIMAL", "greensburg", "launch"], ["greensburg", "yorii"]),
    (
        "breakeven",
        SCENARIOS / "article-us-rate.json",
        ["0.189263", "proved", "At 0.189263 plan A changes to plan B."],
        ["Where the best plan changes", "compact for us from japan"],
    ),
    (
        "concession",
        SCENARIOS / "article-concession.json",
        ["14.48%", "pays below"],
        ["vehicles a year that earn it"],
    ),
    (
        "explain",
        SCENARIOS / "gr-corolla-1000-left.json",
        ["motomachi", "41,841.34"],
        ["burnaston (GB)", "cheapest"],
    ),
    (
        ("compare", "plans"),
        EXAMPLES / "sourcing-compare-plans.json",
        ["-278,045,103.07 USD", "section-232-automobiles"],
        ["section-232-automobiles"],
    ),
]
NAMES = ["optimize", "breakeven", "concession", "explain", "compare plans"]
MESSAGES = [
    "OptimizeSourcing",
    "AnalyzeBreakeven",
    "AnalyzeConcession",
    "ExplainPlan",
    "ComparePlans",
]


def asked(server, command, request, *more):
    command = (command,) if isinstance(command, str) else command
    address = f"http://{server.address}"
    outcome = run(*command, str(request), "--address", address, *more)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


@pytest.mark.parametrize("case", COMMANDS, ids=NAMES)
def test_tables_and_pictures_tell_the_answer(server, case, tmp_path):
    command, request, shown, drawn = case
    picture = tmp_path / "picture.svg"
    text = asked(server, command, request, "--chart", str(picture))
    for part in shown:
        assert part in text, text
    page = xml.parse(picture).getroot()
    assert page.tag == f"{SVG}svg"
    told = " ".join("".join(element.itertext()).strip() for element in page.iter(f"{SVG}text"))
    for part in drawn:
        assert part in told, told


@pytest.mark.parametrize(("case", "method"), list(zip(COMMANDS, MESSAGES)), ids=NAMES)
def test_json_is_the_answer_of_the_service(server, client, case, method):
    command, request, *_ = case
    Request, Response = client.messages(f"{SOURCING}/{method}")
    told = json_format.Parse(asked(server, command, request, "--json"), Response())
    call = client.call(f"{SOURCING}/{method}")
    answer = call(json_format.Parse(request.read_text(), Request()), timeout=60)
    assert told == answer


def test_a_conflict_is_told_with_its_repairs(server):
    text = asked(server, "conflict", EXAMPLES / "sourcing-conflict.json")
    assert "The domestic floor `us-built` must be reached." in text
    assert "The budget `launches` must last." in text
    assert " 10,000,000 " in text and " 40,000 " in text


def test_a_request_without_a_plan_leads_to_the_one_limit_in_its_way(server, tmp_path):
    request = json.loads((SCENARIOS / "article-plan.json").read_text())
    commitment = {"commitmentId": "mou-2027", "originRegionCode": "US", "marketRegionCode": "JP"}
    commitment["unitsPerYear"] = {"value": "205000"}
    request["problem"]["limits"] = {"exportCommitments": [commitment]}
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(request))
    text = asked(server, "optimize", file)
    assert "INFEASIBLE" in text and "`portolan conflict` with the same file" in text
    text = asked(server, "conflict", file)
    assert text.startswith("This limit cannot be kept; without it there is a plan")
    assert "`mou-2027`" in text
    # Japan buys 200,000 cars; in a year of 366 days that is 199,453.55 a year of 365.
    assert " 5,547 " in text


def test_brief_answers_are_a_few_lines(server):
    for name, command in [("us-rate", "breakeven"), ("concession", "concession"), ("plan", "optimize")]:
        text = asked(server, command, SCENARIOS / f"article-{name}.json", "--brief")
        assert 1 <= len(text.strip().splitlines()) <= 3, text


def test_every_example_that_help_names_is_there():
    commands = [line.split()[0] for line in run("--help").stdout.splitlines() if line[:2] == "  "]
    commands = [command for command in commands if re.fullmatch("[a-z]+", command)]
    nested = [("compare", "plans"), ("compare", "origins"), ("compare", "dates")]
    named = set()
    for command in [(command,) for command in commands] + nested:
        named |= set(re.findall(r"examples/[\w/-]+\.json", run(*command, "--help").stdout))
    assert len(named) > 6, named
    assert [name for name in named if not (ROOT / name).exists()] == []
