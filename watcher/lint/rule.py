"""What does a rule need, and what does it judge?

Elsewhere: the rules, by what they are about; all of them in one list (linting.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from watcher.lint.finding import Code, Finding
from watcher.lint.inventory import Inventory

Judge: TypeAlias = Callable[[Inventory], Iterable[Finding]]


class Need(StrEnum):
    """Without which a rule cannot be judged."""

    POLICY = "policy"
    SPOKES = "cluster Secrets"
    WRITERS = "managedFields of cluster Secrets"
    APPLICATIONS = "Applications"
    CONTROLLER = "the ConfigMap argocd-cmd-params-cm"

    def met(self, inventory: Inventory) -> bool:
        """Whether it is there."""
        match self:
            case Need.POLICY:
                return inventory.policy is not None
            case Need.SPOKES:
                return inventory.whole or bool(inventory.spokes)
            case Need.WRITERS:
                written = (each.spoke.field_managers for each in inventory.spokes)
                return inventory.whole or any(written)
            case Need.APPLICATIONS:
                return inventory.whole or bool(inventory.applications)
            case Need.CONTROLLER:
                return inventory.controller is not None


class Rule(Struct, frozen=True):
    """One rule, and the codes of what it finds."""

    judge: Judge
    codes: tuple[Code, ...]
    needs: tuple[Need, ...] = ()
