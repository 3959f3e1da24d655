from __future__ import annotations

import pytest
import rich_click as click

from watcher.cli.address import address, ip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("127.0.0.1:8090", ("127.0.0.1", 8090)),
        ("localhost:0", ("localhost", 0)),
        (":9000", ("0.0.0.0", 9000)),  # noqa: S104
        ("[::1]:8090", ("::1", 8090)),
        ("[::]:65535", ("::", 65535)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, meant: tuple[str, int]) -> None:
    assert address(text) == meant


@pytest.mark.parametrize("text", ["", "8090", "localhost", "localhost:", "a:-1", "a:65536", "a:８"])
def test_what_has_no_port_is_none(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no HOST:PORT"):
        address(text)


def test_an_ip_address_is_no_name() -> None:
    assert (ip("10.0.0.7"), ip("fd00:0::7")) == ("10.0.0.7", "fd00::7")
    with pytest.raises(click.BadParameter, match="'localhost' is no IP address"):
        ip("localhost")
