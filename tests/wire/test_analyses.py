"""Analyses over grpcio: breakevens, bridges, runners-up and conflicts against hand calculations."""

import json
from decimal import Decimal

import grpc
import pytest
from google.protobuf import json_format

from reflected import amount, name_of
from server import CALL_BOUND, EXAMPLES, SOURCING
from test_sourcing import Sourcing, day, dec, faults_of, usd


class Analyses(Sourcing):
    def ask(self, method, **fields):
        Request, _ = self.client.messages(f"{SOURCING}/{method}")
        request = json_format.ParseDict(fields, Request())
        return self.client.call(f"{SOURCING}/{method}")(request, timeout=CALL_BOUND)


@pytest.fixture(scope="module")
def analyses(client):
    return Analyses(client)


def two_plants(**limits):
    """One model for the United States, from Japan or at home, in August 2025, when Japanese cars
    pay 27.5 % (HTSUS ch. 87 2.5 %, ch. 99 III note 33 25 %). One entry of 1,000 cars at 20,000
    dollars pays 5,500,000 duty, the greatest merchandise fee of FY2025, 634.62 (19 CFR 24.23;
    CBP notice for fiscal year 2025), and 0.125 % harbour fee, 25,000 (26 USC 4461), by sea.
    """
    return {
        "periods": [{"periodId": "p", "startDate": day("2025-08-01"), "endDate": day("2025-09-01")}],
        "reportingCurrencyCode": "USD",
        "planningExchangeRates": [{"currencyCode": "JPY", "rates": [dec("0.0067")]}],
        "modelLines": [
            {"modelId": "m", "goods": [{"importerRegionCode": "US", "goodsCode": "8703.23.01"}]}
        ],
        "plants": [
            {"plantId": "jp", "regionCode": "JP", "capacity": [dec(2000)], "initiallyOpen": True},
            {
                "plantId": "us",
                "regionCode": "US",
                "capacity": [dec(2000)],
                "initiallyOpen": True,
            },
        ],
        "productionOptions": [
            {
                "modelId": "m",
                "plantId": "jp",
                "unitCost": [usd(20000)],
                "initiallyLaunched": True,
            },
            {"modelId": "m", "plantId": "us", "unitCost": [usd(24000)], "launchCost": usd(500000)},
        ],
        "markets": [{"marketId": "k", "regionCode": "US"}],
        "demands": [{"marketId": "k", "modelId": "m", "volume": [dec(1000)]}],
        "lanes": [
            {
                "plantId": "jp",
                "marketId": "k",
                "freight": usd(800),
                "vehiclesPerEntry": 1000,
                "transportMode": "TRANSPORT_MODE_OCEAN",
            },
            {"plantId": "us", "marketId": "k", "freight": usd(300)},
        ],
        "limits": limits,
    }


# The general rate on passenger vehicles, HTSUS 9903.94.01.
US_CARS = "us-232-autos-01"

# By hand: a thousand cars from Japan, without duty; from the United States.
FROM_JAPAN = Decimal(1000 * (20000 + 800)) + Decimal("634.62") + Decimal("25000")
FROM_HOME = Decimal(1000 * (24000 + 300) + 500000)
DUTIABLE = Decimal(1000 * 20000)


def number(told):
    return Decimal(told.value)


def test_a_rate_breaks_even_where_duty_is_the_difference(analyses):
    low, high = Decimal("0"), Decimal("0.3")
    # The line's own 2.5 % stays.
    tie = (FROM_HOME - FROM_JAPAN) / DUTIABLE - Decimal("0.025")
    answer = analyses.ask(
        "AnalyzeBreakeven",
        problem=two_plants(),
        parameter={
            "measureRate": {"importerRegionCode": "US", "measureId": US_CARS},
        },
        low=dec(low),
        high=dec(high),
        tolerance=dec("0.000001"),
    )
    assert [interval.plan_id for interval in answer.intervals] == ["A", "B"], answer
    below, above = answer.intervals
    assert number(below.low) == low and number(above.high) == high
    assert number(below.high) == number(above.low)
    assert abs(number(below.high) - tie) <= Decimal("0.000001"), (below.high, tie)
    assert {name_of(interval, "evidence") for interval in answer.intervals} == {"EVIDENCE_PROVED"}
    assert number(below.objective_at_low) == FROM_JAPAN + DUTIABLE * Decimal("0.025")
    assert number(above.objective_at_high) == FROM_HOME
    origins = [[list(origin.plant_ids) for origin in plan.origins] for plan in answer.plans]
    assert origins == [[["jp"]], [["us"]]]
    (switch,) = answer.ties
    assert switch.is_switch and (switch.plan_below, switch.plan_above) == ("A", "B")
    assert abs(number(switch.objective) - FROM_HOME) <= DUTIABLE * Decimal("0.000001")


