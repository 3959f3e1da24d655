"""Wires the rooms, runs the turns, supervises; the only clock."""

from watcher.daemon.clock import SystemClock, TimeOfHub
from watcher.daemon.logs import LogFormat, LogLevel, logger
from watcher.daemon.policy_file import PolicyFile
from watcher.daemon.running import (
    FAILED,
    OK,
    UNUSABLE,
    Settings,
    Unusable,
    print_problems,
    run,
    stop_at_signals,
    watch,
)
from watcher.daemon.watcher import Times

__all__ = [
    "FAILED",
    "OK",
    "UNUSABLE",
    "LogFormat",
    "LogLevel",
    "PolicyFile",
    "Settings",
    "SystemClock",
    "TimeOfHub",
    "Times",
    "Unusable",
    "logger",
    "print_problems",
    "run",
    "stop_at_signals",
    "watch",
]
