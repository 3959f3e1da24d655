"""Where gates are asked for."""

from __future__ import annotations

import pytest

from tests.builders import ADMIT, BLOCK, asks
from tests.lint.written import application_set, clusters, inventory, policy
from watcher.facts import Expression
from watcher.lint.gated import is_gate, is_gated, tiers_asked, wanted, when
from watcher.policy import Gates

COMPUTE = "gate-watcher.io/compute"


@pytest.mark.parametrize(
    ("expression", "gates", "holds"),
    [
        (asks("compute"), ADMIT, (False, True)),
        (asks("compute", BLOCK), BLOCK, (False, True)),
        (Expression(COMPUTE, "NotIn", ("open",)), ADMIT, (True, False)),
        (Expression(COMPUTE, "Exists"), ADMIT, (False, True)),
        (Expression(COMPUTE, "DoesNotExist"), ADMIT, (True, False)),
        (Expression(COMPUTE, "DoesNotExist"), BLOCK, (False, True)),
        (Expression(COMPUTE, "In", ("true",)), ADMIT, (False, False)),
        (Expression(COMPUTE, "In", ("open",)), BLOCK, (False, False)),
        (Expression(COMPUTE, "NotIn", ("true",)), ADMIT, (True, True)),
        (Expression(COMPUTE, "Is", ("open",)), ADMIT, (False, False)),
    ],
)
def test_a_requirement_holds_as_kubernetes_says(
    expression: Expression, gates: Gates, holds: tuple[bool, bool]
) -> None:
    assert when(expression, gates) == holds


def test_reserved_names_and_other_prefixes_are_no_gates() -> None:
    assert is_gate(COMPUTE, ADMIT)
    assert is_gate("gate-watcher.io/{{ .tier }}", ADMIT)
    assert not is_gate("gate-watcher.io/opened", ADMIT)
    assert not is_gate("other.example.com/compute", ADMIT)


def test_only_what_decides_counts() -> None:
    later = f"{{merge: {{mergeKeys: [server], generators: [{{clusters: {{}}}}, {clusters()}]}}}}"
    (first,) = inventory(application_set(later), policy()).sets
    assert not is_gated(first, ADMIT)
    (second,) = inventory(application_set(clusters()), policy()).sets
    assert tiers_asked(second.set.generators, ADMIT) == {"compute"}


def test_what_to_ask_for_is_said_in_the_polarity_of_the_hub() -> None:
    assert wanted("compute", ADMIT) == f"{COMPUTE}: open"
    assert wanted("compute", BLOCK) == f"{{key: {COMPUTE}, operator: NotIn, values: [closed]}}"
