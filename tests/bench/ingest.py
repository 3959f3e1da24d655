"""What does it cost to take in a hub's Applications, beside the plain client?

20,000 Applications of 10 KiB are listed over HTTP and 10,000 watch events follow, served by a
process of its own. Two more processes take them in, one after the other in the same run: ours, and
`kubernetes_asyncio` as its README shows it (a list, then `Watch().stream`), keeping what it is
given. Time, CPU per event and peak memory of each are printed side by side.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

TAKERS = {"ours": "tests.bench.taken_by_ours", "plain": "tests.bench.taken_by_plain"}


def main() -> None:
    print("ingest: 20,000 Applications of 10 KiB listed, then 10,000 events watched")
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.served"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        figures = {name: _run(module, url) for name, module in TAKERS.items()}
    finally:
        server.terminate()
        server.wait()
    for name, taken in figures.items():
        print(
            f"  {name:6} list {taken['list_s']:6.2f} s ({taken['list_cpu_s']:.2f} s CPU)   "
            f"events {taken['events_s']:6.2f} s, {taken['event_cpu_us']:7.1f} us CPU each   "
            f"peak {taken['peak_mib']:7.1f} MiB ({taken['base_mib']:.1f} before)"
        )
    ours, plain = figures["ours"], figures["plain"]
    print(
        f"  ratio  memory 1 : {plain['peak_mib'] / ours['peak_mib']:.1f}   "
        f"CPU per event 1 : {plain['event_cpu_us'] / ours['event_cpu_us']:.1f}"
    )


def _run(module: str, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", module, url], stdout=subprocess.PIPE, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
