"""How does one of several watchers come to write?

Asks for the lease and writes it, as lease.py permits, every two seconds for ever. Being leader is
not a state that somebody has to end in time: `permitted` asks the clock anew, so a process that was
held up, or whose hub does not answer, is no leader the moment its time is over.

Facts (Kubernetes, seen in other controllers): renewals hang, sockets break, and a lease is edited
or deleted by hand. Hence a limit on every request, and a look after each that failed.

Elsewhere: the law (lease.py); what is sent with the permit (patching.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, Protocol

from watcher.hub import requests
from watcher.hub.clock import Clock
from watcher.hub.connection import read_answer
from watcher.hub.errors import RenewFailed
from watcher.hub.identity import reached_at
from watcher.hub.lease import Elector, LeaseTimes, Record, encode_lease, read_lease, release
from watcher.hub.requests import Request
from watcher.hub.timeouts import Timeouts

JITTER = 0.2
"""Of the pause between two rounds, so that candidates do not come together."""


class Sends(Protocol):
    """What an election needs of a connection."""

    @property
    def timeouts(self) -> Timeouts:
        """How long an answer may take."""

    async def send(self, request: Request, *, within_s: float) -> bytes:
        """The body of the answer; raises the request's error."""


class Candidate:
    """One process that would lead."""

    def __init__(
        self,
        connection: Sends,
        *,
        namespace: str,
        name: str,
        me: str,
        clock: Clock,
        roll: Callable[[], float],
        told: Callable[[], None],
        times: LeaseTimes | None = None,
    ) -> None:
        """`me` must be nobody else's, not even this pod's before its restart.

        `told` is called whenever the lease was found or made to be somebody else's than before.
        """
        self._connection = connection
        self._namespace = namespace
        self._name = name
        self._clock = clock
        self._roll = roll
        self._told = told
        self._elector = Elector(me, times or LeaseTimes())
        self.trouble = ""

    @property
    def me(self) -> str:
        """Our name on the lease."""
        return self._elector.me

    @property
    def holder(self) -> str:
        """Whose name was last seen on the lease; empty where nobody's."""
        return self._elector.seen.holder if self._elector.seen else ""

    @property
    def holder_at(self) -> str:
        """The IP address at which whoever holds the lease may be asked; empty where none is."""
        return reached_at(self.holder, me=self.me)

    def permitted(self) -> bool:
        """Whether gates may be written right now."""
        return self._elector.permitted(self._clock.monotonic())

    async def run(self) -> NoReturn:
        """Stands for election, for ever. Cancelling it does not release the lease."""
        times = self._elector.times
        while True:
            await self._round()
            await self._clock.sleep(times.retry_s * (1 + JITTER * self._roll()))

    async def release(self) -> None:
        """Gives the lease up, if we have it; the last thing to do. Does not raise `HubError`."""
        led = self._elector.sent_at is not None
        self._elector = self._elector.resigned()
        try:
            record = self._elector.seen if led else None
            if record and not await self._released(record):  # a renewal was cut off on its way
                record = await self._look()
                if record:
                    await self._released(record)
        except RenewFailed as error:
            self.trouble = str(error)

    async def _released(self, record: Record) -> bool:
        """Whether nothing more is to be done; False where the record had changed."""
        if record.holder != self.me:
            return True
        try:
            await self._send(self._update(release(record)))
        except RenewFailed as error:
            if error.code != 409:
                raise
            return False
        return True

    async def _round(self) -> None:
        was = (self.holder, self.permitted())
        try:
            await self._look_and_write()
            self.trouble = ""
        except RenewFailed as error:
            self._elector = self._elector.unsure()
            self.trouble = str(error)
        if was != (self.holder, self.permitted()):
            self._told()

    async def _look_and_write(self) -> None:
        if self._elector.sure and await self._write():
            return
        self._elector = self._elector.looked(await self._look(), self._clock.monotonic())
        await self._write()

    async def _look(self) -> Record | None:
        request = requests.get_lease(self._namespace, self._name)
        try:
            body = await self._send(request)
        except RenewFailed as error:
            if error.code == 404 and error.status and error.status.reason == "NotFound":
                return None
            raise
        return read_answer(request, body, read_lease)

    async def _write(self) -> bool:
        """Whether what can be written now was written; False where others wrote before us."""
        elector = self._elector
        now = self._clock.monotonic()
        if elector.seen is not None and not elector.may_take(now):
            return True
        claim = elector.claim(self._clock.now())
        request = self._create(claim) if elector.seen is None else self._update(claim)
        try:
            record = read_answer(request, await self._send(request), read_lease)
        except RenewFailed as error:
            if error.code not in (404, 409):
                raise
            self._elector = elector.unsure()
            return False
        if elector.seen is None:
            self._elector = elector.created(record, self._clock.monotonic())
            return True
        self._elector = elector.took(record, sent_at=now, now=self._clock.monotonic())
        return True

    def _create(self, record: Record) -> Request:
        return requests.create_lease(self._namespace, self._name, self._encoded(record))

    def _update(self, record: Record) -> Request:
        return requests.update_lease(self._namespace, self._name, self._encoded(record))

    def _encoded(self, record: Record) -> bytes:
        return encode_lease(
            record, namespace=self._namespace, name=self._name, wall_now=self._clock.now()
        )

    async def _send(self, request: Request) -> bytes:
        return await self._connection.send(request, within_s=self._connection.timeouts.renew_s)
