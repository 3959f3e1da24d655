"""How do the parts make one watcher?

Wires them, and nothing else: what the stores are told goes to the holdings and wakes a turn, what a
turn decides goes to the log, the counters and the sender, and what is asked about all of it is put
together here. The order of starting does not matter, since nothing is decided before every kind was
listed once. The order of stopping does: no new patch, then the answers that are still to come, then
everything else, and the lease last.

Elsewhere: the process around it (running.py).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

from msgspec import Struct

from watcher.daemon.checking import check
from watcher.daemon.guarding import Guarding
from watcher.daemon.holdings import Holdings
from watcher.daemon.logs import Log, LogLevel
from watcher.daemon.policy_file import Loaded, PolicyFile, Rejected
from watcher.daemon.refreshing import Refresher
from watcher.daemon.said import Line, line, would
from watcher.daemon.scraping import Scrape, Scraping
from watcher.daemon.sending import Sender
from watcher.daemon.stopwatch import Stopwatch
from watcher.daemon.streams import Streams
from watcher.daemon.supervisor import Supervisor
from watcher.daemon.telling import Teller
from watcher.daemon.turns import Turn, Turns
from watcher.daemon.vigil import Vigil
from watcher.daemon.writes import Writes
from watcher.decide import Carried, Decision, PatchGates, Refresh, Snapshot, State
from watcher.decide.changes import GateChanged, standing
from watcher.decide.reasons import Costs, LabelGone, NotListed
from watcher.facts import Pod, Reading, Spoke
from watcher.hub import (
    Candidate,
    Change,
    Clock,
    Connection,
    Metadata,
    Outcome,
    ask_refresh,
    name_of,
    patch_gates,
    secret_now,
    tell,
)
from watcher.policy import Policy
from watcher.serve import Decided, Report
from watcher.serve.meters import Meters
from watcher.serve.news import News

LEASE = "gate-watcher"

REREAD_S = 2.0
"""How often it is looked whether the policy file is another one. A kubelet takes up to a minute to
show a changed ConfigMap anyway."""

ANSWERS_S = 3.0
"""How long the answers of patches are waited for at the end."""

RELEASE_S = 1.0
"""How long the hub has to take the lease back; what is not released runs out by itself."""


class Times(Struct, frozen=True):
    """By which clocks a watcher goes."""

    own: Clock
    """For waiting, time-outs, leases and the pace of patches; its `now` is the hub's."""
    hub: Clock
    """What the hub's stamps are compared with, and what a decision waits for."""


