"""The benchmarks: `tests/run bench [decide | ingest | makespan …]`; the first two where none is
named. What follows `makespan` are its own options.

Timings of this machine are printed, never asserted: machines are noisy, and only ratios taken in
one run mean anything. The makespan is of a modelled hub, and the same everywhere.
"""

from __future__ import annotations

import sys

from tests.bench import decide, ingest, makespan

BENCHES = {"decide": decide.main, "ingest": ingest.main}


def main(names: list[str]) -> int:
    if names[:1] == ["makespan"]:
        makespan.main(names[1:])
        return 0
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}, makespan")
        return 2
    for name in names or BENCHES:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
