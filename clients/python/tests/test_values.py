"""Money, decimals and dates: exact both ways, or refused."""

import datetime
from decimal import Decimal

import pytest


@pytest.mark.parametrize(
    ("amount", "units", "nanos"),
    [
        ("0", 0, 0),
        ("12.34", 12, 340_000_000),
        # Sign of both parts: google/type/money.proto, "-1.75 is units=-1 and nanos=-750,000,000".
        ("-1.75", -1, -750_000_000),
        ("-0.5", 0, -500_000_000),
        ("0.000000001", 0, 1),
        (Decimal("9223372036854775807.999999999"), 2**63 - 1, 999_999_999),
        (7, 7, 0),
    ],
)
def test_money_is_exact(client_package, amount, units, nanos):
    message = client_package.money(amount, "USD")
    assert (message.units, message.nanos, message.currency_code) == (units, nanos, "USD")
    assert client_package.from_money(message) == Decimal(amount)


@pytest.mark.parametrize("wrong", [0.1, True, None])
def test_what_is_no_exact_number_is_refused(client_package, wrong):
    for helper in (lambda it: client_package.money(it, "USD"), client_package.decimal):
        with pytest.raises(TypeError):
            helper(wrong)


@pytest.mark.parametrize("wrong", ["0.0000000001", "9223372036854775808", "NaN", "Infinity"])
def test_what_no_money_holds_is_refused(client_package, wrong):
    with pytest.raises(ValueError):
        client_package.money(wrong, "USD")


@pytest.mark.parametrize("number", ["0", "-0.025", "1E+3", "0.0000000000001", "1" * 29])
def test_decimals_come_back(client_package, number):
    message = client_package.decimal(number)
    assert "E" not in message.value
    assert client_package.from_decimal(message) == Decimal(number)


def test_dates_come_back(client_package):
    day = datetime.date(2024, 2, 29)
    assert client_package.from_date(client_package.date(day)) == day
    assert client_package.from_date(client_package.date(datetime.datetime(2024, 2, 29, 23))) == day
