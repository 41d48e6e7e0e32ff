"""A client that knows nothing of the service but what reflection tells it."""

from decimal import Decimal

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from server import CALL_BOUND, EXAMPLES, METHOD, SERVICE


class Client:
    """Calls CalculateDuty with messages built from the descriptors served."""

    def __init__(self, address):
        options = [
            # A connection of its own for each client.
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_http_proxy", 0),
            # The answer to an entry of many lines passes the usual 4 MiB.
            ("grpc.max_receive_message_length", -1),
        ]
        self.channel = grpc.insecure_channel(address, options)
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)
        method = self.pool.FindServiceByName(SERVICE).FindMethodByName("CalculateDuty")
        self.Request = message_factory.GetMessageClass(method.input_type)
        self.Response = message_factory.GetMessageClass(method.output_type)
        self.calculate_duty = self.channel.unary_unary(
            METHOD,
            request_serializer=self.Request.SerializeToString,
            response_deserializer=self.Response.FromString,
        )

    def message(self, name):
        """The class of a message the server's reflection knows."""
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))

    def request(self, example):
        """The request of `examples/{example}.json`."""
        text = (EXAMPLES / f"{example}.json").read_text()
        return json_format.Parse(text, self.Request())

    def ask(self, example, **call):
        return self.calculate_duty(self.request(example), timeout=CALL_BOUND, **call)

    def large_request(self, lines=1000):
        """As many lines as an entry may hold."""
        request = self.request("japan-car-may-2025")
        first = request.entry.lines[0]
        for number in range(1, lines):
            request.entry.lines.add().CopyFrom(first)
            request.entry.lines[number].line_id = f"car-{number}"
        return request

    def close(self):
        self.channel.close()


def amount(money):
    """A google.type.Money in dollars as an exact decimal."""
    assert money.currency_code == "USD", money
    return Decimal(money.units) + Decimal(money.nanos).scaleb(-9)


def name_of(message, field):
    """The name of an enum field's value."""
    kind = message.DESCRIPTOR.fields_by_name[field].enum_type
    return kind.values_by_number[getattr(message, field)].name


def amounts_by_heading(layers):
    """Sums per heading; a quota splits a line's units over several layers."""
    sums = {}
    for layer in layers:
        sums[layer.heading] = sums.get(layer.heading, Decimal(0)) + amount(layer.amount)
    return sums
