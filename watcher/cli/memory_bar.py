"""What does a shard's memory look like on one line?

A bar as long as the limit: what stands on it, what is in progress, what is free, and a mark where
the filling ends. Beside it the same in words.
"""

from __future__ import annotations

from rich.text import Text

from watcher.facts import spoken

_USED, _RESERVED, _FREE, _MARK, _OVER = "█", "▓", "░", "│", "▶"


def bar(*, used: float, reserved: float, filled_to: float | None, limit: float, width: int) -> Text:
    """In `width` characters; what is over the limit ends it with an arrow."""
    ends = [_at(used, limit, width), _at(used + reserved, limit, width)]
    text = Text(_USED * ends[0], style="green")
    text.append(_RESERVED * (ends[1] - ends[0]), style="yellow")
    text.append(_FREE * (width - ends[1]), style="dim")
    if filled_to is not None and 0 < filled_to < limit:
        text = _with(text, min(_at(filled_to, limit, width), width - 1), _MARK, "bold")
    return _with(text, width - 1, _OVER, "bold red") if used + reserved > limit else text


def amounts(*, used: float, reserved: float, filled_to: float | None, limit: float) -> str:
    """The same in words."""
    also = f" + {spoken(reserved)} set aside" if reserved > 0 else ""
    up_to = "" if filled_to is None else f", filled to {spoken(filled_to)}"
    return f"{spoken(used)}{also} of {spoken(limit)}{up_to}"


def _at(amount: float, limit: float, width: int) -> int:
    share = amount / limit if limit > 0 else 1.0
    return max(0, min(width, round(share * width)))


def _with(text: Text, at: int, mark: str, style: str) -> Text:
    return Text.assemble(text[:at], (mark, style), text[at + 1 :])
