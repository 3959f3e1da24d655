"""The admission policies that are shipped beside the watcher, as values; no opinions on a hub."""

from watcher.guards.applications import REMOVALS
from watcher.guards.components import Component, component_of, installation, kustomization, objects
from watcher.guards.differing import differing
from watcher.guards.documents import BINDINGS, GROUP, POLICIES, Document, Shipped
from watcher.guards.shape import SERVICE_ACCOUNT, Shape, service_account, shape
from watcher.guards.shipped import shipped
from watcher.guards.written import written

__all__ = [
    "BINDINGS",
    "GROUP",
    "POLICIES",
    "REMOVALS",
    "SERVICE_ACCOUNT",
    "Component",
    "Document",
    "Shape",
    "Shipped",
    "component_of",
    "differing",
    "installation",
    "kustomization",
    "objects",
    "service_account",
    "shape",
    "shipped",
    "written",
]