DUTY = Decimal("0.275")
LANDED = FROM_JAPAN + DUTIABLE * DUTY


@pytest.mark.parametrize(
    ("parameter", "low", "high", "tie"),
    [
        (
            {"unitCost": {"plantId": "us", "change": "COST_CHANGE_ADDED"}},
            0,
            5000,
            (LANDED - FROM_HOME) / 1000,
        ),
        (
            {"unitCost": {"plantId": "us"}},
            "0.9",
            "1.2",
            (LANDED - FROM_HOME + 24000 * 1000) / (24000 * 1000),
        ),
        (
            {"freight": {"plantId": "us"}},
            0,
            10,
            (LANDED - FROM_HOME + 300 * 1000) / (300 * 1000),
        ),
    ],
    ids=["cost added", "cost factor", "freight"],
)
def test_costs_break_even_where_they_add_up_to_the_same(analyses, parameter, low, high, tie):
    answer = analyses.ask(
        "AnalyzeBreakeven",
        problem=two_plants(),
        parameter=parameter,
        low=dec(low),
        high=dec(high),
        tolerance=dec("0.0001"),
    )
    (switch,) = answer.ties
    assert abs(number(switch.value) - tie) <= Decimal("0.0001"), (switch, tie)
    assert {name_of(interval, "evidence") for interval in answer.intervals} == {"EVIDENCE_PROVED"}


def test_a_rate_quoted_the_other_way_round_breaks_even_at_its_inverse(analyses):
    problem = two_plants()
    # 2,985,000 yen, declared in dollars: only the cost follows the yen.
    option = problem["productionOptions"][0]
    option["unitCost"] = [{"currencyCode": "JPY", "units": "2985000"}]
    option["customs"] = [{"importerRegionCode": "US", "transactionValue": usd(20000)}]
    rest = LANDED - DUTIABLE
    tie = Decimal(2985000 * 1000) / (FROM_HOME - rest)
    answer = analyses.ask(
        "AnalyzeBreakeven",
        problem=problem,
        parameter={"exchangeRate": {"currencyCode": "JPY", "inverse": True}},
        low=dec(100),
        high=dec(220),
        tolerance=dec("0.001"),
    )
    (switch,) = answer.ties
    assert abs(number(switch.value) - tie) <= Decimal("0.001"), (switch, tie)
    assert (switch.plan_below, switch.plan_above) == ("A", "B")
    below, above = ([list(o.plant_ids) for o in plan.origins] for plan in answer.plans)
    assert (below, above) == ([["us"]], [["jp"]])


def test_volume_breaks_even_where_it_carries_the_launch(analyses):
    """From Japan a car costs 26,300 and fees; at home 24,300 and 500,000 to launch: more than
    some 247 cars carry it. Fees are on an entry as a whole, so that the tie is found by hand
    among whole cars. A search takes them at their part of a full entry: within 0.1 % of it."""

    def from_japan(cars):
        value = 20000 * cars
        fees = min(max(Decimal("0.003464") * value, Decimal("32.71")), Decimal("634.62"))
        return Decimal(cars * 20800) + value * DUTY + fees + Decimal("0.00125") * value

    tie = next(cars for cars in range(1, 2000) if from_japan(cars) > cars * 24300 + 500000)
    answer = analyses.ask(
        "AnalyzeBreakeven",
        problem=two_plants(),
        parameter={"volume": {"modelId": "m", "marketId": "k"}},
        low=dec("0.05"),
        high=dec("1"),
        tolerance=dec("0.001"),
        budget={"relativeGap": dec("0.001")},
    )
    switch = answer.ties[0]
    assert abs(number(switch.value) * 1000 - tie) <= 2, (switch, tie)
    assert name_of(answer.intervals[0], "evidence") == "EVIDENCE_SAMPLED"
    assert answer.solves <= 12


