"""What must a person mend on the hub before anything can work?

Asked at the start, beside everything else, only to say it in one line: that the hub does not
answer, has no Argo CD, or does not grant what the watcher needs. Nothing waits for the answer. What
is missing may come at any time, and what follows the hub goes on trying.

Elsewhere: the questions (hub/checking.py); what is wrong later (vigil.py).
"""

from __future__ import annotations

from watcher.daemon.logs import Log
from watcher.hub import (
    Clock,
    Connection,
    ConnectionFault,
    HubError,
    check_hub,
    missing_rights,
    needed_rights,
)
from watcher.policy import Policy

AGAIN_S = 15.0


async def check(
    connection: Connection, policy: Policy, *, lease: str | None, clock: Clock, log: Log
) -> None:
    """Say what is missing, until the hub can be used; then which rights are.

    `lease`: the one that is to be held; None for a dry run.
    """
    said = ""
    while problem := await _problem(connection):
        if problem != said:
            log.warning("hub cannot be used yet", because=problem)
            said = problem
        await clock.sleep(AGAIN_S)
    if said:
        log.info("hub can be used now")
    needed = needed_rights(policy.namespace, policy.application_namespaces, lease=lease)
    try:
        missing = await missing_rights(connection, needed)
    except HubError as error:
        log.debug("rights cannot be asked for", because=str(error))
        return
    if missing:
        log.warning("rights are missing", rights=list(map(str, missing)))


async def _problem(connection: Connection) -> str:
    try:
        await check_hub(connection)
    except ConnectionFault as fault:
        return str(fault)
    return ""
