"""Which Secret is which spoke?

A spoke's identity is the UID of its Secret. People and Applications name it otherwise: by
`data.name`, by `data.server`, by a label. Two Secrets with one name or one server cannot be told
apart, so both are left alone.

Facts (Argo CD, util/db/cluster.go; util/argo/argo.go; applicationset/generators/cluster.go):
- Servers are compared without trailing slashes, and nothing else is normalised.
- Two clusters of one name, or of none: the clusters generator keeps the last of an unordered list,
  and `destination.name` is refused.
- `destination.name: in-cluster` finds the cluster whose server is the in-cluster one, whatever its
  name is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from watcher.decide.grouping import Place, label_place, name_place, server_place
from watcher.decide.reasons import DuplicateSpoke
from watcher.facts import Spoke

IN_CLUSTER_SERVER = "https://kubernetes.default.svc"
IN_CLUSTER_NAME = "in-cluster"
"""Where the hub itself is, which needs no Secret."""


HUB_PLACES = frozenset({server_place(IN_CLUSTER_SERVER), name_place(IN_CLUSTER_NAME)})


class Roster(Struct, frozen=True):
    """Every spoke of the hub by the ways in which it is named."""

    names: Mapping[str, str]
    """UID to the name that is shown and typed."""
    places: Mapping[str, tuple[Place, ...]]
    """UID to the places where its Applications stand."""
    duplicates: Mapping[str, DuplicateSpoke]
    """UID to why it cannot be told from another."""
    at: Mapping[Place, tuple[str, ...]]
    """Place to the UIDs of the spokes whose it is."""


def roster(spokes: Iterable[Spoke]) -> Roster:
    """The roster of these Secrets."""
    everyone = tuple(spokes)
    by_name = _by(everyone, lambda spoke: spoke.name)
    by_server = _by(everyone, lambda spoke: spoke.server.rstrip("/"))
    places = {spoke.uid: _places(spoke, by_name) for spoke in everyone}
    return Roster(
        names={spoke.uid: _shown(spoke, by_name) for spoke in everyone},
        places=places,
        duplicates=_duplicates("server", by_server)
        | _duplicates("name", by_name)
        | _duplicates("name", {"": [spoke for spoke in everyone if not spoke.name]}),
        at={here: tuple(uids) for here, uids in _whose(places).items()},
    )


def same_identity(before: Spoke, after: Spoke) -> bool:
    """Whether a roster made with the one holds for the other."""
    return before is after or (
        before.uid == after.uid
        and before.name == after.name
        and before.server == after.server
        and before.secret == after.secret
    )


def _whose(places: Mapping[str, tuple[Place, ...]]) -> dict[Place, list[str]]:
    whose: dict[Place, list[str]] = defaultdict(list)
    for uid, theirs in places.items():
        for here in theirs:
            whose[here].append(uid)
    return whose


def _by(spokes: Iterable[Spoke], field: Callable[[Spoke], str]) -> dict[str, list[Spoke]]:
    found: dict[str, list[Spoke]] = defaultdict(list)
    for spoke in spokes:
        if value := field(spoke):
            found[value].append(spoke)
    return found


def _shown(spoke: Spoke, by_name: Mapping[str, list[Spoke]]) -> str:
    if spoke.name and len(by_name[spoke.name]) == 1:
        return spoke.name
    return f"secret/{spoke.secret}"


def _places(spoke: Spoke, by_name: Mapping[str, list[Spoke]]) -> tuple[Place, ...]:
    places = []
    if spoke.name:
        places += [name_place(spoke.name), label_place(spoke.name)]
    if spoke.server:
        places.append(server_place(spoke.server))
    if spoke.server.rstrip("/") == IN_CLUSTER_SERVER and IN_CLUSTER_NAME not in by_name:
        places.append(name_place(IN_CLUSTER_NAME))
    return tuple(places)


def _duplicates(field: str, by_value: Mapping[str, list[Spoke]]) -> dict[str, DuplicateSpoke]:
    return {
        spoke.uid: DuplicateSpoke(
            field,
            _without_userinfo(value) if field == "server" else value,
            tuple(sorted(other.secret for other in same if other is not spoke)),
        )
        for value, same in by_value.items()
        if len(same) > 1
        for spoke in same
    }


def _without_userinfo(server: str) -> str:
    """Somebody may have put a password into it."""
    scheme, separator, rest = server.rpartition("//")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
