"""Sourcing over grpcio: plans by hand, by enumeration, under faults."""

import itertools
import json
import time
from decimal import Decimal

import grpc
import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2

from reflected import amount, name_of
from server import CALL_BOUND, EXAMPLES, SOURCING, Server, until


def day(text):
    year, month, of_month = (int(part) for part in text.split("-"))
    return {"year": year, "month": month, "day": of_month}


def dec(value):
    return {"value": str(value)}


def usd(amount):
    units, _, rest = str(amount).partition(".")
    return {"currencyCode": "USD", "units": units, "nanos": int((rest or "0").ljust(9, "0"))}


class Sourcing:
    """The calls of the service, on messages built from JSON."""

    def __init__(self, client):
        self.client = client
        self.optimize_call = client.call(f"{SOURCING}/OptimizeSourcing")
        self.evaluate_call = client.call(f"{SOURCING}/EvaluatePlan")
        self.stream_call = client.call(f"{SOURCING}/StreamOptimization")
        self.Optimize, _ = client.messages(f"{SOURCING}/OptimizeSourcing")
        self.Evaluate, _ = client.messages(f"{SOURCING}/EvaluatePlan")

    def request(self, problem, **fields):
        return json_format.ParseDict({"problem": problem} | fields, self.Optimize())

    def optimize(self, problem, timeout=CALL_BOUND, **fields):
        return self.optimize_call(self.request(problem, **fields), timeout=timeout)

    def evaluate(self, problem, decisions, **fields):
        request = {"problem": problem, "decisions": decisions} | fields
        request = json_format.ParseDict(request, self.Evaluate())
        return self.evaluate_call(request, timeout=CALL_BOUND)


@pytest.fixture(scope="module")
def sourcing(client):
    return Sourcing(client)


def uk_quota_problem():
    """One model for the United States from Japan, the United Kingdom and home, around the day
    on which the UK quota opens. Values are assumptions; the law is not.

    - The UK rate is 27.5 % to 2025-06-29, and 10 % within the quota from then on; Japan's is
      27.5 % throughout (HTSUS ch. 99 III note 33).
    - Three units of the UK quota are left; entries hold 4 cars, so that the merchandise
      processing fee stands at its ceiling on full entries (19 CFR 24.23).
    """
    return {
        "periods": [
            {"periodId": "p", "startDate": day("2025-06-16"), "endDate": day("2025-07-14")}
        ],
        "reportingCurrencyCode": "USD",
        "modelLines": [
            {"modelId": "m", "goods": [{"importerRegionCode": "US", "goodsCode": "8703.23.01"}]}
        ],
        "plants": [
            {"plantId": "jp", "regionCode": "JP", "capacity": [dec(12)], "initiallyOpen": True},
            {
                "plantId": "gb",
                "regionCode": "GB",
                "capacity": [dec(12)],
                "openingCost": usd(9000),
            },
            {"plantId": "us", "regionCode": "US", "capacity": [dec(4)], "initiallyOpen": True},
        ],
        "productionOptions": [
            {
                "modelId": "m",
                "plantId": "jp",
                "unitCost": [usd(48500)],
                "initiallyLaunched": True,
            },
            {
                "modelId": "m",
                "plantId": "gb",
                "unitCost": [usd(47900)],
                "initiallyLaunched": True,
                "customs": [
                    {"importerRegionCode": "US", "elections": {"quotaIds": ["us-uk-cars"]}}
                ],
            },
            {
                "modelId": "m",
                "plantId": "us",
                "unitCost": [usd(61500)],
                "initiallyLaunched": True,
            },
        ],
        "markets": [{"marketId": "usa", "regionCode": "US"}],
        "demands": [{"marketId": "usa", "modelId": "m", "volume": [dec(12)]}],
        "lanes": [
            {
                "plantId": "jp",
                "marketId": "usa",
                "freight": usd(900),
                "vehiclesPerEntry": 4,
            },
            {
                "plantId": "gb",
                "marketId": "usa",
                "freight": usd(700),
                "vehiclesPerEntry": 4,
            },
            {"plantId": "us", "marketId": "usa", "freight": usd(200)},
        ],
        "tradePolicy": {
            "quotas": [
                {
                    "importerRegionCode": "US",
                    "quotaId": "us-uk-cars",
                    "used": [{"periodStart": day("2025-06-30"), "used": dec(65202)}],
                }
            ]
        },
    }


