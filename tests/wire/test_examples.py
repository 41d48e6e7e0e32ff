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