def test_a_breakeven_cut_short_says_so(analyses):
    """The best plans at both ends are not the best one between them proved."""
    answer = analyses.ask(
        "AnalyzeBreakeven",
        problem=two_plants(),
        parameter={"measureRate": {"importerRegionCode": "US", "measureId": US_CARS}},
        low=dec(0),
        high=dec("0.3"),
        tolerance=dec("0.000001"),
        mostSolves=2,
    )
    assert answer.solves == 2
    assert {name_of(interval, "evidence") for interval in answer.intervals} == {
        "EVIDENCE_UNPROVED"
    }
    assert answer.message == "The budget ended before every interval was cut to the end."


def test_the_bridge_adds_up_to_the_minor_unit(analyses):
    problem = two_plants()
    japan = {
        "plants": [{"plantId": plant, "openPeriodIds": ["p"]} for plant in ("jp", "us")],
        "flows": [
            {"modelId": "m", "plantId": "jp", "marketId": "k", "periodId": "p", "units": dec(1000)}
        ],
    }
    home = {
        "plants": japan["plants"],
        "launches": [{"modelId": "m", "plantId": "us", "periodId": "p"}],
        "flows": [{**japan["flows"][0], "plantId": "us"}],
    }
    answer = analyses.ask(
        "ComparePlans",
        **{"from": {"problem": problem, "decisions": japan}, "to": {"decisions": home}},
    )
    assert not answer.from_violations and not answer.to_violations, answer
    assert (amount(answer.from_total), amount(answer.to_total)) == (LANDED, FROM_HOME)
    difference = amount(answer.difference)
    assert difference == FROM_HOME - LANDED
    for steps in (answer.by_kind, answer.by_plant, answer.by_market, answer.cells):
        assert sum(amount(step.difference) for step in steps) == difference
        assert sum(getattr(step, "from").units for step in steps) >= 0
    kinds = {name_of(step, "kind") for step in answer.by_kind}
    assert kinds >= {"COST_KIND_DUTY", "COST_KIND_FEE", "COST_KIND_LAUNCH", "COST_KIND_FREIGHT"}
    moved = {(move.plant_id): number(move.to) - number(getattr(move, "from")) for move in answer.units}
    assert moved == {"jp": -1000, "us": 1000}


def test_a_plan_is_explained_and_its_runner_up_forced(analyses):
    problem = two_plants()
    plan = analyses.optimize(problem).plan
    decisions = json_format.MessageToDict(plan.decisions)
    answer = analyses.ask(
        "ExplainPlan",
        problem=problem,
        decisions=decisions,
        forcedOrigins=[{"modelId": "m", "marketId": "k", "plantId": "jp"}],
    )
    (origin,) = answer.origins
    chosen, other = origin.candidates
    assert (chosen.plant_id, other.plant_id) == ("us", "jp")
    assert number(chosen.landed_cost) == 24300
    assert number(other.landed_cost) == LANDED / 1000
    for candidate in origin.candidates:
        parts = sum(number(part.amount) for part in candidate.parts)
        assert parts == number(candidate.landed_cost)
    # A vehicle more from Japan costs its landed cost instead of one from home.
    assert abs(number(other.least_gap) - (LANDED / 1000 - 24300)) < Decimal("0.01")
    assert origin.runner_up_plant_id == "jp"
    (forced,) = answer.counterfactuals
    assert name_of(forced, "evidence") == "EVIDENCE_PROVED"
    # All from Japan saves the launch.
    assert number(forced.difference) == LANDED - FROM_HOME
    assert number(forced.difference_per_vehicle) == (LANDED - FROM_HOME) / 1000
    assert "`us`" in origin.message and "`jp`" in origin.message


def test_a_plant_that_closes_is_built_up_again_less_what_closing_costs(analyses):
    """The home plant saves 1,525,634.62 on a thousand cars, its launch paid, and costs 5,000,000 to
    keep; closing it costs 250,000."""
    problem = two_plants()
    problem["plants"][1] |= {"fixedCost": usd(5000000), "closingCost": usd(250000)}
    answer = analyses.optimize(problem)
    assert amount(answer.plan.cost.total) == LANDED + 250000
    told = analyses.ask(
        "ExplainPlan",
        problem=problem,
        decisions=json_format.MessageToDict(answer.plan.decisions),
        forcedOrigins=[{"modelId": "m", "marketId": "k", "plantId": "us"}],
    )
    (origin,) = told.origins
    home = next(candidate for candidate in origin.candidates if candidate.plant_id == "us")
    assert not home.is_open and not home.is_launched
    # Of each of a thousand: the launch and the plant kept, but not closed.
    assert number(home.build_up_cost) == 500 + 5000 - 250
    (forced,) = told.counterfactuals
    assert number(forced.difference) == FROM_HOME + 5000000 - (LANDED + 250000)


