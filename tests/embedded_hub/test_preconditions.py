from __future__ import annotations

import pytest

from watcher.embedded_hub.errors import Conflict
from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.preconditions import check_delete, check_uid, check_version
from watcher.embedded_hub.resources import APPLICATION, SECRET

OBJ: Object = {"metadata": {"name": "a", "uid": "u", "resourceVersion": "7"}}


def test_what_is_not_named_is_not_checked() -> None:
    for nothing in ({}, {"uid": "", "resourceVersion": ""}):
        check_version(SECRET, nothing, OBJ)
        check_uid(SECRET, nothing, OBJ)
        check_uid(SECRET, nothing, None)
        check_delete(SECRET, nothing, OBJ)


def test_what_is_named_must_be_so() -> None:
    right = {"uid": "u", "resourceVersion": "7"}
    check_version(SECRET, right, OBJ)
    check_uid(SECRET, right, OBJ)
    check_delete(SECRET, right, OBJ)
    with pytest.raises(Conflict, match="the object has been modified"):
        check_version(SECRET, {"resourceVersion": "6"}, OBJ)
    with pytest.raises(Conflict, match="Precondition failed: ResourceVersion in precondition: 6"):
        check_delete(SECRET, {"resourceVersion": "6"}, OBJ)


def test_a_uid_is_compared_also_with_what_is_gone() -> None:
    named = {"name": "a", "namespace": "argocd", "uid": "v"}
    with pytest.raises(Conflict, match=r"Key: /registry/secrets/argocd/a, .* object meta: u$"):
        check_uid(SECRET, named, OBJ)
    with pytest.raises(Conflict, match=r"/registry/argoproj\.io/applications/.* object meta: $"):
        check_uid(APPLICATION, named, None)
