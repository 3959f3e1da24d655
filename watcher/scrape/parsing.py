r"""What does a page of metrics say of a controller's memory?

Bytes in, as they come; a Reading out, or words that say why there is none. A page of a large shard
has tens of megabytes, nearly all of them about Applications. So lines are told apart by how they
begin, as bytes, and only the few that are wanted are ever decoded; what is not wanted may hold
anything. Of what is wanted nothing may be missing, there twice, negative or not finite: half a
reading is none, and no word of the page's own is repeated in what is said against it.

Facts:
- The text format (Prometheus, exposition formats): `name{label="value"} number [timestamp]`, each
  line with its end; in a value `\\`, `\"` and `\n` are escapes. No client library shows a series
  twice.
- Without GOMEMLIMIT the limit is 2^63 - 1; without GOGC its percentage is -1, shown as an unsigned
  number (Go, runtime/metrics.go).
- Which series there are: facts/reading.py.

Elsewhere: getting the page, and its largest size (scraping.py).
"""

from __future__ import annotations

import math
import re
from typing import TypeVar

from watcher.facts import Cluster, Instant, Reading

T = TypeVar("T")

_RESIDENT = "process_resident_memory_bytes"
_STARTED = "process_start_time_seconds"
_LIVE = "go_gc_heap_live_bytes"
_GOAL = "go_gc_heap_goal_bytes"
_COLLECTIONS = "go_gc_cycles_total_gc_cycles_total"
_GOGC = "go_gc_gogc_percent"
_SOFT_LIMIT = "go_gc_gomemlimit_bytes"
_COLLECTING = "go_cpu_classes_gc_total_cpu_seconds_total"
_TOTAL = "go_cpu_classes_total_cpu_seconds_total"
_IDLE = "go_cpu_classes_idle_cpu_seconds_total"
_OF_PROCESS = (
    *(_RESIDENT, _STARTED, _LIVE, _GOAL, _COLLECTIONS),
    *(_GOGC, _SOFT_LIMIT, _COLLECTING, _TOTAL, _IDLE),
)
"""Each once, whatever its labels."""

_INFO = "argocd_cluster_info"
_OBJECTS = "argocd_cluster_api_resource_objects"
_CONNECTED = "argocd_cluster_connection_status"
_OF_CLUSTERS = (_INFO, _OBJECTS, _CONNECTED)
"""Each once for a server."""

_WANTED = tuple(name.encode() for name in (*_OF_PROCESS, *_OF_CLUSTERS))

LONGEST_LINE_BYTES = 16 * 1024
"""A server's address, a name and a version are some hundred bytes."""

MOST_CLUSTERS = 100_000
"""Ten times the spokes of the largest hub: what shows more is not what it is taken for."""

_MOST = 2.0**64
"""All of these are numbers of 64 bits, or seconds; so no sum of them can overflow, either."""
_NO_SOFT_LIMIT = 2.0**63
_NO_GOGC = 2.0**31
"""The percentage is a signed 32-bit number."""