def test_a_worse_plan_is_told_what_it_might_save(analyses):
    """2,500 from one plant, 1,000 of them within the British quota at 10 %, the others at 27.5 %; all
    from Japan at 15 %. If the market could be split, 1,500 would save 4,000 dollars each; it may not
    be, and moved as a whole it saves 12.5 % of all less 5 % of the 1,000, of 32,000 dollars."""
    request = json.loads((EXAMPLES / "scenarios" / "gr-corolla-1000-left.json").read_text())
    forced = [{"modelId": "gr-corolla", "marketId": "us", "plantId": "motomachi"}]
    answer = analyses.ask("ExplainPlan", **request, forcedOrigins=forced)
    (origin,) = answer.origins
    burnaston, motomachi = origin.candidates
    assert (burnaston.plant_id, number(burnaston.least_gap)) == ("burnaston", 0)
    assert number(motomachi.least_gap) == -1500 * 4000 / 2500
    (moved,) = answer.counterfactuals
    assert number(moved.difference_per_vehicle) == -(1500 * 32000 * Decimal("0.125") - 1000 * 1600) / 2500


def conflicting():
    """At least 800 from Japan by a production limit, at most 30 % by a cap, 1,000 wanted; and
    limits that have nothing to do with it."""
    return two_plants(
        productionLimits=[
            {"limitId": "keep", "plantId": "jp", "least": dec(800)},
            {"limitId": "harmless", "plantId": "us", "most": dec(1900)},
        ],
        originCaps=[
            {"capId": "cap", "originRegionCode": "JP", "marketId": "k", "mostShare": dec("0.3")}
        ],
        mostMoves=1,
    )


def test_a_conflict_has_no_member_too_many_and_each_repair_is_the_least(analyses):
    problem = conflicting()
    assert name_of(analyses.optimize(problem).termination, "reason") == (
        "TERMINATION_REASON_INFEASIBLE"
    )
    answer = analyses.ask(
        "ExplainInfeasibility",
        problem=problem,
        repairPrices=[{"kind": "LIMIT_KIND_PRODUCTION_LIMIT", "ids": ["keep"], "price": dec(7)}],
    )
    assert name_of(answer, "status") == "CONFLICT_STATUS_IRREDUCIBLE", answer
    members = {(name_of(member, "kind"), tuple(member.ids)) for member in answer.members}
    # The market takes no more than it wants whatever must be served.
    assert members == {
        ("LIMIT_KIND_PRODUCTION_LIMIT", ("keep",)),
        ("LIMIT_KIND_ORIGIN_CAP", ("cap",)),
    }
    # Without either there is a plan.
    for name in ("productionLimits", "originCaps"):
        loose = conflicting()
        loose["limits"][name] = loose["limits"][name][1:]
        assert analyses.optimize(loose).plan.decisions.flows
    repairs = {tuple(repair.limit.ids): repair for repair in answer.repairs}
    # 300 of 1,000 may come from Japan, 800 must: 500 less, or a share of 0.8.
    assert number(repairs["keep",].change) == 500
    assert number(repairs["cap",].change) == Decimal("0.5")
    assert repairs["keep",].is_priced_by_caller
    assert number(repairs["keep",].cost) == 3500
    assert not repairs["cap",].is_priced_by_caller
    # 800 from Japan and 200 from home.
    mixed = conflicting()
    mixed["limits"]["originCaps"][0]["mostShare"] = dec("0.8")
    objective = analyses.optimize(mixed).termination.objective
    assert repairs["cap",].cost == objective


def test_a_change_is_the_least_however_wide_the_gap_allowed(analyses):
    answer = analyses.ask(
        "ExplainInfeasibility", problem=conflicting(), budget={"relativeGap": dec("0.9")}
    )
    changes = {tuple(repair.limit.ids): number(repair.change) for repair in answer.repairs}
    assert changes == {("keep",): 500, ("cap",): Decimal("0.5")}
    assert {name_of(repair, "evidence") for repair in answer.repairs} == {"EVIDENCE_PROVED"}


