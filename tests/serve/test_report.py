from __future__ import annotations

from msgspec.structs import replace

from watcher.serve import Stream

STREAM = Stream(
    resource="applications",
    heard_at=None,
    lists=0,
    namespaces=2,
    opened=0,
    failures=0,
    drifted=0,
    rewinds=0,
    unreadable=0,
)


def test_the_first_stream_of_each_namespace_is_no_restart() -> None:
    assert [replace(STREAM, opened=each).restarts for each in (0, 1, 2, 5)] == [0, 0, 0, 3]
