"""How far is a teardown on one spoke?

Told to people: what was ordered there is on its Secret alone, and who only looks at the states
sees the same before a gate closes and after the last of its Applications went.

Elsewhere: which gates close now (teardown.py); what becomes of their Applications (removal.py).
"""

from __future__ import annotations

from watcher.decide.view import View


def remaining(here: View) -> frozenset[str]:
    """The tiers of which there is something still: the gate is open, or its time is recorded, or
    one of its Applications is there, were it only on its way out.
    """
    with_applications = {tier for tier, apps in here.apps.items() if apps}
    return here.open_tiers | here.opened.at.keys() | with_applications


def torn_down(here: View) -> frozenset[str]:
    """The tiers whose teardown is done: it names them, and nothing of them remains."""
    return here.torn - remaining(here)
