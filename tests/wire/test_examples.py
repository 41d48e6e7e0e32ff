"""The example requests over grpcio, against amounts worked out by hand."""

from decimal import Decimal

from reflected import amount, amounts_by_heading, name_of


def determined(client, example):
    """The answer, its only line and the assessment of that line."""
    answer = client.ask(example)
    assert name_of(answer, "determination") == "DETERMINATION_DETERMINED"
    (line,) = answer.lines
    assert name_of(line, "determination") == "DETERMINATION_DETERMINED"
    return answer, line, line.assessment


def entry_fees(answer):
    return {fee.heading: amount(fee.amount) for fee in answer.entry_fees}


def rejections(assessment):
    return {
        provision.heading: (name_of(provision, "reason"), provision.by_heading)
        for provision in assessment.rejected_provisions
    }


def dollars(amounts):
    return {heading: Decimal(text) for heading, text in amounts.items()}


def test_a_japanese_car_in_may_2025(client):
    answer, line, assessment = determined(client, "japan-car-may-2025")
    # column 1        30,000.00 x 2.5 %     =    750.00
    # 232 autos       30,000.00 x 25 %      =  7,500.00   duty 8,250.00 = 27.5 %
    # harbour (501)   30,000.00 x 0.125 %   =     37.50
    # merchandise     30,000.00 x 0.3464 %  =    103.92   within 32.71 and 634.62
    assert amounts_by_heading(assessment.layers) == dollars(
        {"8703.23.01": "750.00", "9903.94.01": "7500.00", "501": "37.50"}
    )
    assert entry_fees(answer) == dollars({"499": "103.92"})
    assert amount(answer.totals.duty) == Decimal("8250.00")
    assert Decimal(answer.totals.effective_duty_rate.value) == Decimal("0.275")
    assert amount(answer.totals.fees) == Decimal("141.42")
    assert amount(answer.totals.total) == Decimal("8391.42")
    # 30,000.00 + freight 1,150.00 + 8,391.42
    assert amount(answer.totals.landed_cost) == Decimal("39541.42")

    # The general 10 % and Japan's 24 % are shown as considered, and not charged.
    assert rejections(assessment)["9903.01.25"] == (
        "REJECTION_REASON_SWITCHED_OFF",
        "9903.94.01",
    )
    (reciprocal,) = [p for p in assessment.rejected_provisions if p.rate == "24%"]
    assert name_of(reciprocal, "reason") in (
        "REJECTION_REASON_SUSPENDED",
        "REJECTION_REASON_SWITCHED_OFF",
    )
    assert reciprocal.explanation

    # Every charge is answered for, by a document published by then.
    for layer in assessment.layers:
        assert layer.citations, layer.heading
    for document in answer.documents:
        published = document.published_on
        assert (published.year, published.month, published.day) <= (2025, 5, 15), document


def test_a_british_car_in_may_2025_with_the_quota_announced(client):
    answer, line, assessment = determined(client, "uk-car-may-2025")
    # As from Japan: 750.00 + 7,500.00 duty, 37.50 + 103.92 fees; freight is 1,250.00.
    assert amount(answer.totals.duty) == Decimal("8250.00")
    assert amount(answer.totals.total) == Decimal("8391.42")
    assert amount(answer.totals.landed_cost) == Decimal("39641.42")
    assert rejections(assessment)["9903.94.31"][0] == "REJECTION_REASON_ANNOUNCED"
    # The request states neither how the car travels nor how many there are.
    assert {"quantity", "transport-mode"} <= {p.subject for p in line.presumptions}


def test_two_british_cars_and_one_unit_left_in_the_quota(client):
    answer, line, assessment = determined(client, "uk-car-in-quota")
    # Each car 78,000.00.
    # column 1         156,000.00 x 2.5 %     =  3,900.00
    # first, in quota   78,000.00 x 7.5 %     =  5,850.00
    # second, over it   78,000.00 x 25 %      = 19,500.00   duty 29,250.00
    # harbour (501)    156,000.00 x 0.125 %   =    195.00
    # merchandise      156,000.00 x 0.3464 %  =    540.384  within 34.58 and 670.86
    assert amounts_by_heading(assessment.layers) == dollars(
        {
            "8703.24.01": "3900.00",
            "9903.94.31": "5850.00",
            "9903.94.01": "19500.00",
            "501": "195.00",
        }
    )
    units = {layer.heading: layer.units.value for layer in assessment.layers}
    assert Decimal(units["9903.94.31"]) == Decimal(units["9903.94.01"]) == 1
    assert entry_fees(answer) == dollars({"499": "540.38"})
    assert amount(answer.totals.duty) == Decimal("29250.00")
    assert amount(answer.totals.total) == Decimal("29985.38")
    # 156,000.00 + freight 3,800.00 + 29,985.38
    assert amount(answer.totals.landed_cost) == Decimal("189785.38")


