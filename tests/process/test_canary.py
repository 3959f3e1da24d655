"""Does a credential of a cluster Secret stay anywhere in a watcher's process?

The hub, which holds the credentials, is in this process; the watcher is in another (hunted.py), in
which the whole memory is searched when it has opened every gate. On the way the hub quotes whole
Secrets in refusals, cuts a list and garbles a watch, so that errors have something to leak.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path

import pytest

from tests.process.programs import world
from watcher.embedded_hub.faults import Answer, Cut, On, Say
from watcher.embedded_hub.resources import SECRET
from watcher.embedded_hub.scenario import CANARY
from watcher.facts import Guard

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
PLAIN = json.dumps({"bearerToken": CANARY})
QUOTED = base64.b64encode(PLAIN.encode()).decode()


def refusal() -> Answer:
    """A refusal that quotes the whole Secret, of what was carried out all the same."""
    message = f' "" is invalid: patch: Invalid value: "{{\\"config\\":\\"{QUOTED}\\"}}": {PLAIN}'
    body = {"kind": "Status", "status": "Failure", "code": 500, "message": message}
    return Answer(500, body=json.dumps(body).encode(), applied=True)


async def test_no_credential_stays_in_a_watcher_that_has_opened_every_gate(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.release_lease()
        faults = made.hub.api.faults
        faults.plan(On(verb="list", resource=SECRET), Cut(1500))
        faults.plan(On(verb="list", resource=SECRET), refusal())
        garbled = json.dumps({"type": "MODIFIED", "object": {"data": {"config": QUOTED}}}) + "\n"
        faults.plan(On(verb="watch", resource=SECRET), Say(garbled.encode()))
        faults.plan(On(verb="watch", resource=SECRET, nth=2), Say(f"{PLAIN} {QUOTED}\n".encode()))
        faults.plan(On(verb="patch", resource=SECRET), refusal())
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.process.hunted",
            CANARY[::-1],
            str(made.kubeconfig),
            str(made.policy),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(120.0):
            output, _ = await process.communicate()
        assert process.returncode == 0
        assert all(each.struck for each in faults.planned), "every fault was met"
        said = json.loads(output)
        assert said["control"], "one that stays is found"
        assert said["found"] == []
        assert said["shown"] == [], "neither the log at DEBUG nor any page has it"
        log, livez, readyz, metrics, *_ = said["lines"]
        assert log > 20
        assert livez == 1
        assert readyz == 1 + len(Guard)
        assert metrics > 100
        assert said["spokes"] == [2, 2]
        assert made.in_order()
