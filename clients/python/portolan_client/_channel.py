"""A channel as Portolan recommends it."""

from collections.abc import Sequence
from importlib import resources
from typing import Any

import grpc
import grpc.aio

# The server's own bounds on messages (server.max_request_bytes, server.max_response_bytes).
LARGEST_REQUEST = 4 * 1024 * 1024
LARGEST_ANSWER = 64 * 1024 * 1024


def service_config() -> str:
    """The recommended gRPC service config: balancing, timeouts, and which calls are asked again.

    Every call is a function of its request alone, so that asking again is safe. gRPC waits as long
    as the server advises (`grpc-retry-pushback-ms`).
    """
    return (resources.files(__package__) / "service-config.json").read_text()


def _options(config: str | None, options: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [
        ("grpc.service_config", service_config() if config is None else config),
        ("grpc.max_send_message_length", LARGEST_REQUEST),
        ("grpc.max_receive_message_length", LARGEST_ANSWER),
        # A connection that a firewall has forgotten is found out within a minute.
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        *options,
    ]


def connect(
    target: str,
    *,
    credentials: grpc.ChannelCredentials | None = None,
    config: str | None = None,
    options: Sequence[tuple[str, Any]] = (),
) -> grpc.Channel:
    """A channel to Portolan.

    `target`: `host:port`; or `dns:///portolan-headless.namespace:50051` for every replica behind a
    name. `credentials`: `grpc.ssl_channel_credentials(...)`; without, calls are in plain text.
    `config`: another service config.
    """
    arguments = _options(config, options)
    if credentials is None:
        return grpc.insecure_channel(target, arguments)
    return grpc.secure_channel(target, credentials, arguments)


def connect_async(
    target: str,
    *,
    credentials: grpc.ChannelCredentials | None = None,
    config: str | None = None,
    options: Sequence[tuple[str, Any]] = (),
) -> grpc.aio.Channel:
    """The same for asyncio."""
    arguments = _options(config, options)
    if credentials is None:
        return grpc.aio.insecure_channel(target, arguments)
    return grpc.aio.secure_channel(target, credentials, arguments)
