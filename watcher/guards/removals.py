"""What stands in the ConfigMap of removals, and what is written there?

Guard C goes by its keys alone: an Application that is named there may be deleted. The value is for
people, and tells for whom the name was put there, so that it can be taken out again: when it is no
longer wanted, or when the very Application that was meant is gone. What others wrote by hand has
another value, and is left alone.

Elsewhere: the guard itself (applications.py); how it is read and written (hub/removals.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from msgspec import Struct

from watcher.facts import Instant, rfc3339


class Removal(Struct, frozen=True, omit_defaults=True):
    """Why an Application is named: the value of its key."""

    by: str
    """Who named it, as the API server knows them."""
    at: str
    """When, as RFC 3339 has it."""
    uid: str
    """Of the Application that is meant."""
    secret: str
    """The UID of the spoke's Secret."""
    spoke: str
    """As it was shown then; for people."""
    tier: str = ""
    """For the teardown of this tier."""
    addon: str = ""
    """For the removal of this ApplicationSet's Applications; one of these two is given."""


def removal_key(application: str) -> str:
    """The key that names an Application, given as `namespace/name`."""
    return application.replace("/", ".", 1)


def removal_text(removal: Removal) -> str:
    """What stands in the ConfigMap for it."""
    return msgspec.json.encode(removal).decode()


def removal(text: str) -> Removal | None:
    """What a value tells; None where it is not ours."""
    try:
        return msgspec.json.decode(text, type=Removal)
    except (msgspec.DecodeError, UnicodeError):
        return None


def over(data: Mapping[str, str], living: Collection[str]) -> tuple[str, ...]:
    """The keys whose Application is gone; `living`: the UIDs of those that are there."""
    return tuple(
        key
        for key, text in data.items()
        if (said := removal(text)) is not None and said.uid not in living
    )


def taken_back(
    data: Mapping[str, str], *, secret: str, tiers: Collection[str] = (), addon: str = ""
) -> tuple[str, ...]:
    """The keys that were put there for these tiers of the spoke, or for this addon there."""
    return tuple(
        key
        for key, text in data.items()
        if (said := removal(text)) is not None
        and said.secret == secret
        and (said.tier in tiers if said.tier else said.addon == addon)
    )


def named(
    application: str,
    uid: str,
    *,
    by: str,
    at: Instant,
    secret: str,
    spoke: str,
    tier: str = "",
    addon: str = "",
) -> tuple[str, str]:
    """The key and the value that name an Application."""
    said = Removal(by, rfc3339(at), uid, secret, spoke, tier, addon)
    return removal_key(application), removal_text(said)
