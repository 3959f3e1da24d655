"""What is an address to listen on?

`HOST:PORT`, `:PORT` for every interface, `[::1]:PORT` for IPv6; port 0 is any that is free. And an
IP address, where a name will not do.
"""

from __future__ import annotations

from ipaddress import ip_address

import rich_click as click


def address(text: str) -> tuple[str, int]:
    """The host and the port that `text` names; raises `click.BadParameter` where it names none."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter(f"{text!r} is no HOST:PORT, as 127.0.0.1:8090")
    return host.removeprefix("[").removesuffix("]") or "0.0.0.0", int(port)  # noqa: S104


def ip(text: str) -> str:
    """The IP address that `text` is; raises `click.BadParameter` where it is none."""
    try:
        return str(ip_address(text))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no IP address, as 10.0.0.7") from None