_NAME = re.compile(rb"[a-zA-Z0-9_:]+")
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\[\\n"])*+)"[ \t]*'
_LABELS = re.compile(_LABEL)
_SAMPLE = re.compile(
    rf"(?:[ \t]*\{{[ \t]*(?P<labels>(?:{_LABEL}(?:,[ \t]*|(?=\}})))*+)\}})?"
    r"[ \t]*(?P<number>[^ \t\r{}]+)(?:[ \t]+-?[0-9]+)?[ \t\r]*"
)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ESCAPE = re.compile(r"\\(.)")


class _Against(Exception):  # noqa: N818  (named after what it is)
    """What is wrong with the page, in words."""


class Page:
    """A page of which more and more comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._problem = ""
        self._numbers: dict[str, float] = {}
        self._names: dict[str, str] = {}
        self._objects: dict[str, float] = {}
        self._connected: dict[str, float] = {}

    def take(self, chunk: bytes) -> None:
        """The next bytes."""
        lines = (self._rest + chunk).split(b"\n")
        self._rest = lines.pop()[: LONGEST_LINE_BYTES + 1]
        wanted = [line for line in lines if line.startswith(_WANTED)]
        if not self._problem:
            self._problem = self._problem_with(wanted)

    def reading(self, at: Instant) -> Reading | str:
        """What the whole page, which had come at `at`, says; else what is wrong with it."""
        missing = [name for name in _OF_PROCESS if name not in self._numbers]
        if self._problem:
            return self._problem
        if len(missing) == len(_OF_PROCESS):
            return "it shows nothing of an application controller's memory"
        if self._rest:
            return "it ends in the middle of a line"
        if missing:
            return f"{', '.join(missing)}: not shown"
        if self._numbers[_IDLE] > self._numbers[_TOTAL]:
            return f"{_IDLE}: more than {_TOTAL}"
        return self._summary(at)

    def _problem_with(self, lines: list[bytes]) -> str:
        """Keep what these lines say; the first thing that is wrong with them."""
        try:
            for line in lines:
                self._take_line(line)
        except _Against as against:
            return str(against)
        return ""

    def _take_line(self, line: bytes) -> None:
        found = _NAME.match(line)
        name = found[0].decode() if found else ""
        if name in _OF_PROCESS:
            _, number = _sample(name, line)
            _put(self._numbers, name, number, series=name)
        elif name in _OF_CLUSTERS:
            labels, number = _sample(name, line)
            self._take_cluster(name, labels, number)

    def _take_cluster(self, series: str, labels: dict[str, str], number: float) -> None:
        server = labels.get("server", "")
        if series == _INFO:
            _put(self._names, server, labels.get("name", ""), series=series)
        elif series == _OBJECTS:
            _put(self._objects, server, number, series=series)
        else:
            _put(self._connected, server, number, series=series)

    def _summary(self, at: Instant) -> Reading:
        numbers = self._numbers
        return Reading(
            at=at,
            resident_bytes=numbers[_RESIDENT],
            live_bytes=numbers[_LIVE],
            goal_bytes=numbers[_GOAL],
            collections=numbers[_COLLECTIONS],
            gogc_percent=numbers[_GOGC] if numbers[_GOGC] < _NO_GOGC else None,
            soft_limit_bytes=numbers[_SOFT_LIMIT]
            if numbers[_SOFT_LIMIT] < _NO_SOFT_LIMIT
            else None,
            collecting_s=numbers[_COLLECTING],
            busy_s=numbers[_TOTAL] - numbers[_IDLE],
            process_started_at=numbers[_STARTED],
            clusters={server: self._cluster(server) for server in self._names},
        )

    def _cluster(self, server: str) -> Cluster:
        objects, connected = self._objects.get(server), self._connected.get(server)
        return Cluster(
            name=self._names[server],
            objects=None if objects is None else int(objects),
            connected=None if connected is None else connected > 0,
        )


def _sample(series: str, line: bytes) -> tuple[dict[str, str], float]:
    """The labels and the number of a line that begins with `series`."""
    if len(line) > LONGEST_LINE_BYTES:
        raise _Against(f"{series}: a line of more than {LONGEST_LINE_BYTES} bytes")
    try:
        found = _SAMPLE.fullmatch(line[len(series) :].decode())
    except UnicodeDecodeError:
        raise _Against(f"{series}: not UTF-8") from None
    if found is None:
        raise _Against(f"{series}: a line that cannot be read")
    labels = {name: _plain(text) for name, text in _LABELS.findall(found["labels"] or "")}
    return labels, _number(series, found["number"])


def _number(series: str, text: str) -> float:
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not 0 <= number <= _MOST:  # which NaN is not
        raise _Against(f"{series}: not a number from 0 to 2^64")
    return number


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], text)


def _put(kept: dict[str, T], key: str, value: T, *, series: str) -> None:
    if key in kept:
        raise _Against(f"{series}: shown twice")
    if len(kept) >= MOST_CLUSTERS:
        raise _Against(f"{series}: of more than {MOST_CLUSTERS} clusters")
    kept[key] = value