def test_a_mexican_car_pays_on_its_content_from_elsewhere(client):
    answer, line, assessment = determined(client, "mexico-us-content")
    # column 1, S      33,500.00 free                       =      0.00
    # approved US content 15,075.00, 45 %                   =      0.00
    # the rest         33,500.00 - 15,075.00 = 18,425.00 x 25 % = 4,606.25
    # No merchandise fee under USMCA; no harbour fee by rail.
    layers = amounts_by_heading(assessment.layers)
    assert {heading: due for heading, due in layers.items() if due} == dollars({"9903.94.03": "4606.25"})
    assert not any(entry_fees(answer).values())
    assert amount(answer.totals.duty) == amount(answer.totals.total) == Decimal("4606.25")
    assert Decimal(answer.totals.effective_duty_rate.value) == Decimal("0.1375")
    # 33,500.00 + freight 640.00 + 4,606.25
    assert amount(answer.totals.landed_cost) == Decimal("38746.25")
    # The car counts once, on the line of the content that pays.
    # (9903.05.90 stands first: it tells why Section 301 is not due.)
    filed = [
        (filing.headings[1], amount(filing.entered_value), Decimal(filing.quantity.value))
        for filing in assessment.filed_lines
    ]
    assert all(filing.headings[0] == "9903.05.90" for filing in assessment.filed_lines)
    assert filed == [
        ("9903.94.03", Decimal("18425.00"), 1),
        ("9903.94.02", Decimal("15075.00"), 0),
    ]


def test_820_japanese_hybrids_pay_one_capped_merchandise_fee(client):
    answer, line, assessment = determined(client, "japan-hybrid-820")
    # 820 x 31,400.00 = 25,748,000.00
    # column 1         inside the 15 %                      =         0.00
    # 232 autos        25,748,000.00 x 15 %                 = 3,862,200.00
    # harbour (501)    25,748,000.00 x 0.125 %              =    32,185.00
    # merchandise      25,748,000.00 x 0.3464 % = 89,191.07, at most   670.86
    assert amounts_by_heading(assessment.layers) == dollars(
        {"8703.40.00": "0.00", "9903.94.41": "3862200.00", "501": "32185.00"}
    )
    assert entry_fees(answer) == dollars({"499": "670.86"})
    (column,) = [layer for layer in assessment.layers if layer.heading == "8703.40.00"]
    assert column.included_in_heading == "9903.94.41"
    # 3,862,200.00 + 32,185.00 + 670.86
    assert amount(answer.totals.total) == Decimal("3895055.86")
    # 25,748,000.00 + freight 943,000.00 + 3,895,055.86
    assert amount(answer.totals.landed_cost) == Decimal("30586055.86")


def test_the_answer_names_what_it_is_a_function_of(client):
    provenance = client.ask("japan-car-may-2025").provenance
    assert provenance.schedule_revision.startswith("schedules/vehicles@")
    assert provenance.engine_version
    known = provenance.known_at
    assert (known.year, known.month, known.day) == (2025, 5, 15)

    request = client.request("japan-car-may-2025")
    request.schedule = provenance.schedule_revision
    again = client.calculate_duty(request, timeout=60)
    assert again == client.ask("japan-car-may-2025")


def rates(changes):
    """Rates before and after, by headings before and after."""
    return [
        {(c.heading_before, c.heading_after): (c.rate_before, c.rate_after) for c in change.charges}
        for change in changes
    ]


