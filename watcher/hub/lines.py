"""Which lines are whole, of what came in pieces?

Facts (Kubernetes, apimachinery/pkg/runtime/serializer/json): every event of a watch is one line of
JSON and ends with a newline, so what is not ended is not an event, however well it reads.
"""

from __future__ import annotations

from collections import deque


class LineTooLong(ValueError):  # noqa: N818  (named after what happened)
    """A line went over the limit."""


class LineBuffer:
    """Pieces in, whole lines out."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._whole: deque[bytes] = deque()
        self._pieces: list[bytes] = []
        self._pending_bytes = 0

    def feed(self, piece: bytes) -> None:
        """Take `piece`; raises `LineTooLong` where a line grows over the limit."""
        head, *tail = piece.split(b"\n")
        self._extend(head)
        for part in tail:
            self._end_line()
            self._extend(part)

    def take(self) -> bytes | None:
        """The next whole line that is not blank; None while there is none."""
        while self._whole:
            line = self._whole.popleft()
            if not line.isspace():
                return line
        return None

    @property
    def cut(self) -> bool:
        """Whether the beginning of a line is left that was never ended."""
        return any(not piece.isspace() for piece in self._pieces)

    def _extend(self, part: bytes) -> None:
        if not part:
            return
        self._pending_bytes += len(part)
        if self._pending_bytes > self._most_bytes:
            raise LineTooLong(f"a line of more than {self._most_bytes} bytes")
        self._pieces.append(part)

    def _end_line(self) -> None:
        if self._pieces:
            self._whole.append(b"".join(self._pieces))
        self._pieces.clear()
        self._pending_bytes = 0
