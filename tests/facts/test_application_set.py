from __future__ import annotations

import msgspec
import pytest

from watcher.facts import (
    ApplicationSet,
    Clusters,
    Elements,
    Expression,
    Foreign,
    Generator,
    Matrix,
    Merge,
    Selector,
)

KEPT = Selector((Expression("name", "In", ("a",)),))
TREES: tuple[Generator, ...] = (
    Clusters(Selector((Expression("a", "Exists"),)), flat_list=True, values={"v": "1"}),
    Elements(({"a": "b"}, {}), KEPT),
    Foreign("git", KEPT),
    Matrix((Clusters(), Matrix((Foreign("git"), Elements(())))), KEPT),
    Merge((Clusters(), Merge((Clusters(), Clusters()), ("name",))), ("server",)),
)


def bare() -> ApplicationSet:
    return ApplicationSet("team-a", "x", "uid", "1", None)


def test_an_application_set_is_typed_with_its_namespace() -> None:
    assert bare().key == "team-a/x"


def test_what_nothing_is_known_of_may_delete() -> None:
    assert bare().deletes


@pytest.mark.parametrize("tree", TREES)
def test_a_tree_of_generators_comes_back_from_json_as_it_was(tree: Generator) -> None:
    """Each kind carries its name, so that a tree may be kept in a file of test cases."""
    assert msgspec.json.decode(msgspec.json.encode(tree), type=Generator) == tree


def test_equal_trees_are_equal_and_others_are_not() -> None:
    assert Matrix((Clusters(), Foreign("git"))) == Matrix((Clusters(), Foreign("git")))
    kinds: list[Generator] = [Matrix((Clusters(),)), Merge((Clusters(),)), Clusters()]
    kinds += [Clusters(filter=Selector()), Foreign("git"), Foreign("git", Selector())]
    assert all(one != other for at, one in enumerate(kinds) for other in kinds[:at])
