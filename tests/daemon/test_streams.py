from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tests.builders import NOW, application, application_set, controller, policy, spoke
from watcher.daemon.holdings import Holdings
from watcher.daemon.streams import Streams
from watcher.facts import Kind, Orders, Pod, Spoke
from watcher.hub import Change


class Told:
    """What the streams told of."""

    def __init__(self) -> None:
        self.holdings = Holdings()
        self.changes = 0
        self.spokes: list[str] = []
        self.pods: list[str] = []
        self.streams = Streams(
            policy("compute", application_namespaces=("argocd", "team-a")),
            self.holdings,
            changed=self._changed,
            spokes_changed=self._spokes_changed,
            pods_changed=self._pods_changed,
        )

    def _changed(self) -> None:
        self.changes += 1

    def _spokes_changed(self, changes: Sequence[Change[Spoke]]) -> None:
        self.spokes += [change.after.uid for change in changes if change.after is not None]

    def _pods_changed(self, changes: Sequence[Change[Pod]]) -> None:
        self.pods += [change.after.uid for change in changes if change.after is not None]


def test_what_is_argo_cds_is_followed_there_and_the_rest_where_the_policy_says() -> None:
    assert list(Told().streams.troubles()) == [
        "secrets in argocd",
        "applicationsets in argocd",
        "applicationsets in team-a",
        "applications in argocd",
        "applications in team-a",
        "pods in argocd",
        "configmaps in argocd",
    ]


def test_what_comes_is_held_before_anybody_is_told() -> None:
    told = Told()
    streams = told.streams
    streams.spokes.feeds["argocd"].swap([spoke("a")], "5", NOW)
    streams.application_sets.feeds["team-a"].swap(
        [application_set("x", namespace="team-a")], "6", NOW
    )
    streams.applications.feeds["argocd"].swap([application("x", "a")], "7", NOW)
    streams.pods.feeds["argocd"].swap([controller()], "8", NOW)
    streams.orders.feeds["argocd"].swap([Orders("argocd", "orders", "uid-o", "9")], "9", NOW)
    assert told.holdings.spoke("uid-a") is not None
    assert told.holdings.pods() == (controller(),)
    assert told.spokes == ["uid-a"]
    assert told.pods == [controller().uid]
    assert told.changes == 5


def test_a_kind_is_as_fresh_as_its_stalest_namespace() -> None:
    told = Told()
    feeds = told.streams.applications.feeds
    feeds["argocd"].swap([], "7", NOW)
    assert not told.streams.sources()[Kind.APPLICATIONS].listed
    feeds["team-a"].swap([], "7", NOW - 60.0)
    source = told.streams.sources()[Kind.APPLICATIONS]
    assert (source.listed, source.heard_at) == (True, NOW - 60.0)


def test_troubles_are_asked_for_anew_each_time() -> None:
    told = Told()
    ask = told.streams.troubles()["secrets in argocd"]
    assert ask() == ""
    told.streams.spokes.feeds["argocd"].troubled("no connection")
    assert ask() == "no connection"


def test_how_each_kind_fares_is_summed_over_its_namespaces() -> None:
    told = Told()
    for feed in told.streams.applications.feeds.values():
        feed.swap([], "7", NOW)
        feed.streams_count = 3
        feed.drifted_count = 2
        feed.troubled("no connection")
    bad = replace(application("x", "a"), unreadable=("status cannot be read",))
    told.holdings.take_applications([Change(None, bad)])
    report = {each.resource: each for each in told.streams.reports()}["applications"]
    assert (report.lists, report.namespaces, report.opened, report.restarts) == (2, 2, 6, 4)
    assert (report.failures, report.drifted, report.unreadable) == (2, 4, 1)