def decisions(flows):
    plants = {plant for plant, units in flows.items() if units}
    return {
        "plants": [
            {"plantId": plant, "openPeriodIds": ["p"]}
            for plant in ("jp", "gb", "us")
            if plant in plants or plant != "gb"
        ],
        "flows": [
            {
                "modelId": "m",
                "plantId": plant,
                "marketId": "usa",
                "periodId": "p",
                "units": dec(units),
            }
            for plant, units in flows.items()
            if units
        ],
    }


def cost_of(sourcing, problem, flows):
    answer = sourcing.evaluate(problem, decisions(flows))
    assert not answer.violations, (flows, answer.violations)
    return Decimal(answer.plan.cost.discounted_total.value)


def test_the_plan_is_the_best_of_all_whole_unit_plans(sourcing):
    problem = uk_quota_problem()
    costs = {}
    for us, gb in itertools.product(range(5), range(13)):
        jp = 12 - us - gb
        if jp >= 0:
            costs[jp, gb, us] = cost_of(sourcing, problem, {"jp": jp, "gb": gb, "us": us})
    assert len(costs) == 55

    answer = sourcing.optimize(problem, view="PLAN_VIEW_FULL")
    plan = answer.plan
    chosen = Decimal(plan.cost.discounted_total.value)
    assert chosen == min(costs.values())
    units = {a.plant_id: int(a.units.value) for a in plan.allocations}
    assert costs[units.get("jp", 0), units.get("gb", 0), units.get("us", 0)] == chosen

    # A planner who takes one rate for each origin: 10 % for the United Kingdom, as agreed, and
    # 27.5 % for Japan; everything goes where the car is cheapest at that rate.
    flat = {"jp": 48500 * 1.275 + 900, "gb": 47900 * 1.10 + 700, "us": 61500 + 200}
    order = sorted(flat, key=flat.get)
    left, flows = 12, {}
    for plant in order:
        flows[plant] = min(left, {"jp": 12, "gb": 12, "us": 4}[plant])
        left -= flows[plant]
    assert chosen < costs[flows["jp"], flows["gb"], flows["us"]]

    # The quota splits a lane, the fee's ceiling binds, and the rate changes within the period.
    (british,) = [a for a in plan.allocations if a.plant_id == "gb"]
    assert {group.quota_id for group in british.entries} == {"", "us-uk-cars"}
    assert len({json_format.MessageToJson(group.window_start) for group in british.entries}) == 2
    fees = {
        group.articles_per_entry.value: amount(layer.amount_per_entry)
        for group in british.entries
        for layer in group.layers
        if layer.heading == "499"
    }
    # 47,900 x 4 x 0.3464 % = 663.70 is beyond the ceiling of the year; one car pays 165.93.
    assert fees["4"] == Decimal("634.62") and fees["1"] == Decimal("165.93")


def test_cost_is_the_sum_of_quotes(sourcing, client):
    """Every group of entries asked again as a quote of its own, to the cent."""
    plan = sourcing.optimize(uk_quota_problem(), view="PLAN_VIEW_FULL").plan
    value = {"jp": 48500, "gb": 47900, "us": 61500}
    freight = {"jp": 900, "gb": 700, "us": 200}
    origin = {"jp": "JP", "gb": "GB"}
    Request, _ = client.messages("CalculateDuty")
    asked = 0
    for allocation in plan.allocations:
        charges = Decimal(0)
        for group in allocation.entries:
            each = amount(group.charges_per_entry)
            charges += each * Decimal(group.entries.value)
            if allocation.plant_id not in origin:
                continue
            n = int(group.articles_per_entry.value)
            request = {
                "entry": {
                    "importerRegionCode": "US",
                    "entryDate": json_format.MessageToDict(group.window_start),
                    "lines": [
                        {
                            "lineId": "1",
                            "goods": {
                                "goodsCode": "8703.23.01",
                                "originRegionCode": origin[allocation.plant_id],
                                "transactionValue": usd(value[allocation.plant_id] * n),
                                "freight": usd(freight[allocation.plant_id] * n),
                                "quantities": [{"amount": dec(n), "unitCode": "NAR"}],
                            },
                            "elections": {
                                "quotaIds": [group.quota_id] if group.quota_id else []
                            },
                        }
                    ],
                },
                "worldState": {
                    "quotaBalances": [{"quotaId": "us-uk-cars", "remaining": dec(3)}]
                },
            }
            answer = client.calculate_duty(json_format.ParseDict(request, Request()))
            assert amount(answer.totals.total) == each
            asked += 1
        assert charges == amount(allocation.charges)
    assert asked
    lines = sum((amount(line.amount) for line in plan.cost.lines), Decimal(0))
    assert lines == amount(plan.cost.total)


