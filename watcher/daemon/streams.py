"""What is followed on the hub?

One store for each kind, one stream for each kind and namespace, each followed by a task of its own,
with another that compares what the store holds with what the hub has. The decoders are made for the
label keys of the policy, and the Pods are those that its selector means, which is why these change
only at a restart.

Elsewhere: following itself (hub/following.py); what the changes become (holdings.py).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from watcher.daemon.holdings import Holdings
from watcher.daemon.supervisor import Supervisor
from watcher.facts import Application, ApplicationSet, Kind, Orders, Pod, Source, Spoke
from watcher.hub import (
    Change,
    Clock,
    Connection,
    Decoder,
    Feed,
    Followed,
    Store,
    compare,
    follow,
    orders,
    pod,
    resource,
)
from watcher.policy import Policy
from watcher.serve import Stream

T = TypeVar("T", Application, ApplicationSet, Spoke, Pod, Orders)
Told: TypeAlias = Callable[[Sequence[Change[T]]], None]


class Streams:
    """Every store, and what keeps it as the hub is."""

    def __init__(
        self,
        policy: Policy,
        holdings: Holdings,
        *,
        changed: Callable[[], None],
        spokes_changed: Callable[[Sequence[Change[Spoke]]], None],
        pods_changed: Callable[[Sequence[Change[Pod]]], None],
    ) -> None:
        """`changed` is called after each list and each event, the others with what it was."""

        def of(take: Told[T], *others: Told[T]) -> Told[T]:
            def told(changes: Sequence[Change[T]]) -> None:
                take(changes)
                for other in others:
                    other(changes)
                changed()

            return told

        decoder = Decoder(policy.gates)
        apart = policy.application_namespaces
        self._holdings = holdings
        self.spokes: Store[Spoke] = Store(
            Kind.SPOKES, (policy.namespace,), of(holdings.take_spokes, spokes_changed)
        )
        self.application_sets: Store[ApplicationSet] = Store(
            Kind.APPLICATION_SETS, apart, of(holdings.take_application_sets)
        )
        self.applications: Store[Application] = Store(
            Kind.APPLICATIONS, apart, of(holdings.take_applications)
        )
        self.pods: Store[Pod] = Store(
            Kind.PODS, (policy.namespace,), of(holdings.take_pods, pods_changed)
        )
        self.orders: Store[Orders] = Store(
            Kind.ORDERS, (policy.namespace,), of(holdings.take_orders)
        )
        self._selector = policy.memory.selector
        self._reads: dict[Kind, tuple[Store[Any], Callable[[Any], Any]]] = {
            Kind.SPOKES: (self.spokes, decoder.spoke),
            Kind.APPLICATION_SETS: (self.application_sets, decoder.application_set),
            Kind.APPLICATIONS: (self.applications, decoder.application),
            Kind.PODS: (self.pods, pod),
            Kind.ORDERS: (self.orders, orders),
        }

    def start(self, supervisor: Supervisor, connection: Connection, clock: Clock) -> None:
        """Follow everything from now on."""
        for kind, (store, read) in self._reads.items():
            what = resource(kind, selector=self._selector)
            for namespace, feed in store.feeds.items():
                about = f"{kind} in {namespace}"
                followed = Followed(what, feed, read)
                supervisor.keep(
                    "follow",
                    partial(follow, connection, followed, clock=clock, roll=random.random),
                    about=about,
                )
                supervisor.keep(
                    "compare",
                    partial(compare, connection, what, feed, clock=clock, roll=random.random),
                    about=about,
                )

    def sources(self) -> Mapping[Kind, Source]:
        """How fresh each kind is."""
        return {kind: store.source for kind, (store, _) in self._reads.items()}

    def troubles(self) -> Mapping[str, Callable[[], str]]:
        """For each stream, what asks what is wrong with it now."""
        return {
            f"{kind} in {feed.namespace}": partial(getattr, feed, "trouble")
            for kind, feed in self._feeds()
        }

    def reports(self) -> Iterator[Stream]:
        """How each kind fares."""
        for kind, (store, _) in self._reads.items():
            feeds = tuple(store.feeds.values())
            yield Stream(
                resource=kind,
                heard_at=store.source.heard_at,
                lists=sum(each.lists_count for each in feeds),
                namespaces=len(feeds),
                opened=sum(each.streams_count for each in feeds),
                failures=sum(each.failures_count for each in feeds),
                drifted=sum(each.drifted_count for each in feeds),
                rewinds=sum(each.rewinds_count for each in feeds),
                unreadable=self._holdings.unreadable[kind],
            )

    def _feeds(self) -> Iterator[tuple[Kind, Feed[Any]]]:
        for kind, (store, _) in self._reads.items():
            for feed in store.feeds.values():
                yield kind, feed
