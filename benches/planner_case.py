"""A planner's case over gRPC, priced by the bundled law: when is the first plan told, when the answer?

    target/release/portolan bench generate planner 1 /tmp/planner-1.json
    target/release/portolan serve --listen 127.0.0.1:50051 &
    .venv/bin/python benches/planner_case.py /tmp/planner-1.json 127.0.0.1:50051 --gap 0.01
    .venv/bin/python benches/planner_case.py /tmp/planner-1.json 127.0.0.1:50051 --breakeven rate
    .venv/bin/python benches/planner_case.py /tmp/planner-1.json --write planner-case.json

Turns a problem of `bench generate` into a `SourcingProblem`: months from November 2026, passenger
cars with a petrol engine, whole vehicles, 200 to an entry, 21 days under way between countries.
Importers whose law is not held charge 35 %; where law is open the dearest reading counts. The
tariffs and quotas of the file are left out.

Prints each phase and each better plan with the seconds since the call. With `--breakeven` it asks,
after the plan, where along one parameter the plan changes, and prints the intervals.
"""

import argparse
import json
import pathlib
import sys
import time
from decimal import Decimal

from google.protobuf import json_format

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/wire"))
from reflected import Client  # noqa: E402
from server import SOURCING  # noqa: E402

HELD = ["CA", "DE", "CZ", "GB", "IN", "JP", "KR", "MX", "TH", "US"]


def decimal(number):
    return {"value": str(number)}


def money(hundredths, currency):
    units, rest = divmod(int(hundredths), 100)
    rest = 0 if currency in ("JPY", "KRW") else rest
    return {"currencyCode": currency, "units": str(units), "nanos": rest * 10_000_000}


