"""Which answer is there none of, and why?

What is refused is refused in words, in the form in which Kubernetes refuses, so that whoever reads
it through the API server's proxy needs one reader.

Elsewhere: what is asked for, and by which slips it fails (api.py).
"""

from __future__ import annotations

import msgspec

from watcher.serve import shapes
from watcher.serve.report import Decided, Report


class Refused(Exception):  # noqa: N818  (named after what happened)
    """There is no such answer, and why."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(code, reason, message)
        self.status = shapes.Status(code, reason, message)

    def body(self) -> bytes:
        """As it is answered."""
        return msgspec.json.encode(self.status)


def decided(report: Report) -> Decided:
    """What is shown; raises `Refused` where it is not this replica's to show, or there is none."""
    if not report.leading:
        leader = f"{report.leader} leads" if report.leader else "nobody is known to lead"
        raise Refused(503, "NotLeader", f"this replica follows, and {leader}")
    if report.decided is None:
        because = "".join(f": {each}" for each in report.not_ready[:1])
        raise Refused(503, "NotDecided", f"nothing was decided yet{because}")
    return report.decided
