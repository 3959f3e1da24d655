"""The only room that speaks Kubernetes: bytes and sockets below, facts and outcomes above."""

from watcher.hub.checking import Right, check_hub, missing_rights, needed_rights
from watcher.hub.clock import Clock
from watcher.hub.comparing import compare
from watcher.hub.connection import Connection, connect
from watcher.hub.decode import Decoder
from watcher.hub.electing import Candidate
from watcher.hub.errors import Cause, ConnectionFault, HubError
from watcher.hub.following import Followed, follow
from watcher.hub.guarding import own_account, read_guards
from watcher.hub.identity import identity, name_of
from watcher.hub.lease import LeaseTimes
from watcher.hub.ordered import orders
from watcher.hub.pace import ORDINARY, URGENT, Pace, taken, throttled, wait_s
from watcher.hub.patching import (
    Conflict,
    Gone,
    Outcome,
    Patched,
    Refused,
    Replaced,
    Throttled,
    Unknown,
    Unsent,
    ask_refresh,
    patch_by_hand,
    patch_gates,
    secret_now,
)
from watcher.hub.pods import pod
from watcher.hub.requests import Resource, resource
from watcher.hub.store import Change, Feed, Store
from watcher.hub.telling import Told, tell
from watcher.hub.timeouts import Timeouts
from watcher.hub.wire import Metadata, number

__all__ = [
    "ORDINARY",
    "URGENT",
    "Candidate",
    "Cause",
    "Change",
    "Clock",
    "Conflict",
    "Connection",
    "ConnectionFault",
    "Decoder",
    "Feed",
    "Followed",
    "Gone",
    "HubError",
    "LeaseTimes",
    "Metadata",
    "Outcome",
    "Pace",
    "Patched",
    "Refused",
    "Replaced",
    "Resource",
    "Right",
    "Store",
    "Throttled",
    "Timeouts",
    "Told",
    "Unknown",
    "Unsent",
    "ask_refresh",
    "check_hub",
    "compare",
    "connect",
    "follow",
    "identity",
    "missing_rights",
    "name_of",
    "needed_rights",
    "number",
    "orders",
    "own_account",
    "patch_by_hand",
    "patch_gates",
    "pod",
    "read_guards",
    "resource",
    "secret_now",
    "taken",
    "tell",
    "throttled",
    "wait_s",
]
