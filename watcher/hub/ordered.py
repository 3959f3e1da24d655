"""What does the ConfigMap of orders that the hub sent say?

Raw bytes in, one `Orders` out, as in decode.py. Each key is read by itself, so that one that holds
no order disturbs no other; in what order they stand there says nothing, so they come by their keys.

Facts (Kubernetes, core/v1 ConfigMap): `data` is text, what is no UTF-8 stands in `binaryData`, and
both together have at most 1 MiB.

Elsewhere: what is read of one value (facts/orders.py); how one is written (ordering.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Raw

from watcher.facts import BadOrder, Order, Orders, order
from watcher.hub.reported import ReportedConfigMap, ReportedMeta
from watcher.hub.salvage import read


def orders(body: bytes | Raw) -> Orders:
    """The ConfigMap in `body`; raises msgspec.DecodeError where it is no JSON object."""
    problems: list[str] = []
    said = read(body, ReportedConfigMap, problems)
    meta = said.metadata or ReportedMeta()
    values = sorted((said.data or {}).items())
    found = [_order(key, value) for key, value in values]
    return Orders(
        namespace=meta.namespace or "",
        name=meta.name or "",
        uid=meta.uid or "",
        resource_version=meta.resource_version or "",
        orders=tuple(each for each in found if isinstance(each, Order)),
        bad=(
            *(each for each in found if isinstance(each, BadOrder)),
            *(
                BadOrder(key, "it is binary, and an order is text")
                for key in said.binary_data or ()
            ),
            *_unread(problems),
        ),
    )


def _order(key: str, value: Any) -> Order | BadOrder:
    return order(key, value) if isinstance(value, str) else BadOrder(key, "it is no text")


def _unread(problems: list[str]) -> Iterator[BadOrder]:
    """What could not be read of the orders as a whole; the rest of the ConfigMap is not ours."""
    return (BadOrder("", each) for each in problems if not each.startswith("metadata"))
