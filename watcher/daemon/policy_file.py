"""What does the policy file say now?

Read once at the start, and again whenever the file is another one. A file that cannot be used
changes nothing: the policy before stays, and what is wrong is said once.

Facts (Kubernetes, kubelet's atomic writer): a mounted ConfigMap is changed by swapping a symlink
above the file, so the path leads to another inode; there is a moment at which it leads nowhere.

Elsewhere: what is a fault (policy/).
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from watcher.facts import many
from watcher.policy import Fault, Policy, read_policy

_Mark: TypeAlias = tuple[int, int, int, int]


class Loaded(Struct, frozen=True):
    """Another policy is in force."""

    policy: Policy


class Rejected(Struct, frozen=True):
    """The file cannot be used; the policy before stays."""

    faults: tuple[Fault, ...]


class PolicyFile:
    """A policy file, and the last policy that it held."""

    def __init__(self, path: Path, *, namespace: str | None = None) -> None:
        """`namespace`: where Argo CD runs, whatever the file says."""
        self.path = path
        self._namespace = namespace
        self._mark: _Mark | None = None
        self._in_force: Policy | None = None
        self._faults: tuple[Fault, ...] = ()

    def read(self) -> Policy | tuple[Fault, ...]:
        """The policy that the file holds, or every Fault; raises nothing."""
        self._mark = self._look()
        read = self._read()
        if isinstance(read, Policy):
            self._in_force = read
        return read

    def reread(self) -> Loaded | Rejected | None:
        """What a change of the file since the last look brought; None where there was none."""
        mark = self._look()
        if mark == self._mark:
            return None
        self._mark = mark
        read = self._read()
        self._faults = self._against(read)
        if self._faults or not isinstance(read, Policy):
            return Rejected(self._faults)
        self._in_force = read
        return Loaded(read)

    @property
    def trouble(self) -> str:
        """What is not known of the file, in words; empty where the policy in force is its own."""
        if not self._faults:
            return ""
        first, *others = self._faults
        more = f"; and {many(len(others), 'more fault')}" if others else ""
        return f"what the policy file says now, so the policy before stays: {first}{more}"

    def _look(self) -> _Mark | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)

    def _read(self) -> Policy | tuple[Fault, ...]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except OSError as error:
            problem = f"it cannot be read: {error.strerror or type(error).__name__}"
            return (self._fault("", problem, "name a file that exists and may be read"),)
        except UnicodeDecodeError as error:
            problem = f"byte {error.start} is no UTF-8"
            return (self._fault("", problem, "save it as UTF-8"),)
        read = read_policy(text, file=str(self.path))
        if isinstance(read, Policy) and self._namespace is not None:
            return moved(read, self._namespace)
        return read

    def _against(self, read: Policy | tuple[Fault, ...]) -> tuple[Fault, ...]:
        if not isinstance(read, Policy):
            return read
        return () if self._in_force is None else self._fixed(self._in_force, read)

    def _fixed(self, before: Policy, after: Policy) -> tuple[Fault, ...]:
        """What may not change while a process runs: its stores were filled for the old answer."""
        pairs = (
            ("gates.prefix", before.gates.prefix, after.gates.prefix),
            ("gates.polarity", before.gates.polarity.value, after.gates.polarity.value),
            ("namespace", before.namespace, after.namespace),
            (
                "applicationNamespaces",
                ", ".join(before.application_namespaces),
                ", ".join(after.application_namespaces),
            ),
        )
        return tuple(
            self._fault(key, f"it was {old} and now says {new}", "restart the watcher to change it")
            for key, old, new in pairs
            if old != new
        )

    def _fault(self, key: str, problem: str, remedy: str) -> Fault:
        return Fault(file=str(self.path), line=1, key=key, problem=problem, remedy=remedy)


def moved(policy: Policy, namespace: str) -> Policy:
    """`policy` for an Argo CD in `namespace`; where Applications were with it, they still are."""
    together = policy.application_namespaces == (policy.namespace,)
    return replace(
        policy,
        namespace=namespace,
        application_namespaces=(namespace,) if together else policy.application_namespaces,
    )
