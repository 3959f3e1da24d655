from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.policy.policies import GOOD, MISTAKES, Mistake
from tests.policy.test_shapes import shapes
from watcher.policy import Accept, Policy, keys, read_policy, schema
from watcher.policy.shapes import ListOf, Section, Shape
from watcher.policy.table import POLICY

VALIDATOR = Draft202012Validator(schema())


def properties(part: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, one in part.get("properties", {}).items():
        yield f"{above}{name}", one
        yield from properties(one, f"{above}{name}.")
        yield from properties(one.get("items", {}), f"{above}{name}[].")


def table(shape: Shape, above: str = "") -> Iterator[str]:
    match shape:
        case Section(known):
            for key in known:
                yield f"{above}{key.name}"
                yield from table(key.shape, f"{above}{key.name}.")
        case ListOf(item):
            yield from table(item, f"{above.removesuffix('.')}[].")
        case _:
            return


PROPERTIES = dict(properties(schema()))


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_reader_and_the_schema_know_the_same_keys() -> None:
    assert list(PROPERTIES) == list(table(POLICY))


def test_the_manual_s_keys_are_those_that_hold_something_of_their_own() -> None:
    documented = [doc.key for doc in keys()]
    groups = {"gates", "budgets", "pacing", "memory", "memory.prior"}
    groups |= {"rings[].startWhen", "rings[].stopWhen"}
    assert documented == [key for key in PROPERTIES if key not in groups]


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_good_policy_is_valid(text: str) -> None:
    VALIDATOR.validate(yaml.safe_load(text))


SEEN = {name: mistake for name, mistake in MISTAKES.items() if mistake.schema_sees}


@pytest.mark.parametrize("mistake", SEEN.values(), ids=SEEN)
def test_a_mistake_that_one_value_shows_is_not_valid(mistake: Mistake) -> None:
    assert not VALIDATOR.is_valid(yaml.safe_load(mistake.text))


@pytest.mark.parametrize("part", PROPERTIES.values(), ids=PROPERTIES)
def test_every_key_has_its_words(part: dict[str, Any]) -> None:
    assert part["description"].endswith(".")


@pytest.mark.parametrize("doc", keys(), ids=lambda doc: doc.key)
def test_every_default_is_in_the_schema_with_its_reason(doc: Any) -> None:
    part = PROPERTIES[doc.key]
    assert doc.says in part["description"]
    if doc.default:
        assert f"Default: {doc.default}, because {doc.because}." in part["description"]
    else:
        assert part["description"].endswith("Required.")


def test_a_default_that_is_written_out_is_valid_and_changes_nothing() -> None:
    least = yaml.safe_load(GOOD["the least"])
    written = {
        **least,
        "gates": defaults("gates."),
        "budgets": defaults("budgets."),
        "pacing": defaults("pacing."),
        "memory": {**defaults("memory."), "prior": defaults("memory.prior.")},
        "tiers": [{"name": "crds", **defaults("tiers[].")}],
        "rings": [
            {
                "name": "default",
                "startWhen": defaults("rings[].startWhen."),
                "stopWhen": defaults("rings[].stopWhen."),
            }
        ],
        **defaults(""),
    }
    VALIDATOR.validate(written)
    assert read_policy(yaml.safe_dump(written), file="p") == read_policy(
        GOOD["the least"], file="p"
    )


def defaults(above: str) -> dict[str, Any]:
    """The defaults of the keys right under `above`."""
    return {
        key.removeprefix(above): part["default"]
        for key, part in PROPERTIES.items()
        if "default" in part and key.startswith(above) and key.removeprefix(above).isalnum()
    }


def test_nothing_unknown_is_allowed_anywhere() -> None:
    sections = sum(isinstance(shape, Section) for shape in shapes(POLICY))
    assert str(schema()).count("'additionalProperties': False") == sections


WORDS = st.sampled_from([*{key.split(".")[-1] for key in PROPERTIES}])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 9)
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.sampled_from(["1s", "5m", "admit", "argocd", "crds", *Accept]).map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=6,
)
SHARES = st.sampled_from([0, 1, 3, 0.5, 1.0, "1", "1%", "100%", "100.00%", "0%"])
PLAUSIBLE = st.fixed_dictionaries(
    {
        "apiVersion": st.just("config.gate-watcher.io/v1alpha1"),
        "kind": st.just("GateWatcherConfiguration"),
        "tiers": VALUES
        | st.lists(
            st.fixed_dictionaries(
                {"name": st.sampled_from("abcd")},
                optional={
                    "dependsOn": st.lists(st.sampled_from("abcd"), max_size=2) | VALUES,
                    "soak": st.sampled_from(["2s", "1s"]) | VALUES,
                    "accept": st.lists(st.sampled_from(Accept).map(str), max_size=2) | VALUES,
                    "optional": VALUES,
                },
            ),
            max_size=3,
        ),
    },
    optional={
        **dict.fromkeys(["gates", "namespace", "budgets", "staleAfter", "pacing"], VALUES),
        "recovery": st.sampled_from(["off", "park", False, True, "false"]) | VALUES,
        "rings": VALUES
        | st.lists(
            st.fixed_dictionaries(
                {"name": st.sampled_from("ab")},
                optional={
                    "selector": st.sampled_from(["a=b", "!c", "a b"]) | VALUES,
                    "startWhen": st.dictionaries(st.just("settled"), SHARES) | VALUES,
                    "stopWhen": st.dictionaries(st.just("stalled"), SHARES) | VALUES,
                },
            ),
            min_size=1,
            max_size=2,
        ),
        "windows": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from("ab"),
                    "kind": st.sampled_from(["allow", "deny"]) | VALUES,
                    "schedule": st.sampled_from(["0 0 * * 1", "0 0 31 2 *"]) | VALUES,
                    "duration": st.sampled_from(["1m", "9h"]) | VALUES,
                },
                optional={"timeZone": st.sampled_from(["UTC", "utc"]) | VALUES, "rings": VALUES},
            ),
            max_size=2,
        ),
        "memory": VALUES
        | st.dictionaries(
            st.sampled_from(["limit", "overhead", "high", "low", "port", "scrapeEvery"]),
            st.sampled_from(["900Mi", "4Gi", "1e9", "010", "0.9", "85%", "100%", "2s"])
            | st.integers(0, 2**40)
            | st.floats(0, 2)
            | VALUES,
        ),
    },
)


@settings(deadline=None)
@given(PLAUSIBLE)
def test_what_is_read_is_valid(held: dict[str, Any]) -> None:
    read = read_policy(yaml.safe_dump(held), file="p")
    if isinstance(read, Policy):
        VALIDATOR.validate(held)
