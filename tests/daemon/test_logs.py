from __future__ import annotations

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW
from watcher.daemon.logs import Foreign, LogFormat, LogLevel, logger, printable

EVIL = "a\nINFO forged\r\u2028\u202e\x1b[31m\x00"


def lines(log_format: LogFormat, level: LogLevel = LogLevel.INFO, **fields: object) -> list[str]:
    stream = io.StringIO()
    logger(stream, log_format=log_format, level=level, now=lambda: NOW + 0.25).info("it", **fields)
    return stream.getvalue().splitlines()


def test_a_text_line_has_the_time_the_level_what_happened_and_its_values() -> None:
    assert lines(LogFormat.TEXT, spoke="eu-1", because=["one thing", "another"]) == [
        '2026-03-02T09:00:00.250Z info    it spoke=eu-1 because="one thing; another"'
    ]


def test_a_json_line_has_the_same() -> None:
    (line,) = lines(LogFormat.JSON, spoke="eu-1", because=["one", "two"], was=None)
    assert json.loads(line) == {
        "at": "2026-03-02T09:00:00.250Z",
        "level": "info",
        "event": "it",
        "spoke": "eu-1",
        "because": ["one", "two"],
    }


@pytest.mark.parametrize("log_format", LogFormat)
@given(value=st.text() | st.just(EVIL))
def test_a_line_stays_one_line_whatever_a_value_holds(log_format: LogFormat, value: str) -> None:
    (line,) = lines(log_format, spoke=value)
    assert line.isprintable()


@pytest.mark.parametrize("log_format", LogFormat)
def test_an_exception_is_on_its_line_too(log_format: LogFormat) -> None:
    try:
        raise ValueError(EVIL)
    except ValueError as error:
        (line,) = lines(log_format, exc_info=error)
    assert "ValueError" in line
    assert line.isprintable()


def test_what_is_under_the_level_is_not_written() -> None:
    assert lines(LogFormat.TEXT, LogLevel.WARNING) == []


def test_what_other_libraries_log_is_written_from_warning_on() -> None:
    stream = io.StringIO()
    log = logger(stream, log_format=LogFormat.TEXT, level=LogLevel.DEBUG, now=lambda: NOW)
    theirs = logging.Logger("aiohttp.server")
    theirs.addHandler(Foreign(log))
    theirs.info("body: secret")
    theirs.error("odd %s", "thing\n")
    assert stream.getvalue() == (
        "2026-03-02T09:00:00.000Z error   odd thing\\n library=aiohttp.server\n"
    )


def test_what_can_be_printed_is_left_as_it_is() -> None:
    assert printable("Zürich, 東京") == "Zürich, 東京"
    assert printable("a\tb") == "a\\tb"


def test_a_log_that_nobody_reads_any_more_stops_nothing() -> None:
    stream = io.StringIO()
    log = logger(stream, log_format=LogFormat.TEXT, level=LogLevel.INFO, now=lambda: NOW)
    stream.close()
    log.error("it")


@pytest.mark.parametrize("level", LogLevel)
def test_every_level_is_written_with_its_name(level: LogLevel) -> None:
    stream = io.StringIO()
    log = logger(stream, log_format=LogFormat.TEXT, level=LogLevel.DEBUG, now=lambda: NOW)
    getattr(log, level)("it")
    assert stream.getvalue().split()[1:] == [level.value, "it"]
