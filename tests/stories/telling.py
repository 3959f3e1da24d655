"""What does a story say, and what does the watcher do in it?

A story is a text file that a platform engineer can read: a title and some prose; `policy`, as in
the policy's file; `hub`, what the hub holds; then, as often as needed, `at` a time, what happens
and the watcher is to `see` then, and what is to `expect` of it: every write since the last `at`,
and what is said of every gate. Between the times the hub goes on by itself (decide/world.py).

Elsewhere: comparing the expectations, and writing them anew (test_stories.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from textwrap import dedent
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tests.builders import DAY, NOW, application_set, asks, clusters, newborn, sources, spoke
from tests.decide.world import World, advanced, next_change, patched, reconciled, relabelled, seen
from watcher.decide import Carried, Decision, PatchGates, State, decide, say
from watcher.facts import (
    BadOrder,
    Command,
    Elements,
    Expression,
    Foreign,
    Forgiven,
    Generator,
    Instant,
    Kind,
    Matrix,
    Order,
    Orders,
    SetCondition,
    Source,
    Spoke,
    Target,
    Through,
    rfc3339,
)
from watcher.policy import Polarity, Policy, read_policy

HEAD = "apiVersion: config.gate-watcher.io/v1alpha1\nkind: GateWatcherConfiguration\n"
TODAY = rfc3339(NOW)[:11]
HOW_LONG = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": DAY}


class Moment(Struct, frozen=True):
    """One `at`: when, what happens then, and what is expected."""

    at: str
    sees: tuple[str, ...]
    expected: tuple[str, ...]


class Story(Struct, frozen=True):
    """A story as it is written."""

    prose: str
    policy: tuple[str, ...]
    hub: tuple[str, ...]
    moments: tuple[Moment, ...]


# --- reading and writing -------------------------------------------------------------------------


def read(text: str) -> Story:
    """The story in `text`."""
    prose, _, rest = text.partition("\npolicy\n")
    policy, _, rest = rest.partition("\nhub\n")
    hub, *moments = re.split(r"\n+at ", rest)
    return Story(prose, _lines(policy), _lines(hub), tuple(map(_moment, moments)))


def written(story: Story) -> str:
    """The story as text."""
    parts = [f"{story.prose}\npolicy", *story.policy, "", "hub", *story.hub]
    for moment in story.moments:
        parts += ["", f"at {moment.at}"]
        if moment.sees:
            parts += ["see", *moment.sees]
        parts += ["expect", *moment.expected]
    return "\n".join(parts) + "\n"


def _moment(text: str) -> Moment:
    head, _, expected = text.partition("\nexpect")
    at, _, sees = head.partition("\nsee")
    return Moment(at.strip(), _lines(sees), _lines(expected))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line.strip())


# --- telling -------------------------------------------------------------------------------------


def told(story: Story) -> Story:
    """The story with what is to be expected, as the watcher decides."""
    stage = Stage(story)
    moments = []
    for moment in story.moments:
        stage.goes_on_until(NOW + seconds(moment.at))
        stage.see(line.strip() for line in moment.sees)
        moments.append(replace(moment, expected=tuple(stage.shown())))
    return replace(story, moments=tuple(moments))


def seconds(text: str) -> float:
    """As people write it: 90s, 10m, 1h."""
    return float(text[:-1]) * HOW_LONG[text[-1]]


def clock(at: Instant) -> str:
    """A time of today."""
    return rfc3339(at).removeprefix(TODAY).removesuffix("Z")


class Stage:
    """The hub of a story and the watcher in front of it."""

    def __init__(self, story: Story) -> None:
        read_as = read_policy(HEAD + dedent("\n".join(story.policy)), file="story")
        assert isinstance(read_as, Policy), read_as
        self.policy, self.carried = read_as, Carried()
        self.world = World(NOW, {}, {})
        self._silent: dict[Kind, Source] = {}
        self._writes: list[str] = []
        self._unnoticed = False
        self.decision: Decision
        for line in story.hub:
            self._happens(line.strip())
        self._settles()

    def goes_on_until(self, end: Instant) -> None:
        """Everything that happens by itself until then, the watcher deciding at each of it."""
        while True:
            times = [self.decision.wake_at, next_change(self.world)]
            at = min((each for each in times if each is not None), default=end)
            if at >= end:
                break
            assert at > self.world.now, "it wakes for nothing"
            self.world = advanced(self.world, at)
            self._settles()
        self.world = advanced(self.world, end)

    def see(self, lines: Iterator[str]) -> None:
        """What happens now, and what follows from it at once."""
        for line in lines:
            self._happens(line)
        self._settles()

    def shown(self) -> Iterator[str]:
        """Every write since the last time, and what is said of every gate."""
        yield from self._writes
        self._writes = []
        for each in sorted(self.decision.spokes.values(), key=lambda each: each.name):
            for tier, verdict in each.tiers.items():
                reasons = "; ".join(map(say, verdict.reasons)).replace(TODAY, "")
                yield f"  {each.name:6} {tier:8} {verdict.state:11} {reasons}".rstrip()

    def _settles(self) -> None:
        """Decides, and lets Argo CD follow, until nothing more comes of it."""
        for _ in range(20):
            self.decision = self._turn()
            before = self.world
            if self.decision.patches or not self._unnoticed:
                self.world = advanced(reconciled(self.world), self.world.now)
            if not self.decision.patches and self.world.apps.keys() == before.apps.keys():
                break
        self.decision = self._turn()

    def _turn(self) -> Decision:
        heard = {**sources(self.world.now), **self._silent}
        snapshot = seen(self.world, self.carried, heard=heard)
        decision = decide(snapshot, self.policy, self.world.now)
        self.carried = decision.carried
        for patch in decision.patches:
            self._writes.append(self._line(decision, patch))
            self.world = patched(self.world, patch)
        return decision

    def _line(self, decision: Decision, patch: PatchGates) -> str:
        verdicts = decision.spokes[patch.spoke]
        again = {State.LOST: "reopens", State.UNADOPTED: "adopts"}
        did = [(again.get(verdicts.tiers[t].state, "opens"), t) for t in patch.opens]
        did += [("closes", tier) for tier in patch.closes]
        said = ", ".join(f"{verb} {tier}" for verb, tier in did)
        return f"  {clock(self.world.now)} writes {verdicts.name}: {said}"

    def _happens(self, line: str) -> None:
        for pattern, happens in HAPPENINGS.items():
            if (found := re.fullmatch(pattern, line)) is not None:
                happens(self, **found.groupdict())
                return
        raise ValueError(f"nobody knows what this means: {line}")

    # --- what can happen -------------------------------------------------------------------------

    def spoke(self, name: str, labels: str | None, gates: str | None) -> None:
        """A spoke is registered."""
        opened, by_hand = dict[str, Instant](), []
        closed = {tier.name for tier in self.policy.tiers}
        for tier, ago in re.findall(r"(\S+) open (?:for (\w+)|by hand)", gates or ""):
            closed.discard(tier)
            if ago:
                opened[tier] = self.world.now - seconds(ago)
            else:
                by_hand.append(tier)
        made = spoke(
            name,
            opened=opened,
            by_hand=by_hand,
            closed=sorted(closed),
            labels=dict(pair.split("=") for pair in (labels or "").split()),
            gates=self.policy.gates,
            created_at=self.world.now,
        )
        self.world = replace(self.world, spokes={**self.world.spokes, made.uid: made})

    def addon(
        self, name: str, tiers: str, only: str | None, number: str | None, healthy: str | None
    ) -> None:
        """There is an ApplicationSet."""
        joined = [] if tiers == "no tier" else re.split(r",\s*", tiers)
        wanted = [Expression(key, "In", (v,)) for key, v in _pairs(only)]
        gated = clusters(*wanted, *(asks(tier, self.policy.gates) for tier in joined))
        generator: Generator = gated
        if number == "some, from git":
            generator = Matrix((gated, Foreign("git")))
        elif number:
            several = tuple({"n": str(at)} for at in range(int(number)))
            generator = Matrix((gated, Elements(several)))
        made = application_set(name, generators=[generator], created_at=self.world.now - DAY)
        ages = {**self.world.healthy_after_s}
        if healthy:
            ages[name] = seconds(healthy)
        sets = {**self.world.sets, made.key: made}
        self.world = replace(self.world, sets=sets, healthy_after_s=ages)

    def changed_addon(self, name: str, how: str, message: str | None) -> None:
        """An ApplicationSet is otherwise than it was."""
        said = SetCondition("ErrorOccurred", "True", "Error", message or "", self.world.now)
        changes: dict[str, dict[str, Any]] = {
            "may not delete": {"deletes": False},
            "is new": {"created_at": self.world.now},
            "has a template that takes all labels": {"reads_all_labels": True},
            "reports an error": {"conditions": (said,)},
            "reports no error": {"conditions": ()},
        }
        made = replace(self.world.sets[f"argocd/{name}"], **changes[how])
        self.world = replace(self.world, sets={**self.world.sets, made.key: made})

    def repository(self, name: str, number: str) -> None:
        """Git has so many directories for an addon, on each spoke."""
        self.world = replace(self.world, from_git={**self.world.from_git, name: int(number)})

    def pace(self, name: str, on: str, after: str | None) -> None:
        """On one spoke an addon takes another time, or never becomes healthy."""
        ages = {**self.world.healthy_after_s, f"{on}-{name}": seconds(after) if after else 1e9}
        self.world = replace(self.world, healthy_after_s=ages)

    def leaving(self, name: str, on: str, after: str) -> None:
        """On one spoke an addon takes some time to go."""
        ages = {**self.world.leaves_after_s, f"argocd/{on}-{name}": seconds(after)}
        self.world = replace(self.world, leaves_after_s=ages)

    def application(self, name: str, on: str, ago: str) -> None:
        """An Application is there already."""
        made = newborn(name, on, created_at=self.world.now - seconds(ago))
        apps = {**self.world.apps, made.key: made}
        self.world = advanced(replace(self.world, apps=apps), self.world.now)

    def health(self, name: str, on: str, status: str) -> None:
        """An Application falls ill, or recovers."""
        sick = {key: each for key, each in self.world.sick.items() if key != f"argocd/{on}-{name}"}
        if status != "Healthy":
            sick[f"argocd/{on}-{name}"] = status, self.world.now
        self.world = advanced(replace(self.world, sick=sick), self.world.now)

    def label(self, name: str, how: str, tiers: str, then: str | None) -> None:
        """Somebody else writes gates, or takes them away."""
        here = self.world.spokes[f"uid-{name}"]
        gates, admit = self.policy.gates, self.policy.gates.polarity is Polarity.ADMIT
        labels = dict(here.labels)
        for tier in self.policy.by_name if tiers == "every gate" else re.split(r",\s*", tiers):
            labels.pop(gates.key(tier), None)
            if (how == "gets") is admit:
                labels[gates.key(tier)] = "open" if admit else "closed"
        self.world = relabelled(self.world, here.uid, labels)
        if then:
            self.world = advanced(reconciled(self.world), self.world.now)

    def enable(self, name: str, labels: str) -> None:
        """Somebody else writes another label."""
        here = self.world.spokes[f"uid-{name}"]
        self.world = relabelled(self.world, here.uid, {**here.labels, **dict(_pairs(labels))})

    def teardown(self, name: str, named: str | None) -> None:
        """A person orders gates closed, or no longer."""
        here = self.world.spokes[f"uid-{name}"]
        said = {"every gate": "*"}.get(named, named) if named else None
        self._put(replace(here, teardown=said))

    def ordered(
        self,
        who: str,
        command: str,
        target: str,
        until: str | None,
        through: str | None,
        forgiven: str | None,
        why: str | None,
    ) -> None:
        """A person gives an order, as the command line writes it."""
        gates = (each.split("/") for each in re.split(r",\s*", forgiven or "") if each)
        known = self.world.orders
        made = Order(
            key=f"order-{len(known.orders) + 1}",
            command=COMMANDS[command],
            target=_target(target),
            by=who,
            at=self.world.now,
            why=why or "",
            until=self.world.now + seconds(until) if until else None,
            through=frozenset(map(Through, re.split(r",\s*", through))) if through else frozenset(),
            forgives=tuple(Forgiven(f"uid-{name}", name, tier) for name, tier in gates),
        )
        self._give(replace(known, orders=(*known.orders, made)))

    def taken_back(self, key: str) -> None:
        """An order is taken out of the ConfigMap."""
        known = self.world.orders
        self._give(replace(known, orders=tuple(e for e in known.orders if e.key != key)))

    def no_order(self, key: str, problem: str) -> None:
        """Somebody writes by hand what is no order."""
        known = self.world.orders
        self._give(replace(known, bad=(*known.bad, BadOrder(key, problem))))

    def reach(self, name: str, how: str) -> None:
        """The controller cannot reach a cluster, or can again."""
        server, away = self.world.spokes[f"uid-{name}"].server, set(self.world.out_of_reach)
        (away.discard if how == "can" else away.add)(server)
        self.world = replace(self.world, out_of_reach=frozenset(away))

    def renamed(self, name: str, other: str) -> None:
        """A spoke gets another name in Argo CD; its Secret and its cluster stay."""
        self._put(replace(self.world.spokes[f"uid-{name}"], name=other))

    def removed(self, name: str) -> None:
        """A Secret is deleted."""
        left = {uid: each for uid, each in self.world.spokes.items() if uid != f"uid-{name}"}
        self.world = replace(self.world, spokes=left)

    def no_cluster(self, name: str) -> None:
        """The label that makes a Secret a cluster's goes, and Argo CD does not hear of it."""
        self._unnoticed = True
        self.removed(name)

    def gone(self, name: str, on: str) -> None:
        """A person deletes an Application."""
        key = f"argocd/{on}-{name}"
        left = {each: app for each, app in self.world.apps.items() if each != key}
        self.world = replace(self.world, apps=left)

    def silence(self, kind: str) -> None:
        """Nothing is heard of a kind any more."""
        silent = sources(self.world.now, trouble="")[Kind(kind)]
        self._silent[silent.kind] = replace(silent, trouble="connection refused")

    def heard_again(self) -> None:
        """The hub answers again."""
        self._silent = {}

    def restarted(self) -> None:
        """The watcher has no memory."""
        self.carried = Carried()

    def nothing(self) -> None:
        """Time has passed."""

    def _give(self, orders: Orders) -> None:
        self.world = replace(self.world, orders=orders)

    def _put(self, here: Spoke) -> None:
        self.world = replace(self.world, spokes={**self.world.spokes, here.uid: here})


