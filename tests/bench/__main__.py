"""The benchmarks: `tests/run bench [decide | ingest]`, both where none is named.

Timings are printed, never asserted: machines are noisy, and only ratios taken in one run mean
anything.
"""

from __future__ import annotations

import sys

from tests.bench import decide, ingest

BENCHES = {"decide": decide.main, "ingest": ingest.main}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}")
        return 2
    for name in names or BENCHES:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
