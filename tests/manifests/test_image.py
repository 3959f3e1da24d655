"""Is the image built of what is locked, and does it run as nobody?"""

from __future__ import annotations

import re
import tomllib

from tests.manifests.tools import MANIFESTS, ROOT, ran

IMAGE = MANIFESTS / "image"
DOCKERFILE = (IMAGE / "Dockerfile").read_text()


def locked(text: str) -> dict[str, frozenset[str]]:
    """The hashes of each package and version, as NAME==VERSION with what it depends on."""
    entries = re.split(r"\n(?=\S)", text)
    return {
        entry.split(" \\")[0]: frozenset(re.findall(r"sha256:[0-9a-f]{64}", entry))
        for entry in entries
        if "==" in entry
    }


def names(lock: dict[str, frozenset[str]]) -> set[str]:
    return {entry.partition("==")[0] for entry in lock}


def test_the_dockerfile_is_clean() -> None:
    ran("hadolint", str(IMAGE / "Dockerfile"))


def test_what_goes_into_the_image_is_what_was_tested() -> None:
    tested = locked((ROOT / "requirements.lock").read_text())
    versions = {entry.partition(" ;")[0]: hashes for entry, hashes in tested.items()}
    for name in ("requirements.lock", "build.lock"):
        for entry, hashes in locked((IMAGE / name).read_text()).items():
            assert hashes
            assert versions[entry.partition(" ;")[0]] == hashes, "tests/run lock writes it anew"


def test_the_image_has_all_that_the_program_needs_and_no_test_of_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {_name(each) for each in project["project"]["dependencies"]}
    present = names(locked((IMAGE / "requirements.lock").read_text()))
    assert needed <= present
    only_for_tests = {_name(each) for each in project["project"]["optional-dependencies"]["dev"]}
    assert not present & (only_for_tests - needed)
    backend = {_name(each) for each in project["build-system"]["requires"]}
    assert backend <= names(locked((IMAGE / "build.lock").read_text()))


def test_every_package_is_installed_by_its_hash_or_from_here() -> None:
    installs = re.findall(r"^.*pip\b.* install .*$", DOCKERFILE, re.MULTILINE)
    assert len(installs) == 3
    for each in installs:
        assert "--require-hashes --only-binary :all:" in each or "--no-deps --no-index" in each


def test_it_runs_in_a_second_stage_as_a_numbered_nobody() -> None:
    first, second = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert "pip" in first
    assert "RUN" not in second
    assert re.search(r"^USER 65532:65532$", second, re.MULTILINE)
    assert 'ENTRYPOINT ["gate-watcher"]' in second


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (IMAGE / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            kept = f"!{source}" in ignored or source.startswith("manifests/image/")
            assert kept, source


def _name(requirement: str) -> str:
    return re.split(r"[>=<~;\[ ]", requirement)[0].lower().replace("_", "-")