def test_a_budget_grows_by_what_is_short_of_what_must_be_launched(analyses):
    """Half must be built at home, where a launch costs 500,000: more than all there is."""
    problem = two_plants(
        productionLimits=[{"limitId": "home", "plantId": "us", "least": dec(500)}],
        capitalBudgets=[{"budgetId": "launches", "amount": usd(400000)}],
    )
    answer = analyses.ask("ExplainInfeasibility", problem=problem)
    members = {tuple(member.ids) for member in answer.members}
    assert members == {("home",), ("launches",)}
    changes = {tuple(repair.limit.ids): number(repair.change) for repair in answer.repairs}
    assert changes == {("home",): 500, ("launches",): 100000}


def test_capacity_and_demand_conflict_by_what_is_short(analyses):
    problem = two_plants()
    for plant in problem["plants"]:
        plant["capacity"] = [dec(400)]
    answer = analyses.ask("ExplainInfeasibility", problem=problem)
    members = {(name_of(member, "kind"), tuple(member.ids)) for member in answer.members}
    assert members == {
        ("LIMIT_KIND_CAPACITY", ("jp",)),
        ("LIMIT_KIND_CAPACITY", ("us",)),
        ("LIMIT_KIND_DEMAND", ("m", "k")),
    }
    changes = {tuple(repair.limit.ids): number(repair.change) for repair in answer.repairs}
    assert changes == {("jp",): 200, ("us",): 200, ("m", "k"): 200}


def test_a_problem_with_a_plan_has_no_conflict(analyses):
    answer = analyses.ask("ExplainInfeasibility", problem=two_plants())
    assert name_of(answer, "status") == "CONFLICT_STATUS_FEASIBLE" and not answer.members


def reverse_imports():
    """As two_plants, and both ways: the US plant may serve Japan, where 1,000 are wanted too.
    Japan takes no duty on cars (Customs Tariff Schedule of Japan, 8703), and the trader recovers
    the consumption tax: a car from the United States costs 31,000 there, one from home 20,200."""
    problem = two_plants()
    problem["modelLines"][0]["goods"].append(
        {"importerRegionCode": "JP", "goodsCode": "8703.23"}
    )
    option = problem["productionOptions"][1]
    option["initiallyLaunched"] = True
    option["unitCost"] = [usd(30000)]
    problem["markets"].append({"marketId": "j", "regionCode": "JP"})
    problem["demands"].append({"marketId": "j", "modelId": "m", "volume": [dec(1000)]})
    problem["lanes"] += [
        {"plantId": "jp", "marketId": "j", "freight": usd(200)},
        {"plantId": "us", "marketId": "j", "freight": usd(1000), "vehiclesPerEntry": 1000},
    ]
    return problem


