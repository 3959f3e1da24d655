"""How is a line written to the log?

One logger, made once and handed down; JSON for machines or text for people. Whatever a value holds
(a name with a newline, a message of the hub with control characters), it stays on its line: what
cannot be printed is escaped.

What other libraries log through Python's `logging` becomes lines of the same form, from WARNING on
whatever our own level is: below that, some of them write whole bodies.

Elsewhere: what is said of a change (said.py).
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Mapping, MutableMapping
from enum import StrEnum
from typing import Any, TextIO, TypeAlias, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from watcher.facts import Instant, rfc3339

Log: TypeAlias = FilteringBoundLogger

_Line: TypeAlias = MutableMapping[str, Any]

_HEAD = ("at", "level", "event")
"""What stands first on a line, in this order."""


class LogFormat(StrEnum):
    """How a line is written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """What is written: this, and all that is more serious."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def logger(
    stream: TextIO, *, log_format: LogFormat, level: LogLevel, now: Callable[[], Instant]
) -> Log:
    """The logger that writes to `stream`, each line stamped with what `now` says."""
    render: Processor = _as_json if log_format is LogFormat.JSON else _as_text
    made = structlog.wrap_logger(
        _Writer(stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            _stamped(now),
            render,
        ],
    )
    return cast(Log, made)


class _Writer(structlog.WriteLogger):
    """Writes lines, and drops those that cannot be written.

    A pipe that nobody reads any more must not end what is being logged about.
    """

    def msg(self, message: str) -> None:
        """Write one line."""
        with contextlib.suppress(OSError, ValueError):  # broken, or closed
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


class Foreign(logging.Handler):
    """Writes what other libraries log as lines of ours."""

    def __init__(self, log: Log) -> None:
        super().__init__(level=logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; its name tells whose it is."""
        raised = record.exc_info if record.exc_info and record.exc_info[0] else None
        self._log.log(record.levelno, record.getMessage(), library=record.name, exc_info=raised)


def printable(text: str) -> str:
    """`text` on one line, with what cannot be printed escaped."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _stamped(now: Callable[[], Instant]) -> Processor:
    def stamp(_logger: Any, _method: str, line: _Line) -> _Line:
        at = now()
        second = rfc3339(at)
        line["at"] = f"{second[:-1]}.{int(at * 1000) % 1000:03d}Z" if second[-1] == "Z" else second
        return line

    return stamp


def _as_json(_logger: Any, _method: str, line: _Line) -> str:
    return json.dumps(_ordered(line), default=str)


def _as_text(_logger: Any, _method: str, line: _Line) -> str:
    words = _ordered(line)
    at, level, event = (printable(str(words.pop(key, ""))) for key in _HEAD)
    return " ".join([at, f"{level:7}", event, *(f"{key}={_text(words[key])}" for key in words)])


def _ordered(line: Mapping[str, Any]) -> dict[str, Any]:
    head = {key: line[key] for key in _HEAD if key in line}
    return head | {key: each for key, each in line.items() if each is not None}


def _text(value: Any) -> str:
    """A value as it can be read back: in quotes where it has spaces, quotes or nothing at all."""
    whole = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    shown = printable(whole)
    return shown if shown and not set(shown) & set(' "=') else json.dumps(shown, ensure_ascii=False)
