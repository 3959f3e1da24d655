"""Where does an Application stand, before it is known which spoke that is?

Applications are kept in groups by place, and a place is what an Application itself says of its
spoke. So the groups change with Applications alone, and one event touches one group; which spoke
a place belongs to is the roster's answer (roster.py). In a group they stand by their names, so
that the same Applications make the same groups, in whatever order they came.

Facts (Argo CD, util/argo/argo.go): `destination.server` is compared without trailing slashes,
`destination.name` exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from watcher.facts import Application

Place: TypeAlias = str
Groups: TypeAlias = Mapping[Place, tuple[Application, ...]]

NO_PLACE: Place = ""


def label_place(spoke_name: str) -> Place:
    """The place of Applications whose label names the spoke."""
    return f"spoke/{spoke_name}"


def server_place(server: str) -> Place:
    """The place of Applications whose destination is this server."""
    return f"server/{server.rstrip('/')}"


def name_place(name: str) -> Place:
    """The place of Applications whose destination is the cluster of this name."""
    return f"name/{name}"


def place(app: Application) -> Place:
    """The label decides, then the destination."""
    if app.spoke_label:
        return label_place(app.spoke_label)
    if app.server:
        return server_place(app.server)
    return name_place(app.cluster) if app.cluster else NO_PLACE


def regroup(
    groups: dict[Place, tuple[Application, ...]],
    before: Application | None,
    after: Application | None,
) -> None:
    """Takes `before` out of its group and puts `after` into its own; `groups` is changed."""
    if before is not None:
        here = place(before)
        rest = tuple([app for app in groups.get(here, ()) if not _same(app, before)])
        if rest:
            groups[here] = rest
        else:
            groups.pop(here, None)
    if after is not None:
        here = place(after)
        groups[here] = tuple(sorted((*groups.get(here, ()), after), key=_by_key))


def _same(one: Application, other: Application) -> bool:
    return one.name == other.name and one.namespace == other.namespace


def grouped(apps: Iterable[Application]) -> dict[Place, tuple[Application, ...]]:
    """All of them from scratch."""
    lists: dict[Place, list[Application]] = {}
    for app in apps:
        lists.setdefault(place(app), []).append(app)
    return {here: tuple(sorted(members, key=_by_key)) for here, members in lists.items()}


def _by_key(app: Application) -> tuple[str, str]:
    return app.namespace, app.name