def test_a_concession_pays_where_the_saving_carries_the_cost(analyses):
    """The relief lowers the rate on 1,000 cars of 20,000 dollars to the United States; each car
    sent the other way costs 10,800 more than one from home. August is 31 of 365 days."""
    answer = analyses.ask(
        "AnalyzeConcession",
        problem=reverse_imports(),
        relief={
            "originRegionCode": "US",
            "marketRegionCode": "JP",
            "measure": {"importerRegionCode": "US", "measureId": US_CARS},
        },
        volumes=[dec(0), dec(1200), dec(5000), dec(6000), dec(20000)],
        mostRate=dec("0.25"),
        tolerance=dec("0.00001"),
    )
    free, few, many, dear, too_many = answer.points
    assert name_of(free, "outcome") == "CONCESSION_OUTCOME_PAYS_ALWAYS"
    assert name_of(dear, "outcome") == "CONCESSION_OUTCOME_NEVER_PAYS"
    assert name_of(too_many, "outcome") == "CONCESSION_OUTCOME_INFEASIBLE"
    for point, a_year in ((few, 1200), (many, 5000)):
        cars = -(-a_year * 31 // 365)
        tie = Decimal("0.25") - Decimal(cars * 10800) / DUTIABLE
        assert name_of(point, "outcome") == "CONCESSION_OUTCOME_PAYS_BELOW"
        assert name_of(point, "evidence") == "EVIDENCE_PROVED"
        assert 0 <= tie - number(point.rate) <= Decimal("0.00001"), (point.rate, tie)
        sent = [flow for flow in point.plan_with.decisions.flows if flow.market_id == "j"]
        assert {flow.plant_id: number(flow.units) for flow in sent} == {
            "us": cars,
            "jp": 1000 - cars,
        }


def test_a_quota_may_be_what_is_conceded(analyses):
    """102 cars sent the other way cost 1,101,600 more, and cars within the quota go on an entry of
    their own with its own greatest merchandise fee."""
    measure = {"importerRegionCode": "US", "measureId": US_CARS, "quotaUnitsPerYear": dec(500)}
    answer = analyses.ask(
        "AnalyzeConcession",
        problem=reverse_imports(),
        relief={"originRegionCode": "US", "marketRegionCode": "JP", "measure": measure},
        volumes=[dec(1200)],
        mostRate=dec("0.25"),
    )
    (point,) = answer.points
    tie = Decimal("0.25") - (102 * 10800 + Decimal("634.62")) / (500 * 20000)
    assert name_of(point, "outcome") == "CONCESSION_OUTCOME_PAYS_BELOW"
    assert 0 <= tie - number(point.rate) <= Decimal("0.00001"), (point.rate, tie)
    (tranche,) = point.plan_with.tranches
    assert number(tranche.drawn) == 500


# What part entries cost beyond their share of a full one is not in the solver's bound.
PART_ENTRIES = {"relativeGap": dec("0.0001")}


def test_what_a_quota_that_is_conceded_is_worth(analyses):
    """The first 400 cars of a year pay 2.5 % and cost 21,300 and their entry's fees; the others cost
    26,300 from Japan and 24,300 from home."""
    problem = two_plants()
    deal = {
        "importerRegionCode": "US",
        "measureId": US_CARS,
        "suspended": True,
        "quotaUnitsPerYear": dec(400),
    }
    problem["tradePolicy"] = {"measureOverrides": [deal]}
    answer = analyses.optimize(problem, budget=PART_ENTRIES)
    assert name_of(answer.termination, "reason") == "TERMINATION_REASON_OPTIMAL"
    fees = Decimal("634.62") + 400 * Decimal(25)
    assert amount(answer.plan.cost.total) == 400 * 21300 + fees + 600 * 24300 + 500000
    (tranche,) = answer.plan.tranches
    assert (tranche.quota_id, number(tranche.volume), number(tranche.drawn)) == (
        f"conceded {US_CARS}",
        400,
        400,
    )
    # Of a year that it holds for in part it is a part: 153 of 365 days.
    deal["startDate"] = day("2025-08-01")
    part = analyses.optimize(problem)
    assert number(part.plan.tranches[0].volume) == 400 * 153 // 365
    decisions = json_format.MessageToDict(answer.plan.decisions)
    refused = analyses.evaluate(problem, decisions)
    assert [violation.reason for violation in refused.violations] == ["QUOTA_OVERDRAWN"]
    # Two quotas on the same cars are one too many.
    problem["tradePolicy"]["measureOverrides"] = [deal, deal | {"startDate": day("2025-07-01")}]
    with pytest.raises(grpc.RpcError) as several:
        analyses.optimize(problem)
    assert {reason for _, reason in faults_of(several)} == {"SEVERAL_QUOTAS"}


@pytest.mark.parametrize(
    ("rate", "quota", "earned"),
    [
        ("0", None, ["deal"]),
        ("0.1", None, []),
        ("0", 950, ["deal"]),
        ("0", 900, []),
    ],
)
def test_relief_is_earned_where_it_pays(analyses, rate, quota, earned):
    """425 cars sent the other way cost 4,590,000 more; no duty but the line's own saves 5,000,000 on
    all, 4,750,000 on 950 and 4,500,000 on 900, less the fee of one entry more; 15 points less
    3,000,000."""
    problem = reverse_imports()
    measure = {"importerRegionCode": "US", "measureId": US_CARS}
    if quota:
        measure["quotaUnitsPerYear"] = dec(quota)
    problem["tradePolicy"] = {
        "conditionalReliefs": [
            {
                "reliefId": "deal",
                "originRegionCode": "US",
                "marketRegionCode": "JP",
                "unitsPerYear": dec(5000),
                "measure": measure,
                "rate": dec(rate),
            }
        ]
    }
    answer = analyses.optimize(problem, budget=PART_ENTRIES)
    assert name_of(answer.termination, "reason") == "TERMINATION_REASON_OPTIMAL"
    assert list(answer.plan.earned_relief_ids) == earned
    without = LANDED + Decimal(1000 * 20200)
    due = without
    if earned:
        due += 425 * 10800 - (quota or 1000) * 5000 + (Decimal("634.62") if quota else 0)
    assert amount(answer.plan.cost.total) == due
    # The law follows from the decisions alone.
    decisions = json_format.MessageToDict(answer.plan.decisions)
    evaluated = analyses.evaluate(problem, decisions)
    assert not evaluated.violations
    assert list(evaluated.plan.earned_relief_ids) == earned
    assert evaluated.plan.cost.total == answer.plan.cost.total
    # What is forced is weighed with the relief and without: from home, nothing earns it.
    home = [{"modelId": "m", "marketId": "j", "plantId": "jp"}]
    told = analyses.ask("ExplainPlan", problem=problem, decisions=decisions, forcedOrigins=home)
    (forced,) = told.counterfactuals
    assert number(forced.difference) == without - due
    with pytest.raises(grpc.RpcError) as refused:
        analyses.ask("ExplainInfeasibility", problem=problem)
    assert ("problem.trade_policy.conditional_reliefs", "NOT_ALLOWED") in faults_of(refused)


def test_relief_is_earned_to_the_part_of_a_vehicle(analyses):
    """5,000 a year are 424.657... in August: the plan falls short of it by no more than a limit may
    be missed by, earns the relief, and earns it when evaluated again."""
    problem = reverse_imports() | {"units": "UNITS_CONTINUOUS"}
    deal = {"reliefId": "deal", "originRegionCode": "US", "marketRegionCode": "JP"}
    deal |= {"unitsPerYear": dec(5000), "rate": dec(0)}
    deal["measure"] = {"importerRegionCode": "US", "measureId": US_CARS}
    problem["tradePolicy"] = {"conditionalReliefs": [deal]}
    answer = analyses.optimize(problem)
    assert list(answer.plan.earned_relief_ids) == ["deal"]
    sent = [
        number(flow.units)
        for flow in answer.plan.decisions.flows
        if (flow.plant_id, flow.market_id) == ("us", "j")
    ]
    assert abs(sum(sent) - Decimal(5000 * 31) / 365) < Decimal("0.001")
    decisions = json_format.MessageToDict(answer.plan.decisions)
    evaluated = analyses.evaluate(problem, decisions)
    assert not evaluated.violations
    assert list(evaluated.plan.earned_relief_ids) == ["deal"]
    # A hundredth less does not.
    for flow in decisions["flows"]:
        if flow["marketId"] == "j":
            less = Decimal("-0.01") if flow["plantId"] == "us" else Decimal("0.01")
            flow["units"]["value"] = str(Decimal(flow["units"]["value"]) + less)
    evaluated = analyses.evaluate(problem, decisions)
    assert not evaluated.plan.earned_relief_ids


def draws(seed):
    """Knuth's MMIX generator."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 33


@pytest.mark.parametrize("seed", range(1, 9))
def test_intervals_hold_the_best_plan_at_every_value(analyses, seed):
    """Three plants, two models, capacity for some: what a breakeven says of values within its
    intervals is what a search finds there."""
    random = draws(seed)

    def between(low, high):
        return low + next(random) % (high - low + 1)

    plants = ["a", "b", "c"]
    models = ["m", "n"]
    problem = {
        "periods": [{"periodId": "p", "startDate": day("2025-08-01"), "endDate": day("2025-09-01")}],
        "reportingCurrencyCode": "USD",
        "modelLines": [
            {"modelId": model, "goods": [{"importerRegionCode": "US", "goodsCode": "8703.23.01"}]}
            for model in models
        ],
        "plants": [
            {
                "plantId": plant,
                "regionCode": region,
                "capacity": [dec(between(600, 1500))],
                "initiallyOpen": plant == "a",
                "openingCost": usd(between(100000, 900000)),
                "fixedCost": usd(between(100000, 400000)),
            }
            for plant, region in zip(plants, ["JP", "US", "KR"])
        ],
        "productionOptions": [
            {
                "modelId": model,
                "plantId": plant,
                "unitCost": [usd(between(18000, 26000))],
                "launchCost": usd(between(50000, 500000)),
            }
            for model in models
            for plant in plants
        ],
        "markets": [{"marketId": "k", "regionCode": "US"}],
        "demands": [
            {
                "marketId": "k",
                "modelId": model,
                "volume": [dec(between(200, 700))],
                "lostMargin": usd(60000),
            }
            for model in models
        ],
        "lanes": [
            {"plantId": plant, "marketId": "k", "freight": usd(800), "vehiclesPerEntry": 100}
            for plant in plants
        ],
        "units": "UNITS_CONTINUOUS",
    }
    measure = {"importerRegionCode": "US", "measureId": US_CARS}
    answer = analyses.ask(
        "AnalyzeBreakeven",
        problem=problem,
        parameter={"measureRate": measure},
        low=dec(0),
        high=dec("0.5"),
        tolerance=dec("0.0001"),
    )
    intervals = answer.intervals
    assert number(intervals[0].low) == 0 and number(intervals[-1].high) == Decimal("0.5")
    decisions = {plan.plan_id: json_format.MessageToDict(plan.decisions) for plan in answer.plans}
    assert {name_of(interval, "evidence") for interval in intervals} == {"EVIDENCE_PROVED"}
    for before, after in zip(intervals, intervals[1:]):
        assert before.high == after.low and before.plan_id != after.plan_id
    for interval in intervals:
        low, high = number(interval.low), number(interval.high)
        for part in ("0.03", "0.5", "0.97"):
            rate = low + (high - low) * Decimal(part)
            override = {**measure, "rate": f"{rate * 100:f}%"}
            there = {**problem, "tradePolicy": {"measureOverrides": [override]}}
            best = number(analyses.optimize(there).termination.objective)
            told = analyses.evaluate(there, decisions[interval.plan_id])
            assert not told.violations
            cost = amount(told.plan.cost.total)
            # Within the tolerance of the search; near an end, of the place as well.
            slack = 2 * best * Decimal("0.000001") + Decimal("0.0001") * 30_000_000
            assert best - slack <= cost <= best + slack, (rate, interval)


def test_bad_analyses_are_told_every_fault(analyses):
    with pytest.raises(grpc.RpcError) as refused:
        analyses.ask(
            "AnalyzeBreakeven",
            problem=two_plants(),
            parameter={"unitCost": {"plantId": "nowhere"}},
            low=dec(2),
            high=dec(1),
            tolerance=dec(0),
            mostSolves=1000,
        )
    assert faults_of(refused) == {
        ("parameter.unit_cost.plant_id", "UNKNOWN_ID"),
        ("high", "OUT_OF_RANGE"),
        ("tolerance", "OUT_OF_RANGE"),
        ("most_solves", "OUT_OF_RANGE"),
    }
    with pytest.raises(grpc.RpcError) as refused:
        analyses.ask("ComparePlans", **{"from": {"problem": two_plants()}})
    assert ("from.decisions", "REQUIRED") in faults_of(refused)
    with pytest.raises(grpc.RpcError) as refused:
        analyses.ask("AnalyzeConcession", problem=two_plants())
    assert {field for field, _ in faults_of(refused)} >= {"relief", "volumes", "most_rate"}
    backwards = {
        "importerRegionCode": "US",
        "measureId": US_CARS,
        "startDate": day("2025-09-01"),
        "endDate": day("2025-09-01"),
    }
    with pytest.raises(grpc.RpcError) as refused:
        analyses.ask(
            "AnalyzeBreakeven",
            problem=two_plants(),
            parameter={"measureRate": backwards},
            low=dec(0),
            high=dec(1),
            tolerance=dec("0.1"),
        )
    assert ("parameter.measure_rate.end_date", "OUT_OF_RANGE") in faults_of(refused)


def test_a_concession_not_searched_to_its_end_is_not_known(analyses):
    """Searches that end early know of no plan, or of one that is not proved the best: neither says
    that it never pays, and a rate that is told is one at which it does."""
    request = json.loads((EXAMPLES / "scenarios" / "article-concession.json").read_text())
    proved = [number(point.rate) for point in analyses.ask("AnalyzeConcession", **request).points]
    outcomes = set()
    for iterations in range(30, 61, 5):
        request["budget"] = {"lpIterations": str(iterations)}
        for point, highest in zip(analyses.ask("AnalyzeConcession", **request).points, proved):
            outcomes.add(name_of(point, "outcome"))
            if name_of(point, "outcome") == "CONCESSION_OUTCOME_PAYS_BELOW":
                assert number(point.rate) <= highest
            else:
                assert name_of(point, "evidence") == "EVIDENCE_UNPROVED"
    assert outcomes == {"CONCESSION_OUTCOME_PAYS_BELOW", "CONCESSION_OUTCOME_NOT_KNOWN"}
