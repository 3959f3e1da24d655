"""What does `/api/v1/spokes/NAME` tell of one spoke?

Elsewhere: how it is worked out (decide/explaining.py); all spokes at once (shown.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watcher.decide import Decision, Reason, say
from watcher.decide.explaining import AddonTold, ApplicationTold, GateTold
from watcher.decide.explaining import explained as told
from watcher.decide.given import GivenOrder, say_order
from watcher.decide.words import name
from watcher.facts import Instant, rfc3339
from watcher.policy import Policy
from watcher.serve import shapes
from watcher.serve.report import Decided


def explained(decided: Decided, uid: str) -> shapes.Explained:
    """The spoke of this UID with all that its gates are made of; raises KeyError where there is no
    such one.
    """
    decision = decided.decision
    spokes = decision.spokes
    verdicts = spokes.own(uid)
    return shapes.Explained(
        decided_at=rfc3339(decided.at),
        name=verdicts.name,
        namespace=verdicts.namespace,
        secret=verdicts.secret,
        uid=uid,
        ring=spokes.ring(uid),
        shard=spokes.shard(uid) or None,
        orders=tuple(_orders(decision, uid)),
        gates=tuple(_gate(each, decided.policy) for each in told(decision, uid, decided.at)),
    )


def order_shown(given: GivenOrder) -> shapes.Order:
    """One order, or what stands in its place."""
    order = given.order
    if order is None:
        says = f"{given.key} is no order: {given.problem}"
        return shapes.Order(given.key, in_force=False, problem=given.problem, says=says)
    target = order.target
    return shapes.Order(
        key=given.key,
        order=order.command,
        target=shapes.Target(
            target.spoke or None,
            target.tier or None,
            target.ring or None,
            target.selector or None,
            target.everything,
        ),
        by=order.by or None,
        at=rfc3339(order.at),
        until=at_shown(order.until),
        why=order.why or None,
        through=tuple(sorted(order.through)),
        forgives=tuple(shapes.Forgiven(each.spoke, each.tier, each.uid) for each in order.forgives),
        in_force=given.in_force,
        spokes=given.spokes if given.in_force else None,
        overruled=given.overruled,
        says=say_order(order),
    )


def _orders(decision: Decision, uid: str) -> Iterator[shapes.Order]:
    """Those in force that name the spoke, or a gate of it."""
    judgement = decision.carried.judgements.get(uid)
    if judgement is None or not judgement.inputs.ordered.orders:
        return
    named = {each.key for each in judgement.inputs.ordered.orders}
    yield from (order_shown(each) for each in decision.orders if each.key in named)


def _gate(gate: GateTold, policy: Policy) -> shapes.ExplainedGate:
    tier = policy.by_name.get(gate.tier)
    return shapes.ExplainedGate(
        tier=gate.tier,
        state=gate.verdict.state,
        reasons=reasons_shown(gate.verdict.reasons),
        opened_at=at_shown(gate.verdict.opened_at),
        since=at_shown(gate.since),
        depends_on=() if tier is None else tier.depends_on,
        own=reasons_shown(gate.reasons),
        addons=tuple(map(_addon, gate.addons)),
        open=gate.is_open,
    )


def _addon(addon: AddonTold) -> shapes.Addon:
    return shapes.Addon(
        application_set=addon.application_set or None,
        expected=addon.expected,
        applications=tuple(map(_application, addon.applications)),
        reasons=reasons_shown(addon.reasons),
    )


def _application(told: ApplicationTold) -> shapes.Application:
    app = told.application
    return shapes.Application(
        namespace=app.namespace,
        name=app.name,
        sync=app.sync_status or "Unknown",
        health=app.health_status or "Unknown",
        operation=None if app.operation is None else app.operation.phase,
        settled=told.settled,
        since=at_shown(told.since),
        reasons=reasons_shown(told.reasons),
        deleting_since=at_shown(app.deleting_since),
    )


def reason_shown(reason: Reason) -> shapes.Reason:
    """One reason, by its name and in words."""
    return shapes.Reason(name(reason), say(reason))


def reasons_shown(of: Iterable[Reason]) -> tuple[shapes.Reason, ...]:
    """Each of them."""
    return tuple(map(reason_shown, of))


def at_shown(at: Instant | None) -> str | None:
    """A moment, where there is one."""
    return None if at is None else rfc3339(at)