class Watcher:
    """Reads one hub, decides, and opens gates."""

    def __init__(
        self,
        connection: Connection,
        scrape: Scrape,
        policy_file: PolicyFile,
        policy: Policy,
        *,
        me: str,
        dry_run: bool,
        times: Times,
        log: Log,
        meters: Meters,
        news: News,
        decided: Callable[[Decision], None],
    ) -> None:
        """`policy`: what the file held last. `me`: what this replica writes on the lease, which
        nobody else does (hub/identity.py). `decided` is told each decision.
        """
        self._connection = connection
        self._policy_file = policy_file
        self._policy = policy
        self._times = times
        self._log = log
        self._meters = meters
        self._news = news
        self._decided = decided
        self._last: Decided | None = None
        self._led = False
        self._looked = False
        self._stopping = False
        self._would: list[PatchGates] = []
        self._stopwatch = Stopwatch(meters)
        self._holdings = Holdings()
        self._supervisor = Supervisor(clock=times.own, log=log, died=self._died)
        self._turns = Turns(
            self, supervisor=self._supervisor, hub_time=times.hub, own_time=times.own
        )
        self._streams = Streams(
            policy,
            self._holdings,
            changed=self._turns.wake,
            spokes_changed=self._spokes_changed,
            pods_changed=self._pods_changed,
        )
        self._writes = Writes(
            held=self._holdings.spoke, touched=self._touched, carried_out=self._carried_out
        )
        self._candidate = None if dry_run else self._stand(me)
        self._teller = self._make_teller(name_of(me))
        self._sender = self._make_sender()
        self._refresher = self._make_refresher()
        self._vigil = self._make_vigil()
        self._scraping = self._make_scraping(scrape)
        self._guarding = Guarding(
            connection, policy=self.policy, clock=times.own, log=log, wake=self._turns.wake
        )

    def start(self) -> None:
        """Begin."""
        self._meters.reload_ok.set(1)
        self._meters.begin(
            tiers=self._policy.by_name, costs=Costs, results=map(_result, get_args(Outcome))
        )
        self._streams.start(self._supervisor, self._connection, self._times.own)
        if self._candidate is not None:
            self._supervisor.keep("election", self._candidate.run)
            self._supervisor.keep("sending", self._sender.run)
            self._supervisor.keep("refreshing", self._refresher.run)
            self._supervisor.keep("telling", self._teller.run)
        self._supervisor.keep("turns", self._turns.run)
        self._supervisor.keep("vigil", self._vigil.run)
        self._supervisor.keep("scraping", self._scraping.run)
        self._supervisor.keep("guards", self._guarding.run)
        self._supervisor.keep("policy", self._reread)
        self._supervisor.once("check", self._check)

    async def stop(self) -> None:
        """End within five seconds, and release the lease last."""
        self._stopping = True
        await self._sender.stop(ANSWERS_S)
        await self._supervisor.cancel_all()
        if self._candidate is not None:
            try:
                async with asyncio.timeout(RELEASE_S):
                    await self._candidate.release()
            except TimeoutError:
                self._log.warning("lease was not released", because="the hub did not answer")

    def report(self) -> Report:
        """What is so right now."""
        leading = self._leading()
        stopping = ("it is stopping",) if self._stopping else ()
        undecided = () if self._last is not None else ("nothing was decided yet",)
        return Report(
            decided=self._last if leading else None,
            leading=leading,
            lease="" if self._candidate is None else LEASE,
            leader="" if self._candidate is None else name_of(self._candidate.holder),
            leader_at="" if leading or self._candidate is None else self._candidate.holder_at,
            streams=tuple(self._streams.reports()),
            guards=self._guarding.guards,
            not_alive=tuple(f"task {each} keeps dying" for each in self._supervisor.failing()),
            not_ready=(*stopping, *undecided, *self._vigil.not_ready()),
            unknown=(trouble,) if (trouble := self._policy_file.trouble) else (),
        )

    def _make_sender(self) -> Sender:
        return Sender(
            patch=partial(patch_gates, self._connection, permitted=self._permitted),
            look=self._look,
            permitted=self._permitted,
            writes=self._writes,
            supervisor=self._supervisor,
            own_time=self._times.own,
            hub_time=self._times.hub,
            wake=self._turns.wake,
            told=self._told,
        )

    def _make_refresher(self) -> Refresher:
        return Refresher(
            ask=partial(ask_refresh, self._connection, permitted=self._permitted),
            permitted=self._permitted,
            own_time=self._times.own,
            told=self._told_refresh,
        )

    def _make_teller(self, me: str) -> Teller:
        return Teller(
            tell=partial(tell, self._connection, me=me, permitted=self._permitted),
            permitted=self._permitted,
            own_time=self._times.own,
            hub_time=self._times.hub,
            log=self._log,
            counted=lambda result: self._meters.events.labels(result).inc(),
        )

    def _make_vigil(self) -> Vigil:
        election = {} if self._candidate is None else {"the lease": self._election_trouble}
        return Vigil(
            troubles={**self._streams.troubles(), **election},
            sources=self._streams.sources,
            stale_after_s=lambda: self._policy.stale_after_s,
            own_time=self._times.own,
            hub_time=self._times.hub,
            log=self._log,
            wake=self._turns.wake,
        )

    def _make_scraping(self, scrape: Scrape) -> Scraping:
        return Scraping(
            scrape,
            pods=self._holdings.pods,
            memory=lambda: self._policy.memory,
            counts=self._leading,
            came=self._memory_said,
            supervisor=self._supervisor,
            hub_time=self._times.hub,
            log=self._log,
        )

    # --- what turns need (turns.py) ---

    def policy(self) -> Policy:
        """The policy in force."""
        return self._policy

    def snapshot(self, carried: Carried) -> Snapshot:
        """What the stores hold, and what is outstanding."""
        return self._holdings.snapshot(
            sources=self._streams.sources(),
            writes=self._writes.hand_out(),
            refusals=self._writes.refusals(),
            guards=self._guarding.guards,
            carried=carried,
        )

    def act(self, decision: Decision) -> None:
        """Send what was decided; in a dry run, say so."""
        if self._candidate is not None:
            self._stopwatch.decided(decision)
            self._sender.take(decision.patches)
            self._refresher.take(decision.refreshes)
            return
        said = set(map(_what_it_does, self._would))
        for patch in decision.patches:
            if _what_it_does(patch) not in said:
                self._write(would(patch, decision.spokes[patch.spoke].name))
        self._would = list(decision.patches)

    def said(self, turn: Turn) -> None:
        """Log and count what changed."""
        self._tell_kills(turn.decision)
        self._last = Decided(turn.decision, self._policy, self._times.hub.now())
        self._meters.decide_s.observe(turn.decide_s)
        self._meters.turn_s.observe(turn.turn_s)
        leading = self._leading()
        writing = leading and self._candidate is not None
        if writing:
            self._teller.take(turn.changes)
        if self._candidate is None and not self._looked:
            self._look_around(turn.decision)
        for change in turn.changes:
            said = line(change)
            self._write(said if leading else Line(LogLevel.DEBUG, said.event, said.fields))
            self._stopwatch.changed(change, self._last.at)
            if writing and isinstance(change, GateChanged) and change.after is State.LOST:
                self._count_lost(change)
        self._news.take(turn.changes, self._last.at)
        self._decided(turn.decision)

    def _tell_kills(self, decision: Decision) -> None:
        before = {} if self._last is None else self._last.decision.carried.shards.kills
        for pod, now in decision.carried.shards.kills.items():
            known = before.get(pod)
            if now.count > (0 if known is None else known.count):
                self._log.warning("controller was killed for its memory", pod=pod, kills=now.count)

    def _count_lost(self, change: GateChanged) -> None:
        for reason in change.reasons:
            if isinstance(reason, LabelGone):
                self._meters.gates_lost.labels(reason.costs).inc()

    def _look_around(self, decision: Decision) -> None:
        """A dry run is there to be looked at, so it says once how every gate stands."""
        if any(isinstance(each, NotListed) for each in decision.stops):
            return
        self._looked = True
        for gate in standing(decision):
            self._write(line(gate))

    # --- what becomes of patches (sending.py, writes.py) ---

    def _permitted(self) -> bool:
        return self._candidate is not None and not self._stopping and self._candidate.permitted()

    async def _look(self, patch: PatchGates) -> Metadata | None:
        return await secret_now(self._connection, patch.namespace, patch.secret)

    def _told(self, patch: PatchGates, outcome: Outcome) -> None:
        result = _result(type(outcome))
        self._meters.patches.labels(result).inc()
        self._log.debug(
            "patch was answered",
            secret=f"{patch.namespace}/{patch.secret}",
            opens=list(patch.opens),
            closes=list(patch.closes),
            parking=patch.parking,
            result=result,
            because=getattr(outcome, "why", None),
        )

    def _told_refresh(self, asked: Refresh, outcome: Outcome) -> None:
        self._log.debug(
            "refresh was answered",
            application=f"{asked.namespace}/{asked.name}",
            result=_result(type(outcome)),
            because=getattr(outcome, "why", None),
        )

    def _carried_out(self, patch: PatchGates) -> None:
        for tier in patch.opens:
            self._meters.admissions.labels(tier).inc()
        self._stopwatch.opened(patch, self._times.hub.now())

    def _touched(self, uid: str) -> None:
        self._holdings.touch(uid)
        self._turns.wake()

    def _spokes_changed(self, changes: Sequence[Change[Spoke]]) -> None:
        for change in changes:
            for spoke in {each.uid for each in (change.before, change.after) if each is not None}:
                self._writes.shown(spoke)

    def _pods_changed(self, _: Sequence[Change[Pod]]) -> None:
        self._scraping.look()

    def _memory_said(self, pod: Pod, said: Reading | str) -> None:
        if self._holdings.take_reading(pod, said):
            self._turns.wake()

    # --- who leads (hub/electing.py) ---

    def _stand(self, me: str) -> Candidate:
        return Candidate(
            self._connection,
            namespace=self._policy.namespace,
            name=LEASE,
            me=me,
            clock=self._times.own,
            roll=random.random,
            told=self._elected,
        )

    def _leading(self) -> bool:
        """Whether gates are this replica's to show: nobody else acts on a dry run's."""
        return self._candidate is None or self._candidate.permitted()

    def _elected(self) -> None:
        leads, holder = self._leading(), self._candidate.holder if self._candidate else ""
        if leads and not self._led:
            self._log.info("leads now", lease=LEASE)
            self._turns.tell_anew()
        elif self._led and not leads:
            self._log.warning("leads no longer", lease=LEASE, holder=holder or None)
            self._turns.wake()
        elif not leads:
            self._log.info("follows", lease=LEASE, holder=holder or None)
        self._led = leads
        self._scraping.look()

    def _election_trouble(self) -> str:
        return "" if self._candidate is None else self._candidate.trouble

    # --- the rest ---

    async def _check(self) -> None:
        lease = None if self._candidate is None else LEASE
        await check(
            self._connection, self._policy, lease=lease, clock=self._times.own, log=self._log
        )

    async def _reread(self) -> None:
        while True:
            await self._times.own.sleep(REREAD_S)
            match self._policy_file.reread():
                case Loaded(policy):
                    self._policy = policy
                    self._meters.reload_ok.set(1)
                    self._log.info("policy was read anew", file=str(self._policy_file.path))
                    self._turns.wake()
                    self._scraping.look()
                case Rejected(faults):
                    self._meters.reload_ok.set(0)
                    self._meters.reload_failures.inc()
                    self._log.error(
                        "policy file cannot be used, the policy before stays",
                        faults=list(map(str, faults)),
                    )
                    self._turns.wake()
                case None:
                    pass

    def _died(self, task: str) -> None:
        self._meters.task_restarts.labels(task).inc()

    def _write(self, said: Line) -> None:
        getattr(self._log, said.level)(said.event, **said.fields)


def _result(outcome: type[Outcome]) -> str:
    """As it is counted and logged."""
    return outcome.__name__.lower()


def _what_it_does(patch: PatchGates) -> tuple[object, ...]:
    """Whichever version of its Secret it was decided on."""
    return patch.spoke, patch.opens, patch.closes, patch.parking