def test_same_request_same_bytes(sourcing):
    problem = json.loads((EXAMPLES / "sourcing-two-plants.json").read_text())["problem"]
    budget = {"lpIterations": "100000", "nodes": "1000", "seed": 7}
    first, second = (
        sourcing.optimize(problem, budget=budget).SerializeToString(deterministic=True)
        for _ in range(2)
    )
    assert first == second


def test_the_example_of_two_plants(client):
    answer = client.ask("sourcing-two-plants")
    assert name_of(answer.termination, "reason") == "TERMINATION_REASON_OPTIMAL"
    built = {
        (flow.plant_id, flow.market_id, flow.period_id): flow.units.value
        for flow in answer.plan.decisions.flows
    }
    assert built == {
        ("yorii", "us", "fy2025"): "20000",
        ("yorii", "jp", "fy2025"): "12000",
        ("greensburg", "us", "fy2025"): "40000",
        ("greensburg", "us", "fy2026"): "64000",
        ("greensburg", "jp", "fy2026"): "12000",
    }
    # As it is today costs more, and keeps every limit.
    today = client.ask("sourcing-evaluate")
    assert not today.violations
    cost = [Decimal(each.plan.cost.discounted_total.value) for each in (answer, today)]
    assert cost[0] < cost[1]
    # 218 full entries and one of 63 in the first window: 2.5 % and 25 % of 24,000, 0.125 %, and the
    # merchandise processing fee at 634.62, its ceiling of the year.
    full, rest = today.plan.allocations[0].entries[:2]
    assert (full.entries.value, rest.articles_per_entry.value) == ("218", "63")
    assert amount(full.charges_per_entry) == Decimal("663634.62")
    assert amount(rest.charges_per_entry) == Decimal("418324.62")


def test_the_faulty_example_is_told_all_its_faults(client):
    with pytest.raises(grpc.RpcError) as error:
        client.ask("bad-sourcing")
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert faults_of(error) == {
        ("problem.plants[0].capacity[0]", "OUT_OF_RANGE"),
        ("problem.lanes[2].market_id", "UNKNOWN_ID"),
        ("problem.lanes[4].plant_id", "DUPLICATE"),
        ("problem.demands[2].market_id", "UNREACHABLE_MARKET"),
        ("problem.production_options[0].unit_cost[0]", "EXCHANGE_RATE_MISSING"),
        ("problem.limits.domestic_floors[1].units", "CONTRADICTORY_FLOOR"),
    }


def test_validate_only_solves_nothing(sourcing):
    answer = sourcing.optimize(uk_quota_problem(), mode="SOLVING_MODE_VALIDATE_ONLY")
    assert name_of(answer.termination, "reason") == "TERMINATION_REASON_VALIDATED"
    assert not answer.HasField("plan")


def test_infeasible_is_an_answer(sourcing):
    problem = uk_quota_problem()
    problem["plants"][0]["capacity"] = [dec(5)]
    problem["plants"][1]["capacity"] = [dec(2)]
    answer = sourcing.optimize(problem)
    assert name_of(answer.termination, "reason") == "TERMINATION_REASON_INFEASIBLE"
    assert not answer.HasField("plan")


