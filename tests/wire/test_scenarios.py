"""The worked scenarios of examples/scenarios, asked over grpcio and held against hand
calculations. Sources and placeholders are listed in examples/scenarios/README.md."""

import json
from decimal import Decimal

import pytest
from google.protobuf import json_format

from reflected import amount, name_of
from server import CALL_BOUND, EXAMPLES, SOURCING

CALLS = {"parameter": "AnalyzeBreakeven", "relief": "AnalyzeConcession", "decisions": "EvaluatePlan"}

# Merchandise processing fee at its ceiling, 19 CFR 24.23 by fiscal year; harbour maintenance fee,
# 26 USC 4461.
FEE_2025, FEE_2026 = Decimal("634.62"), Decimal("651.50")
HARBOUR = Decimal("0.00125")


def call_of(name):
    fields = json.loads((EXAMPLES / "scenarios" / f"{name}.json").read_text())
    return next((call for field, call in CALLS.items() if field in fields), "OptimizeSourcing")


@pytest.fixture(scope="module")
def ask(client):
    def asked(name):
        call = f"{SOURCING}/{call_of(name)}"
        Request, _ = client.messages(call)
        text = (EXAMPLES / "scenarios" / f"{name}.json").read_text()
        return client.call(call)(json_format.Parse(text, Request()), timeout=CALL_BOUND)

    return asked


def number(told):
    return Decimal(told.value)


def switch(answer, between=("A", "B")):
    (tie,) = (
        tie
        for tie in answer.ties
        if tie.is_switch and (tie.plan_below, tie.plan_above) == between
    )
    return number(tie.value)


def origins(answer, plan_id):
    (plan,) = (plan for plan in answer.plans if plan.plan_id == plan_id)
    return {origin.model_id: list(origin.plant_ids) for origin in plan.origins}


@pytest.mark.parametrize(
    ("name", "duty", "fee"),
    [
        # 2.5 %, then 27.5 %, then 15 % in all of 24,000 dollars: 600, 6,600 and 3,600.
        ("before-the-tariff", 600, FEE_2025),
        ("at-25-percent", 6600, FEE_2025),
        ("at-15-percent", 3600, FEE_2026),
    ],
)
def test_the_civic_hybrid_comes_home_where_a_car_costs_less_than_its_duty(ask, name, duty, fee):
    answer = ask(f"civic-hybrid-{name}")
    # Duty, fees on entries of 1,000 by sea, and 500 dollars more freight.
    tie = duty + HARBOUR * 24000 + fee / 1000 + 1000 - 500
    assert abs(switch(answer) - tie) <= Decimal("0.01"), tie
    assert origins(answer, "A") == {"civic-hybrid": ["greensburg"]}
    assert origins(answer, "B") == {"civic-hybrid": ["yorii"]}
    assert {name_of(interval, "evidence") for interval in answer.intervals} == {"EVIDENCE_PROVED"}


def test_what_was_known_decides_where_the_civic_hybrid_is_built(ask):
    """5,000 dollars dearer at home: too little against 6,600 of duty, too much against 3,600."""
    built = {
        month: {flow.plant_id for flow in ask(f"civic-hybrid-known-in-{month}").plan.decisions.flows}
        for month in ("april", "september")
    }
    assert built == {"april": {"greensburg"}, "september": {"yorii"}}


def test_the_uk_beats_japan_within_5_sevenths_of_the_quota(ask):
    """(27.5 - 15) / (27.5 - 10) = 71.4 % of 2,500 must find room in 25,000."""
    answer = ask("gr-corolla-quota-fill")
    share = (Decimal("27.5") - 15) / (Decimal("27.5") - 10)
    tie = 1 - share * 2500 / 25000
    assert abs(switch(answer) - tie) <= Decimal("0.0001"), tie
    assert origins(answer, "A") == {"gr-corolla": ["burnaston"]}
    assert origins(answer, "B") == {"gr-corolla": ["motomachi"]}


def test_with_1000_left_the_uk_pays_a_blended_20_5_percent(ask):
    answer = ask("gr-corolla-1000-left")
    assert not answer.violations
    duty = sum(
        amount(line.amount)
        for line in answer.plan.cost.lines
        if name_of(line, "kind") == "COST_KIND_DUTY"
    )
    assert duty == Decimal(32000 * 1000) * Decimal("0.10") + Decimal(32000 * 1500) * Decimal("0.275")
    assert duty / (32000 * 2500) == Decimal("0.205")