def date(month):
    return {"year": 2026 + (10 + month) // 12, "month": (10 + month) % 12 + 1, "day": 1}


def problem(file):
    currencies = {country["id"]: country["currency"] for country in file["countries"]}
    sites = {site["id"]: site for site in file["sites"]}
    markets = {market["id"]: market["country"] for market in file["markets"]}
    goods = [
        {
            "importerRegionCode": country,
            "goodsCode": "8703.23.01" if country == "US" else "8703.23",
        }
        for country in sorted(set(markets.values()) & set(HELD))
    ]
    options = [
        {
            "modelId": row["model"],
            "plantId": row["site"],
            "unitCost": [money(row["unit_cost"], currencies[sites[row["site"]]["country"]])],
            "launchCost": money(row["launch_cost"], currencies[sites[row["site"]]["country"]]),
        }
        for row in file["production"]
    ]
    lanes = [
        {
            "plantId": row["site"],
            "marketId": row["market"],
            "freight": money(row["unit_cost"], "USD"),
            "transitDays": 0 if markets[row["market"]] == sites[row["site"]]["country"] else 21,
            "vehiclesPerEntry": 200,
            "transportMode": "TRANSPORT_MODE_OCEAN",
        }
        for row in file["freight"]
    ]
    plants = [
        {
            "plantId": site["id"],
            "regionCode": site["country"],
            "capacity": [decimal(site["capacity"])],
            "initiallyOpen": site["initially_open"],
            "openingCost": money(site["opening_cost"], currencies[site["country"]]),
            "closingCost": money(site["closing_cost"], currencies[site["country"]]),
            "fixedCost": money(site["fixed_cost_per_period"], currencies[site["country"]]),
            "ramp": [decimal(Decimal(share) / 10_000) for share in site["ramp_bp"]],
        }
        for site in file["sites"]
    ]
    rates = file["fx"].items()
    return {
        "periods": [
            {"periodId": name, "startDate": date(place), "endDate": date(place + 1)}
            for place, name in enumerate(file["periods"])
        ],
        "annualDiscountRate": decimal("0.06"),
        "reportingCurrencyCode": "USD",
        "planningExchangeRates": [
            {"currencyCode": currency, "rates": [decimal(worth)]}
            for currency, worth in rates
            if currency != "USD"
        ],
        "modelLines": [
            {
                "modelId": model["id"],
                "capacityUse": decimal(model["hours"]),
                "goods": goods,
            }
            for model in file["models"]
        ],
        "plants": plants,
        "productionOptions": options,
        "markets": [
            {"marketId": market, "regionCode": country} for market, country in markets.items()
        ],
        "demands": [
            {
                "marketId": row["market"],
                "modelId": row["model"],
                "volume": [decimal(volume) for volume in row["volume"]],
                "lostMargin": money(file["unmet_penalty"], "USD"),
            }
            for row in file["demand"]
        ],
        "lanes": lanes,
        "tradePolicy": {
            "openLaw": "OPEN_LAW_HIGHEST",
            "statedDuties": [
                {"importerRegionCode": country, "rate": decimal("0.35")}
                for country in sorted(set(markets.values()) - set(HELD))
            ],
        },
    }


# By name: the parameter, its lowest and its highest value.
PARAMETERS = {
    "rate": (
        {"measureRate": {"importerRegionCode": "US", "measureId": "us-232-autos-41", "allIn": True}},
        "0.05",
        "0.30",
    ),
    "yen": ({"exchangeRate": {"currencyCode": "JPY", "inverse": True}}, "140", "170"),
    "labour": ({"unitCost": {"plantId": "S00"}}, "0.8", "1.1"),
    "volume": ({"volume": {"marketId": "K00"}}, "0.5", "1.5"),
}


def breakeven(client, request, name):
    parameter, low, high = PARAMETERS[name]
    kind, _ = client.messages(f"{SOURCING}/AnalyzeBreakeven")
    asked = {"parameter": parameter, "low": decimal(low), "high": decimal(high)}
    message = json_format.ParseDict(request | asked, kind())
    began = time.monotonic()
    answer = client.call(f"{SOURCING}/AnalyzeBreakeven")(message, timeout=600)
    print(f"{time.monotonic() - began:7.2f}  {answer.solves} solves: {answer.message}")
    for interval in answer.intervals:
        told = json_format.MessageToDict(interval)
        print("         " + "  ".join(str(value) for value in told.values()))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file")
    parser.add_argument("address", nargs="?")
    parser.add_argument("--write", help="write the request as JSON and ask nobody")
    parser.add_argument("--gap", default="0.01")
    parser.add_argument("--time", type=int, default=30, help="time limit, seconds")
    parser.add_argument("--breakeven", choices=PARAMETERS, help="along which parameter")
    options = parser.parse_args()
    with open(options.file) as file:
        request = {
            "problem": problem(json.load(file, parse_float=Decimal)),
            "budget": {"relativeGap": decimal(options.gap), "timeLimit": f"{options.time}s"},
        }
    if options.write:
        pathlib.Path(options.write).write_text(json.dumps(request, indent=2) + "\n")
        return
    client = Client(options.address)
    kind, _ = client.messages(f"{SOURCING}/StreamOptimization")
    message = json_format.ParseDict(request, kind())
    began = time.monotonic()
    for event in client.call(f"{SOURCING}/StreamOptimization")(message, timeout=600):
        seconds = time.monotonic() - began
        if event.WhichOneof("event") == "progress":
            told = json_format.MessageToDict(event.progress)
            print(f"{seconds:7.2f}  " + "  ".join(f"{k} {v}" for k, v in told.items()))
        else:
            answer = event.response
            size = answer.ByteSize()
            flows = len(answer.plan.decisions.flows)
            print(f"{seconds:7.2f}  {flows} flows, {size} bytes")
            print(json_format.MessageToJson(answer.termination))
            cost = answer.plan.cost
            print("solver", cost.solver_cost, "difference", cost.difference)
    if options.breakeven:
        breakeven(client, request, options.breakeven)


if __name__ == "__main__":
    main()
