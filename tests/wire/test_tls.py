"""Encryption: who is let in, and certificates that change while the server runs."""

import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import grpc
import pytest
import trustme

from collector import free_address
from operations import metrics
from server import CALL_BOUND, Server, run, until


class Authority:
    """An authority, and files of what it issues."""

    def __init__(self, folder):
        self.ca, self.folder = trustme.CA(), folder
        self.ca_file = folder / "ca.crt"
        self.ca.cert_pem.write_to_path(self.ca_file)

    def issue(self, name, **validity):
        issued = self.ca.issue_cert("localhost", "127.0.0.1", **validity)
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        # Moved into place, as a mounted secret is: what is read is never half written.
        for text, path in ((issued.cert_chain_pems[0], certificate), (issued.private_key_pem, key)):
            part = path.with_suffix(".part")
            text.write_to_path(part)
            part.replace(path)
        return certificate, key


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@contextmanager
def encrypted(authority, **settings):
    certificate, key = authority.issue("server")
    own = {
        "PORTOLAN__TLS__CERTIFICATE_FILE": str(certificate),
        "PORTOLAN__TLS__KEY_FILE": str(key),
        "PORTOLAN__TLS__RELOAD_INTERVAL_MS": "100",
        "PORTOLAN__OPERATIONS__LISTEN": free_address(),
    }
    with Server(**own | settings) as server:
        server.operations = own["PORTOLAN__OPERATIONS__LISTEN"]
        yield server


def quotes(server, authority, client_certificate=None):
    """One quote over a connection of its own."""
    certificate, key = client_certificate or (None, None)
    credentials = grpc.ssl_channel_credentials(
        root_certificates=authority.ca_file.read_bytes(),
        private_key=key and key.read_bytes(),
        certificate_chain=certificate and certificate.read_bytes(),
    )
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]
    with grpc.secure_channel(server.address, credentials, options) as channel:
        method = channel.unary_unary("/grpc.health.v1.Health/Check")
        return method(b"", timeout=CALL_BOUND)


SERVING = b"\x08\x01"


def test_a_caller_who_trusts_the_authority_is_served(authority):
    with encrypted(authority) as server:
        assert quotes(server, authority) == SERVING
        elsewhere = authority.folder / "elsewhere"
        elsewhere.mkdir()
        stranger = Authority(elsewhere)
        with pytest.raises(grpc.RpcError) as refused:
            quotes(server, stranger)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
        until(
            lambda: metrics(server.operations)["portolan_tls_failed_handshakes_total"] >= 1,
            CALL_BOUND,
            "a failed handshake",
        )


def test_callers_show_a_certificate_where_one_is_asked_for(authority):
    settings = {"PORTOLAN__TLS__CLIENT_CA_FILE": str(authority.ca_file)}
    with encrypted(authority, **settings) as server:
        known = authority.issue("client")
        assert quotes(server, authority, known) == SERVING
        with pytest.raises(grpc.RpcError):
            quotes(server, authority)
        told = run(
            "call",
            "grpc.health.v1.Health/Check",
            f"--address=https://{server.address}",
            f"--ca-file={authority.ca_file}",
            f"--certificate-file={known[0]}",
            f"--key-file={known[1]}",
        )
        assert '"SERVING"' in told.stdout, told.stderr


def test_a_new_certificate_counts_without_a_restart_and_a_faulty_one_does_not(authority):
    with encrypted(authority) as server:

        def until_when():
            return metrics(server.operations)["portolan_tls_certificate_not_after_timestamp_seconds"]

        before = until_when()
        certificate, _ = authority.issue("server", not_after=datetime(9999, 1, 1, tzinfo=timezone.utc))
        until(lambda: until_when() > before, CALL_BOUND, "the new certificate")
        assert quotes(server, authority) == SERVING
        certificate.write_text("no certificate")
        kept = 'portolan_tls_reloads_total{outcome="kept_old"}'
        until(lambda: metrics(server.operations).get(kept) == 1, CALL_BOUND, "the faulty one")
        assert quotes(server, authority) == SERVING
        assert "new certificate files are faulty" in server.log()
        assert "holds no certificate" in server.log()


def test_a_certificate_that_expires_in_service_is_told_of(authority):
    soon = datetime.now(timezone.utc) + timedelta(seconds=6)
    with encrypted(authority) as server:
        authority.issue("server", not_before=soon - timedelta(days=1), not_after=soon)
        until(lambda: "certificate has expired" in server.log(), CALL_BOUND, "the line")
        assert time.time() > soon.timestamp() - 1
        time.sleep(0.5)
        assert server.log().count("certificate has expired") == 1


def test_an_expired_certificate_is_told_of_by_the_server_itself(authority):
    past = datetime.now(timezone.utc) - timedelta(hours=1)
    with encrypted(authority) as server:
        authority.issue("server", not_before=past - timedelta(days=1), not_after=past)
        until(lambda: "the certificate has expired" in server.log(), CALL_BOUND, "the line")
        expires = metrics(server.operations)["portolan_tls_certificate_not_after_timestamp_seconds"]
        assert expires < time.time()
        with pytest.raises(grpc.RpcError) as refused:
            quotes(server, authority)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PORTOLAN__TLS__KEY_FILE": "/nowhere"}, "tls.key_file"),
        (
            {"PORTOLAN__TLS__CERTIFICATE_FILE": "/nowhere", "PORTOLAN__TLS__KEY_FILE": "/nowhere"},
            "/nowhere: No such file",
        ),
        ({"PORTOLAN__SERVER__LISTEN": "0.0.0.0:0"}, 'server.plain_text = "anywhere"'),
    ],
    ids=["key alone", "no file", "plain text for others"],
)
def test_it_does_not_start_where_calls_would_not_be_what_was_asked_for(settings, told):
    ended = run("serve", **{"PORTOLAN__SERVER__LISTEN": "127.0.0.1:0"} | settings)
    assert ended.returncode == 1
    assert told in ended.stderr


def test_plain_text_is_told_of_loudly():
    with Server() as server:
        assert "WARN" in server.log() and "PLAIN TEXT" in server.log()
