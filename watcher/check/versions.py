"""Are Kubernetes and Argo CD of versions that the watcher knows?

Facts:
- The API server serves a group's kinds only where their CRDs are installed.
- `health.lastTransitionTime` of Applications exists from Argo CD 2.14 on; a cluster Secret's
  skip-reconcile is heeded from 3.4 on (argoproj/argo-cd, by its tags).
- ValidatingAdmissionPolicies are served as v1 from Kubernetes 1.30 on.

Elsewhere: how an image tells the version (facts/pod.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from watcher.check.finding import Check, Finding
from watcher.check.sight import Sight, Unread, Unseen
from watcher.decide.recovery import OLDEST as OLDEST_THAT_PARKS
from watcher.facts import Pod
from watcher.policy import Recovery

ARGO_CD = ((2, 14), (3, 5))
"""The oldest and the newest that are supported."""
OLDEST_KUBERNETES = (1, 28)
OLDEST_WITH_GUARDS = (1, 30)

KUBERNETES = Check("kubernetes", "the version of the API server")
KINDS = Check("kinds", "that Applications and ApplicationSets are served, in the version in use")
ARGO = Check("argo-cd", "the versions of Argo CD's controllers, by the tags of their images")

_VERSION = re.compile(r"v(\d{1,4})\.(\d{1,4})[.+-]")
_KINDS = ("applications", "applicationsets")


def kubernetes_version(text: str) -> tuple[int, int] | None:
    """Major and minor of what an API server says; None where it is no version."""
    found = _VERSION.match(text)
    return None if found is None else (int(found[1]), int(found[2]))


def kubernetes(sight: Sight) -> Iterator[Finding]:
    """Old ones lack what the watcher or its guards ask for."""
    if isinstance(sight.kubernetes, Unread):
        yield KUBERNETES.unseen(sight.kubernetes)
        return
    version = kubernetes_version(sight.kubernetes)
    if version is None:
        yield KUBERNETES.warning(
            f"it calls itself {sight.kubernetes!r}, which is no version",
            f"make sure that it is {_text(OLDEST_KUBERNETES)} or later",
        )
    elif version < OLDEST_KUBERNETES:
        yield KUBERNETES.fault(
            f"{sight.kubernetes} is older than {_text(OLDEST_KUBERNETES)}, the first that is "
            "supported",
            "upgrade the hub",
        )
    elif version < OLDEST_WITH_GUARDS:
        yield KUBERNETES.warning(
            f"{sight.kubernetes} has no guards: they are served from {_text(OLDEST_WITH_GUARDS)} "
            "on",
            "set syncPolicy.applicationsSync: create-update on the gated ApplicationSets, so that "
            "a lost label deletes nothing, or upgrade the hub",
        )
    else:
        yield KUBERNETES.ok(sight.kubernetes)


def kinds(sight: Sight) -> Iterator[Finding]:
    """Without them there is nothing to watch."""
    served = sight.kinds
    if isinstance(served, Unread) and served.why is not Unseen.ABSENT:
        yield KINDS.unseen(served)
        return
    known = frozenset() if isinstance(served, Unread) else served
    missing = [each for each in _KINDS if each not in known]
    if missing:
        yield KINDS.fault(
            f"the hub serves no {' and no '.join(missing)} of argoproj.io/v1alpha1",
            "install Argo CD's CRDs, or name another context with --context",
        )
    else:
        yield KINDS.ok(f"{' and '.join(_KINDS)} are served as argoproj.io/v1alpha1")


def argo_cd(sight: Sight) -> Iterator[Finding]:
    """Of the application controllers, and of the ApplicationSet controller beside them."""
    seen: dict[tuple[int, int], list[Pod]] = {}
    untold = isinstance(sight.set_controllers, Unread)
    if isinstance(sight.set_controllers, Unread):  # of the others `controllers` says it
        yield ARGO.unseen(sight.set_controllers)
    for pod in _pods(sight):
        if pod.version is not None:
            seen.setdefault(pod.version, []).append(pod)
            continue
        untold = True
        yield ARGO.warning(
            f"the image of Pod {pod.name}, {pod.image or 'which is not known'}, does not tell "
            "which version it is",
            f"make sure that it is Argo CD {_range()}; recovery parks nothing without a tag that "
            "tells it",
        )
    yield from _odd(sight, seen)
    if not seen and not untold:
        yield ARGO.fault(
            "no Pod of a controller was found, so no version", "see what is said of `controllers`"
        )


def _pods(sight: Sight) -> Iterator[Pod]:
    for pods in (sight.controllers, sight.set_controllers):
        if not isinstance(pods, Unread):
            yield from pods


def _odd(sight: Sight, seen: dict[tuple[int, int], list[Pod]]) -> Iterator[Finding]:
    versions = sorted(seen)
    sound = True
    for version in versions:
        names = ", ".join(pod.name for pod in seen[version])
        for finding in _against(version, names, sight.policy.recovery is Recovery.PARK):
            sound = False
            yield finding
    if len(versions) > 1:
        yield ARGO.warning(
            f"its controllers differ: {', '.join(map(_text, versions))}",
            "let the upgrade end, then check again",
        )
    elif versions and sound:
        yield ARGO.ok(f"{_text(versions[0])}, by the tags of the images")


def _against(version: tuple[int, int], names: str, parks: bool) -> Iterator[Finding]:
    oldest, newest = ARGO_CD
    if version < oldest:
        yield ARGO.fault(
            f"{_text(version)} ({names}) is older than {_text(oldest)}, the first that is "
            "supported: what tells when health changed is missing, and no gate would settle",
            "upgrade Argo CD",
        )
    elif version > newest:
        yield ARGO.warning(
            f"{_text(version)} ({names}) is newer than {_text(newest)}, the last that was tried",
            "look for a later version of the watcher; try it on a hub that may be played with",
        )
    if parks and oldest <= version < OLDEST_THAT_PARKS:
        yield ARGO.warning(
            f"the policy says recovery: park, and {_text(version)} ({names}) heeds no parking",
            f"upgrade Argo CD to {_text(OLDEST_THAT_PARKS)} or later, or set recovery: off",
        )


def _range() -> str:
    return " to ".join(map(_text, ARGO_CD))


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