def test_a_credit_meets_the_duty_on_parts_and_the_column_is_told_apart(client):
    answer, line, assessment = determined(client, "harness-offset")
    # column 1         480,000.00 x 5 %                     =  24,000.00
    # 232 parts        480,000.00 x 15 % all-in, less that  =  48,000.00
    # offset           30,000.00 left, of 48,000.00         = -30,000.00
    # harbour (501)    480,000.00 x 0.125 %                 =     600.00
    # merchandise      480,000.00 x 0.3464 % = 1,662.72, at most   670.86
    assert amounts_by_heading(assessment.layers) == dollars(
        {
            "8544.30.00": "24000.00",
            "9903.94.43": "48000.00",
            "us-assembly-offset-cars": "-30000.00",
            "501": "600.00",
        }
    )
    assert entry_fees(answer) == dollars({"499": "670.86"})
    assert amount(answer.totals.duty) == Decimal("72000.00")
    assert amount(answer.totals.credits) == Decimal("-30000.00")
    # 480,000.00 + freight 9,200.00 + 72,000.00 - 30,000.00 + 1,270.86
    assert amount(answer.totals.landed_cost) == Decimal("532470.86")


def test_a_quota_is_opened_by_the_use_of_its_periods(client):
    # 25,000 + (25,000 - 22,400) carried from the second quarter - 27,599 used = 1 unit left.
    answer, line, assessment = determined(client, "uk-quota-usage")
    layers = amounts_by_heading(assessment.layers)
    assert layers == dollars({"8703.24.01": "1950.00", "9903.94.31": "5850.00", "501": "97.50"})
    # 78,000.00 + freight 1,900.00 + 7,800.00 + 97.50 + 270.19
    assert amount(answer.totals.landed_cost) == Decimal("88067.69")

    # One unit more is used: the next car pays 25 % on top of the column.
    request = client.request("uk-quota-usage")
    (balance,) = request.world_state.quota_balances
    balance.used[1].used.value = "27600"
    answer = client.calculate_duty(request, timeout=60)
    assert amount(answer.totals.landed_cost) == Decimal("101717.69")
    assert rejections(answer.lines[0].assessment)["9903.94.31"][0] == (
        "REJECTION_REASON_QUOTA_EXHAUSTED"
    )


def test_an_american_car_into_germany(client):
    answer, line, assessment = determined(client, "germany-import")
    # duty 52,000.00 free; import VAT 52,600.00 x 19 % = 9,994.00, inland freight in its base
    assert amount(answer.totals.duty, "EUR") == 0
    assert amount(answer.totals.taxes, "EUR") == Decimal("9994.00")
    assert amount(answer.totals.landed_cost, "EUR") == Decimal("62594.00")
    # A trader recovers the tax.
    assert amount(answer.totals.recoverable_taxes, "EUR") == Decimal("9994.00")
    assert amount(answer.totals.sourcing_cost, "EUR") == Decimal("52600.00")

    # Without proof of origin 10 %, and VAT on it: 5,200.00 and 57,800.00 x 19 % = 10,982.00.
    request = client.request("germany-import")
    request.entry.lines[0].elections.Clear()
    answer = client.calculate_duty(request, timeout=60)
    assert amount(answer.totals.duty, "EUR") == Decimal("5200.00")
    assert amount(answer.totals.landed_cost, "EUR") == Decimal("68782.00")
    # The proof is the best lawful way, and the answer says what it needs.
    assert amount(answer.best_lawful_highest_total, "EUR") == Decimal("9994.00")
    best = answer.lines[0].alternatives[0]
    assert list(best.elections) == ["certification:non-preferential-origin-proof"]
    assert best.evidence


def test_an_american_car_into_japan(client):
    answer, line, assessment = determined(client, "japan-import")
    # 48,100 USD x 160.77 = 7,733,037; free of duty
    # national   7,733,000 (cut to 1,000) x 7.8 % = 603,174, cut to 100: 603,100
    # local      603,100 x 22/78 = 170,105.13,              cut to 100: 170,100
    layers = amounts_by_heading(assessment.layers, "JPY")
    assert layers == {
        "8703.24": 0,
        "consumption-tax": Decimal(603_100),
        "local-consumption-tax": Decimal(170_100),
    }
    assert amount(line.customs_value, "JPY") == Decimal(7_733_037)
    assert amount(answer.totals.landed_cost, "JPY") == Decimal(8_506_237)
    assert amount(answer.totals.sourcing_cost, "JPY") == Decimal(7_733_037)


