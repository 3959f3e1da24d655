"""Who asks, and what may they do?

Bearer tokens and rules in the shape of RBAC, without roles and bindings as objects.

Facts (Kubernetes, RBAC; recorded in tests/captured/exchanges/forbidden-as-watcher.json and
patch-forbidden-as-watcher.json): the wording of a refusal. A rule that names objects does not allow
a create, whose name is not known beforehand.

Elsewhere: rules about what is written, not who writes (`Store.admit`).
"""

from __future__ import annotations

from dataclasses import dataclass

from watcher.embedded_hub.errors import ApiError, Forbidden
from watcher.embedded_hub.routes import Target

_ALL = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """Verbs on kinds; `*` stands for all."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    """Plurals; a subresource as `applicationsets/status`."""
    names: tuple[str, ...] = ()
    """The objects that are meant; empty for all."""
    namespaces: tuple[str, ...] = ()
    """Where; empty for everywhere, the cluster's own objects included."""

    def allows(self, asked: Target) -> bool:
        """Whether this rule alone allows it."""
        plural = asked.resource.plural
        if asked.subresource:
            plural = f"{plural}/{asked.subresource}"
        return (
            _covers(self.verbs, asked.verb)
            and _covers(self.groups, asked.resource.group)
            and _covers(self.resources, plural)
            and (not self.names or asked.name in self.names)
            and (not self.namespaces or asked.namespace in self.namespaces)
        )


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can show a token."""

    name: str
    token: str
    rules: tuple[Rule, ...] = ()

    def may(self, asked: Target) -> bool:
        """Whether any rule allows it."""
        return any(rule.allows(asked) for rule in self.rules)


EVERYTHING = Rule((_ALL,), (_ALL,), (_ALL,))
ADMIN = User("kubernetes-admin", "admin-of-the-embedded-hub", (EVERYTHING,))
VIEWER = User(
    "viewer", "viewer-of-the-embedded-hub", (Rule(("get", "list", "watch"), (_ALL,), (_ALL,)),)
)
WATCHER = User("system:serviceaccount:argocd:gate-watcher", "watcher-of-the-embedded-hub")
"""The watcher's own account, which has no rights until a test grants them."""


def refusal(user: User, asked: Target) -> ApiError:
    """What somebody is told who may not do what they asked."""
    resource = asked.resource
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    plural = f"{resource.plural}/{asked.subresource}" if asked.subresource else resource.plural
    named = f' "{asked.name}"' if asked.name else ""
    details = {"name": asked.name} if asked.name else {}
    if resource.group:
        details["group"] = resource.group
    return Forbidden(
        f'{resource.qualified}{named} is forbidden: User "{user.name}" cannot {asked.verb} resource'
        f' "{plural}" in API group "{resource.group}" {where}',
        details={**details, "kind": resource.plural},
    )


def _covers(allowed: tuple[str, ...], asked: str) -> bool:
    return _ALL in allowed or asked in allowed
