"""Did an Application go since the hub was looked at last?

None may while a hub is adopted. Where one does, whoever is adopting stops at once.

Elsewhere: what keeps them from going (proving.py).
"""

from __future__ import annotations

from watcher.lint import Inventory


def gone(before: Inventory, after: Inventory) -> tuple[str, ...]:
    """The Applications that lived and are gone, or going, as `namespace/name`."""
    live = {each.uid for each in after.applications if each.app.deleting_since is None}
    return tuple(
        sorted(
            each.key
            for each in before.applications
            if each.app.deleting_since is None and each.uid not in live
        )
    )