def test_lost_margin_is_weighed(sourcing):
    problem = uk_quota_problem()
    problem["demands"][0]["lostMargin"] = usd(20000)
    answer = sourcing.optimize(problem)
    # Every car costs more than the margin it earns.
    (unserved,) = answer.plan.unserved
    assert unserved.units.value == "12"
    assert {reason.reason for reason in unserved.reasons} >= {"COSTS_MORE_THAN_MARGIN"}
    assert amount(answer.plan.cost.total) == Decimal("240000.00")


def faults_of(error):
    status = status_pb2.Status.FromString(dict(error.value.trailing_metadata())["grpc-status-details-bin"])
    bad = error_details_pb2.BadRequest()
    for detail in status.details:
        if detail.Unpack(bad):
            break
    return {(v.field, v.reason) for v in bad.field_violations}


def test_every_fault_at_once(sourcing):
    problem = uk_quota_problem()
    problem["plants"][0]["capacity"] = [dec(-1)]
    problem["lanes"].append(dict(problem["lanes"][0]))
    problem["lanes"][2]["marketId"] = "nowhere"
    problem["productionOptions"][0]["unitCost"] = [{"currencyCode": "JPY", "units": "4000000"}]
    problem["markets"].append({"marketId": "canada", "regionCode": "CA"})
    problem["demands"].append({"marketId": "canada", "modelId": "m", "volume": [dec(1)]})
    problem["limits"] = {
        "domesticFloors": [
            {"floorId": "f", "regionCode": "IN", "units": dec(5)},
            {"floorId": "g", "regionCode": "US", "units": dec(500)},
        ]
    }
    with pytest.raises(grpc.RpcError) as error:
        sourcing.optimize(problem)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    faults = faults_of(error)
    assert faults >= {
        ("problem.plants[0].capacity[0]", "OUT_OF_RANGE"),
        ("problem.lanes[3].plant_id", "DUPLICATE"),
        ("problem.lanes[2].market_id", "UNKNOWN_ID"),
        ("problem.production_options[0].unit_cost[0]", "EXCHANGE_RATE_MISSING"),
        ("problem.demands[1].market_id", "UNREACHABLE_MARKET"),
        ("problem.limits.domestic_floors[0].units", "CONTRADICTORY_FLOOR"),
        ("problem.limits.domestic_floors[1].units", "CONTRADICTORY_FLOOR"),
    }


def test_law_that_leaves_a_cost_open_is_refused_or_read_one_way(sourcing):
    problem = uk_quota_problem()
    del problem["tradePolicy"]
    with pytest.raises(grpc.RpcError) as error:
        sourcing.optimize(problem)
    assert ("QUOTA_BALANCE_UNKNOWN") in {reason for _, reason in faults_of(error)}


def test_a_stream_tells_phases_and_ends_with_the_answer(sourcing):
    events = list(sourcing.stream_call(sourcing.request(uk_quota_problem()), timeout=CALL_BOUND))
    assert events[-1].WhichOneof("event") == "response"
    assert all(event.WhichOneof("event") == "progress" for event in events[:-1])
    phases = [name_of(event.progress, "phase") for event in events[:-1]]
    assert "SEARCH_PHASE_PRICING" in phases


def hard_problem(models=14, plants=10, markets=8, periods=6):
    """A problem that takes the solver long: many alike plants with fixed costs."""
    roll = itertools.count(1)

    def rnd(low, high):
        # A fixed sequence: the same problem each time.
        x = (next(roll) * 2654435761) % 2**32
        return low + x % (high - low)

    return {
        "periods": [
            {
                "periodId": f"p{t}",
                "startDate": day(f"{2026 + t}-01-01"),
                "endDate": day(f"{2027 + t}-01-01"),
            }
            for t in range(periods)
        ],
        "reportingCurrencyCode": "USD",
        "annualDiscountRate": dec("0.06"),
        "modelLines": [{"modelId": f"m{m}"} for m in range(models)],
        "plants": [
            {
                "plantId": f"s{p}",
                "regionCode": "BR",
                "capacity": [dec(rnd(60000, 120000))],
                "openingCost": usd(rnd(60, 140) * 1000000),
                "fixedCost": usd(rnd(30, 80) * 1000000),
                "ramp": [dec("0.6"), dec("0.85")],
            }
            for p in range(plants)
        ],
        "productionOptions": [
            {
                "modelId": f"m{m}",
                "plantId": f"s{p}",
                "unitCost": [usd(rnd(15000, 19000))],
                "launchCost": usd(rnd(5, 30) * 1000000),
            }
            for m in range(models)
            for p in range(plants)
        ],
        "markets": [{"marketId": f"k{k}", "regionCode": "BR"} for k in range(markets)],
        "demands": [
            {
                "modelId": f"m{m}",
                "marketId": f"k{k}",
                "volume": [dec(rnd(500, 6000)) for _ in range(periods)],
                "lostMargin": usd(60000),
            }
            for m in range(models)
            for k in range(markets)
        ],
        "lanes": [
            {"plantId": f"s{p}", "marketId": f"k{k}", "freight": usd(rnd(100, 2500))}
            for p in range(plants)
            for k in range(markets)
        ],
    }