def test_india_serves_japan_up_to_a_rupee(ask):
    """Cars enter Japan free; 120,000 yen by sea, 20,000 at home."""
    answer = ask("india-to-japan-rupee")
    jimny = Decimal(2150000 + 20000 - 120000) / 1050000
    wr_v = Decimal(2000000 + 20000 - 120000) / 900000
    assert abs(switch(answer, ("A", "B")) - jimny) <= Decimal("0.0001")
    assert abs(switch(answer, ("B", "C")) - wr_v) <= Decimal("0.0001")
    assert origins(answer, "B") == {"wr-v": ["tapukara"], "jimny-nomade": ["kosai"]}


def test_us_built_cars_go_to_japan_up_to_a_dollar(ask):
    answer = ask("us-built-to-japan-yen")
    home = Decimal(4000 * (6200000 + 30000)) + 5_000_000_000
    tie = (home - 30_000_000) / (4000 * (47000 + 1800))
    assert abs(switch(answer) - tie) <= Decimal("0.001"), tie
    assert origins(answer, "A") == {"highlander": ["princeton"]}


def test_the_rogue_keeps_its_second_shift(ask):
    """A car from Kyushu pays 27.5 % of 22,000 and fees; 13,000 of them carry 30 million."""
    answer = ask("rogue-three-months")
    from_home = Decimal(62000 * (25000 + 500)) + 30_000_000
    entries = 13
    from_kyushu = (
        Decimal(13000 * (22000 + 1000))
        + Decimal(13000 * 22000) * (Decimal("0.275") + HARBOUR)
        + entries * FEE_2025
    )
    split = Decimal(49000 * (25000 + 500)) + from_kyushu
    assert from_home < split
    assert amount(answer.plan.cost.total) == from_home
    assert [step.expansion_id for step in answer.plan.decisions.expansions] == ["second-shift"]


@pytest.mark.parametrize(
    ("rival", "rate"), [("japan", Decimal("0.15")), ("uk", Decimal("0.10"))]
)
def test_mexico_ties_at_the_us_content_that_leaves_the_same_duty(ask, rival, rate):
    """25 % of what is not US content: 15 % of all at 40 %, 10 % at 60 %; less the fee of one
    entry of 1,000 by air, which USMCA goods do not pay."""
    answer = ask(f"mexico-content-or-{rival}")
    paid = 1 - (rate + FEE_2027 / (1000 * 30000)) / Decimal("0.25")
    assert abs(switch(answer) - paid) <= Decimal("0.00002"), paid
    pure = 1 - rate / Decimal("0.25")
    assert abs(switch(answer) - pure) <= Decimal("0.0001"), pure
    assert origins(answer, "B") == {"car": ["aguascalientes"]}


# As the schedule has it from 2026-10-01.
FEE_2027 = Decimal("670.86")


def test_canada_gets_the_outback_from_where_its_surtax_is_less_than_the_sea(ask):
    """The surtax falls on 85 % of the value where no more Canadian and Mexican content is shown."""
    answer = ask("subaru-canada-surtax")
    lafayette = Decimal(25000) * Decimal("1.38") + 900
    gunma = Decimal(4000000) * Decimal("0.0092") + 1700
    tie = (gunma - lafayette) / (Decimal("0.85") * 34500)
    assert abs(switch(answer) - tie) <= Decimal("0.00001"), tie
    # 25 % is above it: Japan.
    assert origins(answer, "B") == {"outback": ["gunma"]}


# The whole question, by hand. Dollars for a car landed in the United States at 155 yen, entries of
# 500 by sea: from home, from India at 27.5 % and from Japan but for its duty.
SEA = FEE_2027 / 500
VALUE = {"compact": Decimal(23500), "crossover": Decimal(31500)}
YEN = {"compact": Decimal(2600000), "crossover": Decimal(3550000)}
HOME = {"compact": Decimal(22200 + 500), "crossover": Decimal(29500 + 500)}
LABOUR = {"compact": Decimal(5400), "crossover": Decimal(6600)}
INDIA = Decimal(1270000) * Decimal("0.0114") + 1700 + VALUE["compact"] * (Decimal("0.275") + HARBOUR) + SEA
BORDER = {model: 1100 + value * HARBOUR + SEA for model, value in VALUE.items()}


