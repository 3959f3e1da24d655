"""What is unsafe in how a hub is laid out? Values in, findings out; no I/O.

Above decide, because what a generator selects is asked there; below hub, which reads these objects
from text and from the API server.
"""

from watcher.lint.finding import Code, Finding, Place, Severity
from watcher.lint.inventory import (
    Controller,
    Inventory,
    Origin,
    Read,
    Template,
    WrittenApplication,
    WrittenSet,
    WrittenSpoke,
)
from watcher.lint.linting import CODES, Linted, Skipped, lint
from watcher.lint.output import as_github, as_json, as_text
from watcher.lint.writers import other_writers

__all__ = [
    "CODES",
    "Code",
    "Controller",
    "Finding",
    "Inventory",
    "Linted",
    "Origin",
    "Place",
    "Read",
    "Severity",
    "Skipped",
    "Template",
    "WrittenApplication",
    "WrittenSet",
    "WrittenSpoke",
    "as_github",
    "as_json",
    "as_text",
    "lint",
    "other_writers",
]
