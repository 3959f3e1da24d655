"""The hub of the ingest benchmark: canned bytes over HTTP, so that it costs next to nothing."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

from aiohttp import web

APPLICATIONS = 20_000
EVENTS = 10_000
SIZE_BYTES = 10 * 1024
PATH = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
_STREAM = Path(__file__).parent.parent / "captured/streams/one-spoke-four-tiers.jsonl.gz"


def main() -> None:
    asyncio.run(_serve())


async def _serve() -> None:
    pattern = _pattern()
    app = web.Application()
    app.router.add_get(PATH, lambda request: _answer(request, pattern))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert runner.addresses
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


def _pattern() -> dict[str, Any]:
    """A real Application, with as many resources as make it 10 KiB."""
    with gzip.open(_STREAM, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    objects = [row["object"] for row in rows if row["object"].get("kind") == "Application"]
    found: dict[str, Any] = objects[-1]
    resources = found["status"]["resources"]
    while len(json.dumps(found, separators=(",", ":"))) < SIZE_BYTES:
        resources.append({**resources[0], "name": f"more-{len(resources)}"})
    return found


def _object(pattern: dict[str, Any], at: int, version: int) -> bytes:
    spoke = f"spoke-{at // 8:05d}"
    meta = {
        **pattern["metadata"],
        "name": f"{spoke}-addon-{at % 8}",
        "uid": f"00000000-0000-0000-0000-{at:012d}",
        "resourceVersion": str(version),
    }
    destination = {"namespace": spoke, "server": f"https://{spoke}.example.com"}
    sync = pattern["status"]["sync"]
    compared = {**sync["comparedTo"], "destination": destination}
    changed = {
        "metadata": meta,
        "spec": {**pattern["spec"], "destination": destination},
        "status": {**pattern["status"], "sync": {**sync, "comparedTo": compared}},
    }
    return json.dumps({**pattern, **changed}, separators=(",", ":")).encode()


async def _answer(request: web.Request, pattern: dict[str, Any]) -> web.StreamResponse:
    if request.query.get("watch"):
        return await _watch(request, pattern)
    first = int(request.query.get("continue") or 0)
    limit = int(request.query.get("limit") or APPLICATIONS)
    last = min(first + limit, APPLICATIONS)
    meta = {"resourceVersion": "100000"} | ({"continue": str(last)} if last < APPLICATIONS else {})
    head = (
        f'{{"apiVersion":"argoproj.io/v1alpha1","kind":"ApplicationList",'
        f'"metadata":{json.dumps(meta)},"items":['
    )
    items = b",".join(_object(pattern, at, at + 1) for at in range(first, last))
    return web.Response(
        body=head.encode() + items + b"]}\n", headers={"Content-Type": "application/json"}
    )


async def _watch(request: web.Request, pattern: dict[str, Any]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for at in range(EVENTS):
        body = _object(pattern, at * 7 % APPLICATIONS, 100_001 + at)
        await response.write(b'{"type":"MODIFIED","object":' + body + b"}\n")
    await response.write_eof()
    return response


if __name__ == "__main__":
    main()
