"""Takes a hub in as the README of kubernetes_asyncio shows: a list, then a watch."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from kubernetes_asyncio import client, watch

from tests.bench.measured import Stopwatch
from tests.bench.served import EVENTS

WHAT = ("argoproj.io", "v1alpha1", "argocd", "applications")


async def main(url: str) -> None:
    watching = Stopwatch()
    configuration = client.Configuration(host=url)
    async with client.ApiClient(configuration) as api_client:
        api = client.CustomObjectsApi(api_client)
        watching.mark()
        listed = await api.list_namespaced_custom_object(*WHAT)
        held: dict[str, Any] = {each["metadata"]["uid"]: each for each in listed["items"]}
        watching.mark()
        version, seen = listed["metadata"]["resourceVersion"], 0
        async with watch.Watch().stream(
            api.list_namespaced_custom_object, *WHAT, resource_version=version
        ) as stream:
            async for event in stream:
                held[event["object"]["metadata"]["uid"]] = event["object"]
                seen += 1
                if seen == EVENTS:
                    break
        watching.mark()
    watching.report()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