def test_the_best_plan_so_far_is_told_in_time(sourcing):
    began = time.monotonic()
    answer = sourcing.optimize(hard_problem(), timeout=30, budget={"timeLimit": "6s"})
    took = time.monotonic() - began
    assert took < 12
    assert name_of(answer.termination, "reason") in (
        "TERMINATION_REASON_FEASIBLE",
        "TERMINATION_REASON_OPTIMAL",
    )
    if name_of(answer.termination, "reason") == "TERMINATION_REASON_FEASIBLE":
        assert name_of(answer.termination, "limit") in (
            "TERMINATION_LIMIT_TIME",
            "TERMINATION_LIMIT_EXACTNESS",
        )
    assert answer.plan.allocations


def children(pid):
    import pathlib

    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"PPid:\t{pid}\n" in text:
            found.append(int(status.parent.name))
    return found


def test_faults_of_a_solver_touch_nothing_else():
    """A child killed mid-solve, one that stops answering, a full queue, a client that hangs up:
    quotes go on being answered."""
    import os
    import signal

    from reflected import Client

    settings = {
        "PORTOLAN__SOLVER__PROCESSES": "1",
        "PORTOLAN__SOLVER__MAX_QUEUED": "1",
        "PORTOLAN__SOLVER__DEFAULT_TIME_MS": "20000",
    }
    with Server(**settings) as server:
        client = Client(server.address)
        sourcing = Sourcing(client)
        request = sourcing.request(hard_problem(), budget={"timeLimit": "20s"})

        def quote():
            answer = client.calculate_duty(client.request("japan-car-may-2025"), timeout=CALL_BOUND)
            assert amount(answer.totals.total) == Decimal("8391.42")

        # Killed mid-solve: an error with a reason, or the best plan so far.
        solving = sourcing.optimize_call.future(request, timeout=CALL_BOUND)
        time.sleep(3)
        (child,) = children(server.process.pid)
        os.kill(child, signal.SIGKILL)
        quote()
        try:
            answer = solving.result(timeout=CALL_BOUND)
            assert answer.plan.allocations
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.INTERNAL
        quote()

        # The queue is full: refused at once, with advice.
        first = sourcing.optimize_call.future(request, timeout=CALL_BOUND)
        time.sleep(1.5)
        second = sourcing.optimize_call.future(request, timeout=CALL_BOUND)
        time.sleep(1.5)
        with pytest.raises(grpc.RpcError) as refused:
            sourcing.optimize_call(request, timeout=CALL_BOUND)
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        quote()

        # Clients that hang up: the places are free within a second or so.
        first.cancel()
        second.cancel()
        time.sleep(2)
        answer = sourcing.optimize(uk_quota_problem())
        assert answer.plan.allocations

        # One that stops answering is killed at its deadline, and another takes its place.
        solving = sourcing.optimize_call.future(
            sourcing.request(hard_problem(), budget={"timeLimit": "5s"}), timeout=CALL_BOUND
        )
        time.sleep(2.5)
        (child,) = children(server.process.pid)
        os.kill(child, signal.SIGSTOP)
        quote()
        solving.exception(timeout=30)
        until(lambda: child not in children(server.process.pid), 10, "the end of the process")
        assert sourcing.optimize(uk_quota_problem()).plan.allocations
        client.close()
        server.terminate()
        assert server.exit_code() == 0, server.log()
