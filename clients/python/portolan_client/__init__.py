"""Thin helpers around the generated stubs of Portolan.

The stubs are `portolan.tariff.v1` and `portolan.sourcing.v1`; their messages are the manual of the
API. Here is what every caller needs beside them: exact money, decimals and dates, a channel with the
service config Portolan recommends, and what a refusal says.
"""

from ._channel import connect, connect_async, service_config
from ._faults import Fault, Violation, fault
from ._values import date, decimal, from_date, from_decimal, from_money, money

__all__ = [
    "Fault",
    "Violation",
    "connect",
    "connect_async",
    "date",
    "decimal",
    "fault",
    "from_date",
    "from_decimal",
    "from_money",
    "money",
    "service_config",
]
