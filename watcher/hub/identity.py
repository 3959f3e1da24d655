"""What does a watcher write on the lease, so that the others know it and reach it?

A name that nobody else has, not even this Pod before its restart, and behind an `@` the address of
its Pod, where it was given one. Name and address are written at once, so the address is always that
of whoever holds the lease; and no Pod needs to be read for it, which a watcher that runs in another
namespace than Argo CD may not.

Whoever may write the lease could name any address, so it is used with care: only an IP address, not
our own, and none that leads elsewhere than among Pods. The port is never named: it is the one on
which a watcher was asked itself.

Elsewhere: the lease (lease.py); what is passed on to that address (serve/passing.py).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

_AT = "@"


def identity(name: str, ip: str) -> str:
    """As it stands on the lease; `ip` is empty where none is known."""
    return f"{name}{_AT}{ip}" if ip else name


def name_of(holder: str) -> str:
    """Whose it is, for people."""
    return holder.partition(_AT)[0]


def reached_at(holder: str, *, me: str) -> str:
    """The IP address of who holds the lease, as `me` may ask it; empty where there is none."""
    theirs, ours = _address(holder), _address(me)
    if theirs is None or ours is None or theirs == ours or theirs.version != ours.version:
        return ""
    if theirs.is_unspecified or theirs.is_multicast or getattr(theirs, "ipv4_mapped", None):
        return ""
    near = (theirs.is_loopback, theirs.is_link_local)  # the latter has the cloud's metadata, too
    return str(theirs) if near == (ours.is_loopback, ours.is_link_local) else ""


def _address(holder: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(holder.partition(_AT)[2])
    except ValueError:
        return None