def test_a_hybrid_from_saitama_or_from_indiana(client):
    answer = client.ask("civic-hybrid-origins")
    # yorii       24,000.00 + 1,000.00 + 27.5 % = 6,600.00 + harbour 30.00
    #             + merchandise 2,400,000.00 x 0.3464 %, at most 634.62, on 100 cars 6.3462
    # greensburg  28,000.00 + 500.00 inside the country; no import
    assert answer.best_candidate_id == "greensburg"
    home, japan = answer.origins
    assert home.local_supply and not japan.local_supply
    assert amount(home.highest_unit_cost_landed) == Decimal("28500.00")
    assert Decimal(japan.duty.value) == Decimal("6600")
    assert Decimal(japan.fees.value) == Decimal("36.3462")
    assert amount(japan.highest_unit_cost_landed) == Decimal("31636.35")
    assert amount(answer.lowest_gap_per_unit) == Decimal("3136.35")

    # The day before Japan was the cheaper: 2.5 % = 600.00, 25,636.35 in all.
    request = client.request("civic-hybrid-origins")
    request.entry_date.day = 2
    answer = client.call("CompareOrigins")(request, timeout=60)
    assert answer.best_candidate_id == "yorii"
    assert amount(answer.origins[0].highest_unit_cost_landed) == Decimal("25636.35")


def test_a_japanese_car_on_either_side_of_both_days(client):
    answer = client.ask("japan-car-dates")
    # 24,000.00 at 2.5 %, then 27.5 % twice, then 15 % in all.
    assert [amount(day.totals.duty) for day in answer.answers] == [
        Decimal(duty) for duty in ("600.00", "6600.00", "6600.00", "3600.00")
    ]
    assert [amount(change.lowest_difference) for change in answer.changes] == [
        Decimal(change) for change in ("6000.00", "0.00", "-3000.00")
    ]
    began, nothing, deal = rates(answer.changes)
    assert began == {("", "9903.94.01"): ("", "25%")}
    assert nothing == {}
    assert deal[("9903.94.01", "9903.94.41")] == ("25%", "all-in 15%")
    # The proclamation, and the notice that carries out the agreement with Japan.
    told = [{c.citation for charge in change.charges for c in charge.citations}
            for change in answer.changes]
    assert "90 FR 14705" in told[0]
    assert "90 FR 44638" in told[2]
    assert not any(change.HasField("refundable") for change in answer.changes)


def test_a_german_car_paid_for_before_the_cut_is_refunded(client):
    answer = client.ask("eu-car-refund")
    # 40,000.00: 27.5 % as known in August, 15 % as published in September and reaching back.
    paid, due = answer.answers
    assert (amount(paid.totals.duty), amount(due.totals.duty)) == (
        Decimal("11000.00"),
        Decimal("6000.00"),
    )
    (change,) = answer.changes
    assert amount(change.refundable) == Decimal("5000.00")
    # The refunds of the charges add up to it.
    assert sum(amount(charge.refundable) for charge in change.charges) == Decimal("5000.00")


def test_the_offset_of_june_2026_by_what_was_published(client):
    # 100,000 cars x 35,000.00 = 3,500,000,000.00, assembled in June 2026
    # known 2025-10-01: 2.5 % = 87,500,000.00, all of it spent on 100,000,000.00 of duty
    answer = client.ask("us-offset")
    (earned,) = answer.earned
    assert (earned.rate, amount(earned.amount)) == ("2.5%", Decimal("87500000.00"))
    assert amount(answer.spent) == Decimal("87500000.00")
    assert amount(answer.carried_forward) == 0
    # After the extension: 3.75 % = 131,250,000.00; what passes the duty is carried on.
    request = client.request("us-offset")
    request.known_at.CopyFrom(type(request.known_at)(year=2025, month=11, day=1))
    answer = client.call("CalculateCredit")(request, timeout=60)
    (earned,) = answer.earned
    assert (earned.rate, amount(earned.amount)) == ("3.75%", Decimal("131250000.00"))
    assert amount(answer.spent) == Decimal("100000000.00")
    assert amount(answer.carried_forward) == Decimal("31250000.00")
