from __future__ import annotations

import json

import pytest

from watcher.serve import Report
from watcher.serve.refused import Refused, decided


def test_a_refusal_is_written_as_kubernetes_writes_one() -> None:
    said = json.loads(Refused(404, "NotFound", "there is none").body())
    assert (said["kind"], said["status"], said["code"]) == ("Status", "Failure", 404)
    assert (said["reason"], said["message"]) == ("NotFound", "there is none")


def test_before_a_decision_there_is_nothing_to_show() -> None:
    report = Report(None, leading=True, lease="", not_ready=("secrets are not listed", "more"))
    with pytest.raises(Refused, match="nothing was decided yet: secrets are not listed"):
        decided(report)
