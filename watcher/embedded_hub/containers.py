"""When does a container that was killed run again, and how does its Pod look meanwhile?

Facts (Kubernetes, pkg/kubelet: back-off of containers): who dies is started again after 10 s, then
20, 40, … 300; ten minutes of life make it 10 again. While it waits, its state is waiting with the
reason CrashLoopBackOff, and the Pod's phase stays Running; how it ended the last time stands in
`lastState`. A kill by the kernel for memory is OOMKilled with exit code 137.

Elsewhere: what the process in it does (heap.py); whose Pod it is (controllers.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from watcher.embedded_hub.objects import Object
from watcher.embedded_hub.stamps import stamp

_FIRST_WAIT_S = 10.0
_LONGEST_WAIT_S = 300.0
_WELL_AFTER_S = 600.0


@dataclass(slots=True)
class Container:
    """The one container of a Pod, from its start at `started_at`."""

    name: str
    image: str
    started_at: float
    running: bool = True
    restarts: int = 0
    wait_s: float = 0.0
    """How long it waits, or waited, before it was started again."""
    last_state: Mapping[str, Any] = field(default_factory=dict)

    def die(self, at: float, *, for_memory: bool) -> float:
        """It ends; the answer is when it runs again."""
        lived_s = at - self.started_at
        again = self.wait_s * 2 if self.wait_s and lived_s < _WELL_AFTER_S else _FIRST_WAIT_S
        self.wait_s = min(again, _LONGEST_WAIT_S)
        self.running = False
        self.last_state = {
            "terminated": {
                "containerID": f"containerd://{self.restarts}",
                "exitCode": 137 if for_memory else 1,
                "reason": "OOMKilled" if for_memory else "Error",
                "startedAt": stamp(self.started_at),
                "finishedAt": stamp(at),
            }
        }
        return at + self.wait_s

    def start(self, at: float) -> None:
        """It runs again."""
        self.started_at = at
        self.running = True
        self.restarts += 1

    def status(self, address: str) -> Object:
        """The status of its Pod."""
        conditions = [
            {"type": "Initialized", "status": "True"},
            {"type": "Ready", "status": str(self.running)},
            {"type": "ContainersReady", "status": str(self.running)},
            {"type": "PodScheduled", "status": "True"},
        ]
        return {
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "conditions": conditions,
            "containerStatuses": [
                {
                    "name": self.name,
                    "image": self.image,
                    "imageID": "",
                    "ready": self.running,
                    "started": self.running,
                    "restartCount": self.restarts,
                    "state": self._state(),
                    "lastState": dict(self.last_state),
                }
            ],
        }

    def _state(self) -> Object:
        if self.running:
            return {"running": {"startedAt": stamp(self.started_at)}}
        said = f"back-off {self.wait_s:.0f}s restarting failed container={self.name}"
        return {"waiting": {"reason": "CrashLoopBackOff", "message": said}}
