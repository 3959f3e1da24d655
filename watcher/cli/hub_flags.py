"""Which hub is meant, and as whom, in kubectl's own flags?

`--kubeconfig`, `--context`, `--cluster`, `--user`, `--as`, `--as-group` and `-n` mean what they
mean to kubectl, but for the namespace: that is Argo CD's, and not the context's, where none is
named. Not there: `--server`, `--token` and those about certificates, which a kubeconfig has, since
on a command line a token is seen by everybody on the machine; `--server` is the watcher's own
address instead (asking_watcher.py). `--request-timeout` neither: what is asked has limits
(hub/timeouts.py).

Elsewhere: what is made of a kubeconfig (hub/kubeconfig.py, hub/credentials.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, TypeVar

import rich_click as click
from msgspec import Struct

from watcher.cli.ending import FAILED, STOPPED, UNUSABLE, Slip, end
from watcher.hub import Connection, ConnectionFault, HubError, connect
from watcher.hub.kubeconfig import Overrides

T = TypeVar("T")

ARGO_CD = "argocd"
"""The namespace that is meant where none is named."""

kubeconfig_flag = click.option(
    "--kubeconfig",
    metavar="FILE",
    help="The kubeconfig; else $KUBECONFIG, ~/.kube/config, or the pod's own account.",
)
context_flag = click.option(
    "--context", metavar="NAME", help="The context in it; else its current one."
)


class HubFlags(Struct, frozen=True):
    """A hub, and who asks it."""

    kubeconfig: str | None = None
    context: str | None = None
    cluster: str | None = None
    user: str | None = None
    as_user: str | None = None
    as_groups: tuple[str, ...] = ()
    named: str | None = None
    """The namespace that was named."""

    @property
    def namespace(self) -> str:
        """Where Argo CD runs, with the orders and the lease."""
        return self.named or ARGO_CD

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        """A connection, closed at the end; raises `ConnectionFault`."""
        overrides = Overrides(self.cluster, self.user, self.as_user, self.as_groups)
        connection = await connect(self.kubeconfig, self.context, overrides)
        try:
            yield connection
        finally:
            await connection.close()


def hub_flags(
    namespace: str = f"Where Argo CD runs; {ARGO_CD} without one.",
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Kubectl's flags, given to the verb as its argument `hub`; `namespace`: the help of -n."""
    flags = (
        kubeconfig_flag,
        context_flag,
        click.option("--cluster", metavar="NAME", help="The kubeconfig's cluster to ask."),
        click.option("--user", metavar="NAME", help="The kubeconfig's user to ask as."),
        click.option("--as", "as_user", metavar="USER", help="Whom to act as."),
        click.option(
            "--as-group",
            "as_groups",
            metavar="GROUP",
            multiple=True,
            help="A group to act as a member of; repeatable.",
        ),
        click.option("-n", "--namespace", "named", metavar="NAME", help=namespace),
    )

    def decorated(verb: Callable[..., None]) -> Callable[..., None]:
        @wraps(verb)
        def called(**given: Any) -> None:
            own = {name: given.pop(name) for name in HubFlags.__struct_fields__}
            if own["as_groups"] and own["as_user"] is None:
                raise click.UsageError("--as-group needs --as, as the hub takes no group alone")
            verb(**given, hub=HubFlags(**own))

        for flag in reversed(flags):
            flag(called)
        return called

    return decorated


def run(work: Coroutine[Any, Any, T], *, refused: int = FAILED) -> T:
    """What `work` gives. Ends the process with `UNUSABLE` where there is no hub to speak to, or not
    what was asked for, and with `refused` where the hub, or a watcher behind it, does not answer.
    """
    try:
        return asyncio.run(work)
    except ConnectionFault as fault:
        end(UNUSABLE, fault)
    except Slip as slip:
        end(UNUSABLE, *slip.problems)
    except KeyboardInterrupt:
        end(STOPPED)
    except HubError as error:
        end(refused, error)
