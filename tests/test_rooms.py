"""Does the tests' folder mirror the rooms, and does nothing unfinished stand in the house?"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent

UNPAIRED: dict[str, str] = {
    "watcher/decide/carried.py": "values only; tests/decide/test_deciding.py carries them",
    "watcher/decide/decision.py": "values only; tests/decide/test_deciding.py reads them",
    "watcher/decide/memory.py": "values only; tests/decide/test_seen.py makes them",
    "watcher/decide/judgement.py": "values only; tests/decide/test_judging.py makes them",
    "watcher/decide/reasons.py": "values only; tests/decide/test_words.py says each",
    "watcher/decide/shards.py": "values only; tests/decide/test_capacity.py makes them",
    "watcher/decide/snapshot.py": "values only",
    "watcher/decide/verdicts.py": "values only; tests/decide/test_deciding.py reads them",
    "watcher/facts/reading.py": "values only; tests/scrape/test_parsing.py makes them",
    "watcher/hub/reported.py": "shapes only; tests/hub/test_decode.py reads them",
}
"""Files without a test file of their own, and why. The list may only shrink."""


def test_every_file_of_a_room_has_its_test_file() -> None:
    missing = [
        path
        for path in _files("watcher", "*.py")
        if path.name != "__init__.py"
        and not (ROOT / "tests" / path.parts[1] / f"test_{path.name}").exists()
    ]
    assert sorted(map(str, missing)) == sorted(UNPAIRED), (
        "each file watcher/ROOM/NAME.py has a tests/ROOM/test_NAME.py"
    )


def test_nothing_unfinished_and_no_foreign_place_is_named() -> None:
    words = re.compile("TO" + "DO|FIX" + "ME|NotImplemented" + r"Error|\.\./shared")
    found = [
        f"{path}:{number}"
        for path in _tracked()
        if path.suffix in (".py", ".md", ".toml", ".yaml", "")
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if words.search(line)
    ]
    assert found == []


def _files(folder: str, pattern: str) -> list[Path]:
    return [
        path.relative_to(ROOT)
        for path in (ROOT / folder).rglob(pattern)
        if len(path.relative_to(ROOT).parts) == 3
    ]


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for name in listed.stdout.splitlines() if (path := Path(name)).is_file()]