def _target(text: str) -> Target:
    """What an order names, as a story says it."""
    if text == "everything":
        return Target(everything=True)
    named = dict(re.findall(r"(spoke|tier|ring|labels) ([^,]+)", text))
    return Target(
        spoke=named.get("spoke", ""),
        tier=named.get("tier", ""),
        ring=named.get("ring", ""),
        selector=named.get("labels", ""),
    )


COMMANDS = {
    "holds": Command.HOLD,
    "releases": Command.RELEASE,
    "approves": Command.APPROVE,
    "skips": Command.SKIP,
    "retries": Command.RETRY,
}


def _pairs(text: str | None) -> list[tuple[str, str]]:
    found = (pair.partition("=") for pair in (text or "").split())
    return [(key, value) for key, _, value in found]


HAPPENINGS: Mapping[str, Callable[..., None]] = {
    r"spoke (?P<name>\w+)( labelled (?P<labels>[^:]+))?(: (?P<gates>.+))?": Stage.spoke,
    r"addon (?P<name>\S+) in (?P<tiers>.+?)( where (?P<only>\S+))?"
    r"(, (?P<number>\d+|some, from git) on each spoke)?(, healthy after (?P<healthy>\S+))?": (
        Stage.addon
    ),
    r"addon (?P<name>\S+) (?P<how>may not delete|is new|has a template that takes all labels"
    r"|reports no error|reports an error)(: (?P<message>.+))?": Stage.changed_addon,
    r"Git has (?P<number>\d+) of (?P<name>\S+)": Stage.repository,
    r"(?P<name>\S+) on (?P<on>\w+) is (healthy after (?P<after>\S+)|never healthy)": Stage.pace,
    r"(?P<name>\S+) on (?P<on>\w+) takes (?P<after>\S+) to go": Stage.leaving,
    r"(?P<name>\S+) on (?P<on>\w+) runs for (?P<ago>\S+)": Stage.application,
    r"(?P<name>\S+) on (?P<on>\w+) becomes (?P<status>\w+)": Stage.health,
    r"(?P<name>\w+) (?P<how>loses|gets) (?P<tiers>.+?)(?P<then>, and Argo CD deletes)?": (
        Stage.label
    ),
    r"(?P<name>\w+) is labelled (?P<labels>.+)": Stage.enable,
    r"(?P<name>\w+) is to be torn down: (?P<named>.+)": Stage.teardown,
    r"(?P<name>\w+) is to be torn down no longer(?P<named>)": Stage.teardown,
    r"(?P<who>\w+) (?P<command>holds|releases|approves|skips|retries) (?P<target>.+?)"
    r"( for (?P<until>\w+))?( through (?P<through>[a-z, ]+?))?"
    r"( forgiving (?P<forgiven>\S+(, \S+/\S+)*))?( because (?P<why>.+))?": Stage.ordered,
    r"(?P<key>order-\d+) is taken back": Stage.taken_back,
    r"(?P<key>\S+) holds no order: (?P<problem>.+)": Stage.no_order,
    r"the controller (?P<how>cannot|can) reach (?P<name>\w+)( again)?": Stage.reach,
    r"(?P<name>\w+) is renamed to (?P<other>\w+)": Stage.renamed,
    r"(?P<name>\w+) is removed": Stage.removed,
    r"(?P<name>\w+) is no cluster any more, and Argo CD has not noticed": Stage.no_cluster,
    r"(?P<name>\S+) on (?P<on>\w+) is deleted by hand": Stage.gone,
    r"nothing is heard of (?P<kind>\w+)": Stage.silence,
    r"everything is heard of again": Stage.heard_again,
    r"the watcher is restarted": Stage.restarted,
    r"nothing": Stage.nothing,
}
"""Every sentence of a hub or of what is seen, and what it does."""
