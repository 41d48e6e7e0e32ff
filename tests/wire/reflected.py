"""A client that knows nothing of the service but what reflection tells it."""

from decimal import Decimal

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from server import CALL_BOUND, EXAMPLES, SERVICE, call_of


class Client:
    """Calls the service with messages built from the descriptors served."""

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
        self.service = self.pool.FindServiceByName(SERVICE)
        self.calculate_duty = self.call("CalculateDuty")
        self.Request, self.Response = self.messages("CalculateDuty")

    def method(self, name):
        """A call by its name; one of another service has that before a slash."""
        service, _, name = name.rpartition("/")
        found = self.pool.FindServiceByName(service) if service else self.service
        return found.FindMethodByName(name)

    def messages(self, name):
        """The classes of a call's request and response."""
        method = self.method(name)
        return tuple(
            message_factory.GetMessageClass(kind) for kind in (method.input_type, method.output_type)
        )

    def call(self, name):
        """A call by its name, of the shape its descriptor tells."""
        method = self.method(name)
        request, response = self.messages(name)
        streams = method.client_streaming, method.server_streaming
        shapes = {
            (False, False): self.channel.unary_unary,
            (False, True): self.channel.unary_stream,
            (True, True): self.channel.stream_stream,
        }
        return shapes[streams](
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )

    def message(self, name):
        """The class of a message the server's reflection knows."""
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))

    def request(self, example):
        """The request of `examples/{example}.json`."""
        text = (EXAMPLES / f"{example}.json").read_text()
        request, _ = self.messages(call_of(example))
        return json_format.Parse(text, request())

    def ask(self, example):
        """The answer to an example."""
        return self.call(call_of(example))(self.request(example), timeout=CALL_BOUND)

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


def amount(money, currency="USD"):
    """A google.type.Money, in dollars if nothing else is said, as an exact decimal."""
    assert money.currency_code == currency, money
    return Decimal(money.units) + Decimal(money.nanos).scaleb(-9)


def name_of(message, field):
    """The name of an enum field's value."""
    kind = message.DESCRIPTOR.fields_by_name[field].enum_type
    return kind.values_by_number[getattr(message, field)].name


def amounts_by_heading(layers, currency="USD"):
    """Sums per heading; a quota splits a line's units over several layers."""
    sums = {}
    for layer in layers:
        due = amount(layer.amount, currency)
        sums[layer.heading] = sums.get(layer.heading, Decimal(0)) + due
    return sums
