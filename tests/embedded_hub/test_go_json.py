"""What Argo CD leaves out of a spec, as recorded."""

from __future__ import annotations

import pytest

from tests.captured.recorded import captured
from watcher.embedded_hub.go_json import written
from watcher.embedded_hub.statuses import compared_to

APPLICATIONS = {
    name: one for name, one in captured("application-").items() if one["kind"] == "Application"
}


@pytest.mark.parametrize("name", sorted(APPLICATIONS))
def test_what_was_compared_is_the_spec_as_argo_cd_writes_it(name: str) -> None:
    application = APPLICATIONS[name]
    real = application["status"]["sync"]["comparedTo"]
    if "helm-values-object" in name:  # a null within valuesObject goes too, once
        real = written(real)
        assert set(compared_to(application["spec"])) == set(real)
        return
    assert compared_to(application["spec"]) == real


def test_what_means_something_stays() -> None:
    spec = {"automated": {}, "prune": False, "enabled": False, "path": "", "list": [], "none": None}
    assert written(spec) == {"automated": {}, "enabled": False}


def test_what_is_not_argo_cds_is_not_read() -> None:
    helm = {"valuesObject": {"empty": "", "off": False}, "values": ""}
    assert written(helm) == {"valuesObject": {"empty": "", "off": False}}
