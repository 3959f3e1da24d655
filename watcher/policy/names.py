"""Which names does a list of the file give, and do others mean one of them?

Tiers, rings and windows are lists of mappings, each with a name of its own.

Elsewhere: what a name may be made of (table.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watcher.policy.faults import near, quoted
from watcher.policy.reading import Reading


def named(entry: object) -> str | None:
    """The name of an entry as it was read; also of one that is only a word.

    So that what names it is not at fault too.
    """
    name = entry.get("name") if isinstance(entry, dict) else entry
    return name if isinstance(name, str) else None


def places(reading: Reading, key: str, names: Sequence[str | None]) -> dict[str, int]:
    """Where each name stands first in the list at `key`; the later ones are noted."""
    found: dict[str, int] = {}
    for index, name in enumerate(names):
        if name is None:
            continue
        first = found.setdefault(name, index)
        here = f"{key}[{index}].name"
        if first != index and here in reading.lines and here not in reading.faulty:
            problem = f"{quoted(name)} is the name of {key}[{first}] already"
            reading.fault(here, problem, f"give each {key.removesuffix('s')} a name of its own")
    return found


def note_unknown(
    reading: Reading, key: str, word: str, *, known: Iterable[str], thing: str
) -> None:
    """Note that `word`, at `key`, is the name of no `thing`."""
    meant = near(word, tuple(known))
    remedy = f"did you mean {meant}?" if meant else f"name a {thing} of this file"
    reading.fault(key, f"there is no {thing} {quoted(word)}", remedy)


def note_each_unknown(
    reading: Reading, key: str, words: object, *, known: Iterable[str], thing: str
) -> None:
    """Note those of a list at `key`, as it was read, that are the name of no `thing`.

    Where none is known, the fault is with what should name them.
    """
    names = frozenset(known)
    for at, word in enumerate(words if names and isinstance(words, list) else ()):
        here = f"{key}[{at}]"
        if isinstance(word, str) and word not in names and here not in reading.faulty:
            note_unknown(reading, here, word, known=names, thing=thing)
