"""Is every guard, of every shape, one that cannot fail over what it is shown?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.guards.hubs import EVERY, hub
from watcher.facts import Guard
from watcher.guards import Shape, Shipped, shipped
from watcher.policy import Polarity

ALL = [(shape, guard) for shape in EVERY for guard in Guard]
each_guard = pytest.mark.parametrize(("shape", "guard"), ALL)


def expressions(one: Shipped) -> Iterator[str]:
    spec = one.policy["spec"]
    for part in ("matchConditions", "variables", "validations"):
        for each in spec.get(part, ()):
            yield each["expression"]
            if "messageExpression" in each:
                yield each["messageExpression"]


def without_texts(expression: str) -> str:
    return re.sub(r"'(?:[^'\\]|\\.)*'", "''", expression)


@each_guard
def test_what_may_be_absent_is_read_as_optional(shape: Shape, guard: Guard) -> None:
    """`metadata` is there in every object; what is under it need not be."""
    for expression in expressions(shipped(shape)[guard]):
        plain = without_texts(expression)
        for dyn in ("dyn(object.metadata)", "dyn(oldObject.metadata)"):
            plain = plain.replace(dyn, "m")
        for name in ("oldObject.metadata.name", "oldObject.metadata.namespace"):
            plain = plain.replace(name, "n")
        assert not re.search(r"\b(object|oldObject|params)\.(?!\?)", plain), expression


@each_guard
def test_what_is_null_is_not_looked_into(shape: Shape, guard: Guard) -> None:
    """An update has both; a creation has no old object, a deletion no new one."""
    one = shipped(shape)[guard]
    (rule,) = one.policy["spec"]["matchConstraints"]["resourceRules"]
    if rule["operations"] == ["UPDATE"]:
        return
    for validation in one.policy["spec"]["validations"]:
        expression = validation["expression"]
        if rule["operations"] == ["DELETE"]:
            assert not re.search(r"\bobject\b", without_texts(expression))
        else:
            assert expression.startswith("request.operation ")
    for condition in one.policy["spec"]["matchConditions"]:
        if rule["operations"] != ["DELETE"]:
            assert "bject" not in without_texts(condition["expression"])


@each_guard
def test_a_variable_is_defined_before_it_is_used_and_in_no_condition(
    shape: Shape, guard: Guard
) -> None:
    spec = shipped(shape)[guard].policy["spec"]
    known: set[str] = set()
    for each in spec.get("variables", ()):
        assert set(re.findall(r"variables\.(\w+)", each["expression"])) <= known
        known.add(each["name"])
    used = set(re.findall(r"variables\.(\w+)", " ".join(expressions(shipped(shape)[guard]))))
    assert used <= known
    assert not any("variables." in each["expression"] for each in spec["matchConditions"])


@each_guard
def test_brackets_and_quotes_are_whole(shape: Shape, guard: Guard) -> None:
    for expression in expressions(shipped(shape)[guard]):
        plain = without_texts(expression)
        assert "'" not in plain.replace("''", "")
        for opening, closing in ("()", "[]", "{}"):
            assert plain.count(opening) == plain.count(closing), expression


@each_guard
def test_every_refusal_says_what_and_is_one_line(shape: Shape, guard: Guard) -> None:
    for validation in shipped(shape)[guard].policy["spec"]["validations"]:
        assert validation["reason"] == "Forbidden"
        assert validation["message"].isprintable()
        assert len(validation["message"]) < 300


@each_guard
def test_a_policy_is_bound_and_carries_its_bindings_name(shape: Shape, guard: Guard) -> None:
    one = shipped(shape)[guard]
    assert one.binding["metadata"]["name"] == one.binding["spec"]["policyName"] == one.name
    assert one.name.endswith(f".{shape.namespace}.{shape.gates.prefix}")


def test_the_watchers_own_account_is_named_by_b_and_e_alone() -> None:
    here, there = shipped(hub()), shipped(hub(account="somebody"))
    assert [each for each in Guard if here[each] != there[each]] == [Guard.B, Guard.E]


def test_polarity_is_a_matter_of_secrets() -> None:
    here, there = shipped(hub()), shipped(hub(Polarity.BLOCK))
    assert [each for each in Guard if here[each] != there[each]] == [Guard.A, Guard.B, Guard.D]
