"""The operations port as a scrape sees it."""

import re
import urllib.error
import urllib.request

from server import CALL_BOUND

SAMPLE = re.compile(r"^([a-z_]+(?:\{.*\})?) (\S+)$", re.MULTILINE)


def scrape(address):
    # No proxy stands between a machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{address}/metrics", timeout=CALL_BOUND) as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        return answer.read().decode()


def status(address, path):
    """The status of a page."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{address}{path}", timeout=CALL_BOUND) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def metrics(address):
    """Every sample by name and labels."""
    return {name: float(value) for name, value in SAMPLE.findall(scrape(address))}
