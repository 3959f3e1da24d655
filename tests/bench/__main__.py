"""The benchmarks: `tests/run bench [decide | ingest | page]`, all where none is named, and
`tests/run bench makespan …` or `lying …`, with options of their own.

Timings of this machine are printed, never asserted: machines are noisy, and only ratios taken in
one run mean anything. The other two are of a modelled hub, and the same everywhere.
"""

from __future__ import annotations

import sys

from tests.bench import decide, ingest, lying, makespan, page

BENCHES = {"decide": decide.main, "ingest": ingest.main, "page": page.main}
WITH_OPTIONS = {"lying": lying.main, "makespan": makespan.main}


def main(names: list[str]) -> int:
    if names and names[0] in WITH_OPTIONS:
        WITH_OPTIONS[names[0]](names[1:])
        return 0
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(
            f"no benchmark {', '.join(unknown)}; there are {', '.join([*BENCHES, *WITH_OPTIONS])}"
        )
        return 2
    for name in names or BENCHES:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
