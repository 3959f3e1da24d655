from __future__ import annotations

import re

import pytest
import yaml
from msgspec.structs import fields

from tests.policy.policies import HEAD
from tests.policy.test_shapes import shapes
from watcher.facts import selector
from watcher.policy import Policy, keys, read_policy
from watcher.policy.shapes import Key, Section, Text
from watcher.policy.table import POLICY

SECTIONS = [shape for shape in shapes(POLICY) if isinstance(shape, Section)]
KEYS = [key for section in SECTIONS for key in section.keys]


def written(section: Section) -> str:
    """A policy in which every key has its example."""
    members = [
        f"{key.name}: {written(key.shape) if isinstance(key.shape, Section) else key.example}"
        for key in section.keys
    ]
    return "{" + ", ".join(members) + "}"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.into.__name__)
def test_every_field_of_the_policy_has_its_key(section: Section) -> None:
    kept = {key.field for key in section.keys if key.field}
    assert kept == {one.name for one in fields(section.into)}


def test_every_key_has_an_example_that_is_read() -> None:
    assert isinstance(read_policy(written(POLICY), file="policy.yaml"), Policy)


@pytest.mark.parametrize(
    ("struct", "around"),
    [
        ("Tier", "tiers: [{name: crds}, %s]"),
        ("Ring", "tiers: [{name: crds}]\nrings: [%s]"),
        ("Window", "tiers: [{name: crds}]\nwindows: [%s]"),
    ],
)
def test_every_key_in_a_list_has_an_example_that_is_read(struct: str, around: str) -> None:
    (section,) = (section for section in SECTIONS if section.into.__name__ == struct)
    read = read_policy(HEAD + around % written(section), file="policy.yaml")
    assert isinstance(read, Policy), read


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_key_says_what_it_decides_and_why_its_default_is_so(key: Key) -> None:
    assert key.says.endswith(".")
    assert not key.because.endswith(".")
    assert bool(key.because) is not (key.required or isinstance(key.shape, Section))


def test_no_example_repeats_a_default() -> None:
    for key in keys():
        if key.key != "gates.polarity" and key.key != "namespace":
            assert yaml.safe_load(key.example) != yaml.safe_load(key.default or "~"), key.key


@pytest.mark.parametrize("shape", [shape for shape in shapes(POLICY) if isinstance(shape, Text)])
def test_a_rule_suggests_what_it_allows(shape: Text) -> None:
    for rule in shape.rules:
        suggested = rule.remedy.split(", as ")[-1].removeprefix("as ")
        assert all(re.fullmatch(one.pattern, suggested) for one in shape.rules)


SELECTORS = [key.shape for key in KEYS if key.name == "selector"]


def selects(text: str) -> bool:
    """What each key of a selector takes; and what is read as one."""
    (taken,) = {
        isinstance(shape, Text) and all(re.fullmatch(rule.pattern, text) for rule in shape.rules)
        for shape in SELECTORS
    }
    assert taken is (selector(text) is not None)
    return taken


@pytest.mark.parametrize(
    "text",
    [
        "a=b",
        "a==b",
        "a!=b",
        "a=",
        "a",
        "!a",
        "! a",
        "a in (b)",
        "a notin (b, c)",
        "a in (b,)",
        "a in ()",
        "a in(b)",
        " a = b , c != d ",
        "in in (in)",
        "notin",
        "x.example.com/a=b,x.example.com/c in (d, e),!f",
        f"{'x' * 63}={'y' * 63}",
    ],
)
def test_a_selector_is_what_kubernetes_takes_for_one(text: str) -> None:
    assert selects(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ",", "a=b,", ",a=b", "a=b c=d", "a=b=c", "a:b", "=b", "!a=b", "!", "a!b", "a>1"),
        *("a in b", "a in (b", "a (b)", "ain (b)", "a inn (b)", "a in (b c)", "-a=b", "a=b-"),
        *("A.com/a=b", "/a=b", "a/=b", "a/b/c=d", f"{'x' * 64}=b", f"a={'y' * 64}", "a=b\n"),
        "k=" + " " * 100_000 + "!",
        "a," * 50_000 + "!",
    ],
)
def test_what_kubernetes_takes_for_no_selector_is_none(text: str) -> None:
    assert not selects(text)
