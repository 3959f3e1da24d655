from __future__ import annotations

import pytest

from watcher.facts import Application


def test_an_application_is_typed_with_its_namespace() -> None:
    app = Application("team-a", "x", "uid", "1", None)
    assert app.key == "team-a/x"


def test_what_nothing_is_known_of_was_never_compared_and_has_not_begun() -> None:
    app = Application("argocd", "x", "uid", "1", None)
    assert app.compared_digest != app.spec_digest
    assert (app.reconciled_at, app.operation, app.deployed_at) == (None, None, None)
    assert (app.sync_status, app.health_status) == ("", "")
    assert not (app.automated or app.operation_pending or app.skip_reconcile)


def test_an_application_does_not_change() -> None:
    app = Application("argocd", "x", "uid", "1", None)
    with pytest.raises(AttributeError):
        app.sync_status = "Synced"  # type: ignore[misc]
