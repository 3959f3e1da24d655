"""What the table of recorded cases cannot say: memory, seeds, and generators that there are not."""

from __future__ import annotations

from typing import Any

import pytest

from watcher.embedded_hub.chance import Chance
from watcher.embedded_hub.generators import (
    GenerationError,
    Generators,
    ParameterSet,
    World,
    laid_over,
)
from watcher.embedded_hub.spokes import CLUSTER_LABEL, Spoke
from watcher.embedded_hub.templates import Strings


def spoke(name: str, *, server: str = "", version: str = "1", **labels: str) -> Spoke:
    return Spoke(
        uid=f"uid of {name}{server}",
        version=version,
        secret=name,
        name=name,
        server=server or f"https://{name}.example.invalid",
        project="",
        labels={CLUSTER_LABEL: "cluster", **labels},
        annotations={},
    )


def world(*spokes: Spoke, seed: int = 0) -> World:
    return World(spokes, {}, Chance(seed))


def sets(generators: Generators, where: World) -> list[ParameterSet]:
    return [one for _, found in generators.sets(where) for one in found]


def go(*entries: Any) -> Generators:
    options = {"goTemplate": True, "goTemplateOptions": ["missingkey=error"]}
    return Generators("x", {**options, "generators": list(entries)})


def test_equal_origins_mean_equal_parameters() -> None:
    named = {"selector": {"matchExpressions": [{"key": "env", "operator": "Exists"}]}}
    generators = go({"clusters": {**named, "values": {"env": "{{.metadata.labels.env}}"}}})
    before = sets(generators, world(spoke("a", env="dev"), spoke("b", env="dev")))
    after = sets(generators, world(spoke("a", env="prod", version="2"), spoke("b", env="dev")))
    known = {one.origin: one.parameters for one in before}
    assert [known.get(one.origin) is one.parameters for one in after] == [False, True]
    assert after[0].parameters["values"] == {"env": "prod"}


def test_of_spokes_that_share_a_name_the_seed_takes_one_and_keeps_to_it() -> None:
    twins = (spoke("same", server="https://one"), spoke("same", server="https://two"))
    generators = go({"clusters": {}})
    taken = {
        seed: sets(generators, world(*twins, seed=seed))[0].parameters["server"]
        for seed in range(12)
    }
    assert set(taken.values()) == {"https://one", "https://two"}
    again = sets(generators, world(*twins, spoke("other"), seed=3))
    assert taken[3] in [one.parameters["server"] for one in again]


@pytest.mark.parametrize(
    ("entry", "reads"),
    [
        ({"clusters": {}}, True),
        ({"list": {"elements": []}}, False),
        ({"matrix": {"generators": [{"list": {}}, {"merge": {"generators": [{"clusters": {}}]}}]}},
         True),
        ({"git": {}}, False),
    ],
)  # fmt: skip
def test_who_reads_clusters_is_told_by_its_generators(entry: Any, reads: bool) -> None:
    assert go(entry).reads_clusters is reads


def test_a_generator_that_there_is_not_is_an_error() -> None:
    with pytest.raises(GenerationError, match="has no plugin generator"):
        sets(go({"plugin": {"configMapRef": {"name": "x"}}}), world())


def test_laying_over_goes_into_maps_and_panics_where_argo_cd_does() -> None:
    assert laid_over({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}) == {"a": {"b": 3, "c": 2}}
    strings = {"values": Strings({"a": "1"})}
    assert laid_over(strings, {"values": Strings({"b": "2"})})["values"] == {"a": "1", "b": "2"}
    with pytest.raises(GenerationError) as raised:
        laid_over(strings, {"values": {"a": "2"}})
    assert raised.value.reason == ""
