"""Money, decimals and dates, exact both ways."""

import datetime
from decimal import Decimal, localcontext

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

NANOS = 10**9
# What an int64 holds.
MOST_UNITS = 2**63 - 1


def _exact(value: Decimal | str | int) -> Decimal:
    # A float is rarely the number that was meant: 0.1 is not a tenth.
    if isinstance(value, (bool, float)) or not isinstance(value, (Decimal, str, int)):
        raise TypeError(f"{value!r} is no exact number: give a Decimal, a str or an int")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value!r} is not finite")
    return number


def money(amount: Decimal | str | int, currency: str) -> Money:
    """An amount in a currency (ISO 4217), to the nano: `money("-0.50", "USD")`.

    Raises TypeError for a float, ValueError for more than nine decimals or too much money.
    """
    number = _exact(amount)
    with localcontext() as context:
        context.prec = 60
        nanos = number * NANOS
        if nanos != nanos.to_integral_value():
            raise ValueError(f"{amount!r} has more than nine decimals")
        units, rest = divmod(abs(int(nanos)), NANOS)
    if units > MOST_UNITS:
        raise ValueError(f"{amount!r} is more than a message holds")
    # Both parts have the sign of the whole (google/type/money.proto).
    sign = -1 if number < 0 else 1
    return Money(currency_code=currency, units=sign * units, nanos=sign * rest)


def from_money(message: Money) -> Decimal:
    """The amount of a message, in units of its currency."""
    with localcontext() as context:
        context.prec = 60
        return Decimal(message.units) + Decimal(message.nanos).scaleb(-9)


def decimal(value: Decimal | str | int) -> DecimalMessage:
    """A number without loss: a share, a rate, a quantity."""
    return DecimalMessage(value=format(_exact(value), "f"))


def from_decimal(message: DecimalMessage) -> Decimal:
    """The number of a message."""
    return Decimal(message.value)


def date(day: datetime.date) -> Date:
    """A calendar day; of a datetime, the day it says, whatever its time zone."""
    return Date(year=day.year, month=day.month, day=day.day)


def from_date(message: Date) -> datetime.date:
    """The day of a message.

    Raises ValueError for a date that is only a year or a month.
    """
    return datetime.date(message.year, message.month, message.day)
