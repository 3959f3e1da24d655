"""Are the application controllers found, heard, and bounded in memory?

Elsewhere: what a limit and GOMEMLIMIT are for, and which value to set (decide/findings.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.check.finding import Check, Finding
from watcher.check.sight import Sight, Unread, Unseen
from watcher.decide.findings import NoLimit, NoSoftLimit, findings, tell
from watcher.decide.gauge import hard_limit
from watcher.decide.rooms import shard_name
from watcher.decide.shards import Shard
from watcher.facts import Pod, Reading, go_text, spoken

FOUND = Check("controllers", "that memory.selector finds the application controllers, and they run")
METRICS = Check("metrics", "that the controllers' metrics can be read, and by which way")
LIMIT = Check("memory-limit", "that each controller's memory has a limit that is known")
SOFT_LIMIT = Check("gomemlimit", "that each controller has a GOMEMLIMIT, and which one to set")


def found(sight: Sight) -> Iterator[Finding]:
    """Without one nothing is admitted."""
    if isinstance(sight.controllers, Unread):
        yield FOUND.unseen(sight.controllers)
        return
    pods, selector = sight.controllers, sight.policy.memory.selector
    if not pods:
        yield FOUND.fault(
            f"no Pod in {sight.policy.namespace} has the labels {selector}: nothing is admitted",
            "set memory.selector to the labels of the application controller's Pods, or name the "
            "namespace of Argo CD with -n",
        )
        return
    problems = [finding for pod in pods for finding in _against(pod)]
    yield from problems
    if not problems:
        yield FOUND.ok(f"running: {', '.join(pod.name for pod in pods)}")


def metrics(sight: Sight) -> Iterator[Finding]:
    """Where they cannot be read nothing is admitted on a shard that has a limit."""
    heard: list[str] = []
    for key, reading in sight.readings.items():
        if isinstance(reading, Reading):
            heard.append(key)
        else:
            yield _unheard(sight, key, reading)
    if heard:
        way = "from here" if sight.reached else "through the API server's proxy to Pods"
        yield METRICS.ok(f"{', '.join(heard)}: read {way}")
    elif not sight.readings and not isinstance(sight.controllers, Unread):
        yield METRICS.warning("no controller runs that could be asked", "see `controllers`")


def memory_limit(sight: Sight) -> Iterator[Finding]:
    """Without one there is nothing that could be filled."""
    said: list[str] = []
    for pod in _pods(sight):
        shard = _shard(sight, pod)
        lacking = [
            each for each in findings(shard, sight.policy.pacing) if isinstance(each, NoLimit)
        ]
        yield from (_told(LIMIT, each) for each in lacking)
        if shard.pod_limit_bytes is not None:
            said.append(f"{pod.name} {spoken(shard.pod_limit_bytes)}")
        elif not lacking:
            said.append(f"{pod.name} none, and its GOMEMLIMIT counts instead")
    if said:
        yield LIMIT.ok(", ".join(said))


def soft_limit(sight: Sight) -> Iterator[Finding]:
    """With one about twice as many spokes fit, and the controller slows down where it would die."""
    said: list[str] = []
    for pod in _pods(sight):
        shard = _shard(sight, pod)
        lacking = [
            each for each in findings(shard, sight.policy.pacing) if isinstance(each, NoSoftLimit)
        ]
        yield from (_told(SOFT_LIMIT, each) for each in lacking)
        if shard.soft_limit_bytes is not None:
            said.append(f"{pod.name} {go_text(shard.soft_limit_bytes)}")
        elif not lacking:
            said.append(f"{pod.name} none, as long as no limit tells which to set")
    if said:
        yield SOFT_LIMIT.ok(", ".join(said))


def _told(check: Check, finding: NoLimit | NoSoftLimit) -> Finding:
    what, _, remedy = tell(finding).partition("; ")
    return check.warning(what, remedy)


def _pods(sight: Sight) -> tuple[Pod, ...]:
    return () if isinstance(sight.controllers, Unread) else sight.controllers


def _shard(sight: Sight, pod: Pod) -> Shard:
    """What its Pod says of its memory; GOMEMLIMIT by what the process itself says, where it does,
    since a Pod may have it from elsewhere.
    """
    reading = sight.readings.get(pod.key)
    soft = reading.soft_limit_bytes if isinstance(reading, Reading) else pod.soft_limit_bytes
    limit = hard_limit(pod, sight.policy.memory)
    return Shard(
        name=shard_name(pod),
        pod=pod.key,
        pod_limit_bytes=limit,
        soft_limit_bytes=soft,
        limit_bytes=soft if limit is None else limit,
    )


def _against(pod: Pod) -> Iterator[Finding]:
    if pod.deleting_since is not None or pod.started_at is None:
        why = pod.waiting or ("it is being deleted" if pod.deleting_since else pod.phase)
        yield FOUND.fault(
            f"Pod {pod.name} does not run{f': {why}' if why else ''}; nothing is admitted on it",
            f"look at it: kubectl -n {pod.namespace} describe pod {pod.name}",
        )
    for problem in pod.unreadable:
        yield FOUND.warning(f"Pod {pod.name}: {problem}", "correct it where the Pod is made")
    if pod.ended is not None and pod.ended.for_memory:
        yield FOUND.warning(
            f"Pod {pod.name} was killed for its memory the last time that it ended",
            "give the controller more memory, GOMEMLIMIT, or another shard",
        )


def _unheard(sight: Sight, key: str, reading: str | Unread) -> Finding:
    memory = sight.policy.memory
    at = f"port {memory.port}, path {memory.path}"
    remedy = f"set memory.port and memory.path to where the controller shows its metrics ({at})"
    if isinstance(reading, str):
        return METRICS.fault(f"{key}: {reading}", f"{remedy}, and let NetworkPolicies let it in")
    if reading.why is Unseen.FORBIDDEN:
        return METRICS.warning(
            f"{key}: not looked at: you may not {reading.sought} (403)",
            "ask for the right to get pods/proxy, or give --reach where Pods can be reached, as "
            "the watcher reaches them",
        )
    return METRICS.warning(
        f"{key}: not read through the API server: {reading.said}",
        f"{remedy}; the watcher itself asks the Pod without the API server, as --reach does from "
        "where Pods can be reached",
    )