def from_japan(model, rate=Decimal("0.15"), dollar=1 / Decimal("0.00645")):
    return YEN[model] / dollar + BORDER[model] + VALUE[model] * rate


def test_the_whole_question_is_answered_by_what_a_car_costs_landed(ask):
    answer = ask("article-plan")
    assert name_of(answer.termination, "reason") == "TERMINATION_REASON_OPTIMAL"
    served = {
        (flow.model_id, flow.market_id): flow.plant_id for flow in answer.plan.decisions.flows
    }
    assert all(from_japan(model) < HOME[model] for model in HOME)
    assert from_japan("compact") < INDIA
    assert served == {
        ("compact", "us"): "japan",
        ("crossover", "us"): "japan",
        ("compact", "jp"): "india",
        ("crossover", "jp"): "india",
    }


def test_the_us_rate_at_which_each_line_leaves_japan(ask):
    ties = [
        (HOME["crossover"] - from_japan("crossover", 0)) / VALUE["crossover"],
        # India's 100,000 that Japan does not take, then home.
        (INDIA - from_japan("compact", 0)) / VALUE["compact"],
        (HOME["compact"] - from_japan("compact", 0)) / VALUE["compact"],
    ]
    ends = [number(interval.high) for interval in ask("article-us-rate").intervals[:-1]]
    assert [abs(end - tie) <= Decimal("0.0001") for end, tie in zip(ends, ties)] == [True] * 3, ends


def test_the_yen_at_which_each_line_comes_back_to_japan(ask):
    def dollar(model, rival):
        return YEN[model] / (rival - BORDER[model] - VALUE[model] * Decimal("0.15"))

    ties = [
        dollar("compact", HOME["compact"]),
        dollar("compact", INDIA),
        dollar("crossover", HOME["crossover"]),
    ]
    ends = [number(interval.high) for interval in ask("article-yen").intervals[:3]]
    assert [abs(end - tie) <= Decimal("0.01") for end, tie in zip(ends, ties)] == [True] * 3, ends


def test_the_labour_cost_in_the_us_at_which_each_line_comes_home(ask):
    def factor(model):
        return 1 - (HOME[model] - from_japan(model)) / LABOUR[model]

    ends = [number(interval.high) for interval in ask("article-labour").intervals[:-1]]
    ties = [factor("compact"), factor("crossover")]
    assert [abs(end - tie) <= Decimal("0.0001") for end, tie in zip(ends, ties)] == [True] * 2, ends


def test_a_concession_carries_what_cars_from_america_cost_more_in_japan(ask):
    """A compact from America costs 23,700 there and one from India 15,378; so many as are asked go,
    of a leap year 366/365, and the others come from India as before. At 100,000 what is left is too
    little for a launch in India."""
    more = Decimal(22200 + 1500) - (Decimal(1270000) * Decimal("0.0114") + 900)
    dutiable = 240000 * VALUE["compact"] + 330000 * VALUE["crossover"]
    weights = [1 / Decimal("1.06") ** year for year in range(3)]
    points = ask("article-concession").points
    for point, a_year in zip(points, (10000, 50000)):
        cars = [-(-a_year * 366 // 365), a_year, a_year]
        sent = sum(weight * count for weight, count in zip(weights, cars)) / sum(weights)
        tie = Decimal("0.15") - sent * more / dutiable
        assert abs(number(point.rate) - tie) <= Decimal("0.00002"), (point.rate, tie)
    assert number(points[2].rate) > Decimal("0.15") - 100100 * more / dutiable


def test_a_quota_conceded_must_be_deeper_than_a_rate_for_all(ask):
    for_all, quota = ask("article-concession"), ask("article-concession-quota")
    for every, some in zip(for_all.points, quota.points):
        assert name_of(some, "outcome") == "CONCESSION_OUTCOME_PAYS_BELOW"
        assert number(some.rate) < number(every.rate)
        drawn = {
            tranche.period_start.year: number(tranche.drawn) for tranche in some.plan_with.tranches
        }
        # 300,000 of a calendar year, and in its first months what is sold.
        assert (drawn[2027], drawn[2028], drawn[2029]) == (300000, 300000, 300000)
        assert 0 < drawn[2030] < 300000
