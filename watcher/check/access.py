"""May the watcher's account do what the watcher does?

Whose rights were asked is said: a person may be allowed to ask for their own alone, and those tell
nothing of the watcher's.

Elsewhere: what the watcher needs, and asking (hub/checking.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.check.finding import Check, Finding
from watcher.check.sight import Rights, Sight, Unread, Unseen

ACCOUNT = Check("service-account", "that the watcher's service account is there")
RIGHTS = Check("rights", "that it may do all that the watcher does; else what you may do yourself")

_NOT_YET = "not there yet; it comes with the installation"
_GRANT = "apply the manifests (namespace-install or cluster-install), or grant it by your own Role"
_GRANT_REFRESH = (
    "the right to ask for a refresh comes with recovery: apply its component of the manifests, for "
    "other namespaces what `gate-watcher config guards FILE` prints; with Helm set guards.enabled"
)


def account(sight: Sight) -> Iterator[Finding]:
    """It is named by the manifests, and bound by guards B and E."""
    seen = sight.service_account
    if not isinstance(seen, Unread):
        yield ACCOUNT.ok(sight.account)
    elif seen.why is not Unseen.ABSENT:
        yield ACCOUNT.unseen(seen)
    elif sight.before:
        yield ACCOUNT.ok(f"{sight.account}: {_NOT_YET}")
    else:
        yield ACCOUNT.fault(
            f"{sight.account} is not there",
            "apply the manifests, or name the watcher's account with --service-account, as "
            "NAMESPACE/NAME where it runs in another namespace than Argo CD",
        )


def rights(sight: Sight) -> Iterator[Finding]:
    """The watcher's; those of who looks where no others may be asked."""
    seen = sight.rights
    if isinstance(seen, Unread):
        yield RIGHTS.unseen(seen)
    elif seen.asked_of != sight.account:
        yield from _own(sight, seen)
    elif not seen.lacking:
        yield RIGHTS.ok(f"{sight.account} may do all that the watcher does")
    elif sight.before:
        yield RIGHTS.ok(
            f"{sight.account} may not yet {', '.join(seen.lacking)}; that comes with the "
            "installation"
        )
    else:
        yield RIGHTS.fault(f"{sight.account} may not {', '.join(seen.lacking)}", _grant(seen))


def _grant(seen: Rights) -> str:
    refreshes = [_is_to_refresh(each) for each in seen.lacking]
    remedies = (_GRANT if not all(refreshes) else "", _GRANT_REFRESH if any(refreshes) else "")
    return "; ".join(filter(None, remedies))


def _is_to_refresh(right: str) -> bool:
    """Nothing else of an Application is written."""
    verbs, _, what = right.partition(" ")
    return "patch" in verbs.split("/") and what.startswith("applications.")


def _own(sight: Sight, seen: Rights) -> Iterator[Finding]:
    if seen.lacking:
        own = f"you yourself may not {', '.join(seen.lacking)}, so do not run it under your account"
    else:
        own = "you yourself may do all that the watcher does"
    what = (
        f"not asked of {sight.account}, since you, {seen.asked_of}, may not ask for the rights of "
        f"others: {own}"
    )
    if sight.before:
        yield RIGHTS.ok(what)
        return
    yield RIGHTS.warning(
        what,
        f"ask for the right to create localsubjectaccessreviews in {sight.policy.namespace}, or "
        "have somebody check who has it",
    )
