from __future__ import annotations

from msgspec.structs import replace

from tests.builders import MINUTE, NOW, sources
from tests.daemon.test_supervisor import House
from watcher.daemon.logs import LogFormat, LogLevel, logger
from watcher.daemon.vigil import Vigil
from watcher.decide import say
from watcher.decide.reasons import NotListed, Stale
from watcher.facts import Kind


class Post:
    """A vigil, and what it watches over."""

    def __init__(self) -> None:
        self.house = House()
        self.trouble = ""
        self.sources = sources(NOW)
        self.wakes = 0
        clock = self.house.clock
        self.vigil = Vigil(
            troubles={"secrets in argocd": lambda: self.trouble},
            sources=lambda: self.sources,
            stale_after_s=lambda: 90.0,
            own_time=clock,
            hub_time=clock,
            log=logger(
                self.house.stream, log_format=LogFormat.JSON, level=LogLevel.INFO, now=clock.now
            ),
            wake=self._wake,
        )
        self.vigil.look()
        self.wakes = 0

    def _wake(self) -> None:
        self.wakes += 1

    def looks(self, times: int = 1) -> list[str]:
        for _ in range(times):
            self.vigil.look()
        return [line["event"] for line in self.house.lines]


def test_what_comes_and_goes_is_said_once_each() -> None:
    post = Post()
    assert post.looks() == []
    post.trouble = "cannot list secrets in argocd: 403 Forbidden"
    assert post.looks(3) == ["hub does not answer"]
    assert post.house.lines[0]["because"] == post.trouble
    assert post.house.lines[0]["about"] == "secrets in argocd"
    post.trouble = ""
    assert post.looks(3) == ["hub does not answer", "hub answers again"]


def test_another_trouble_is_said_too() -> None:
    post = Post()
    post.trouble = "no connection"
    post.looks()
    post.trouble = "403 Forbidden"
    assert post.looks() == ["hub does not answer", "hub does not answer"]


def test_a_turn_is_made_when_a_kind_turns_stale_or_fresh_or_its_trouble_changes() -> None:
    post = Post()
    post.looks(3)
    assert post.wakes == 0
    post.sources = sources(NOW, stale=[Kind.SPOKES])
    post.looks(3)
    assert post.wakes == 1
    post.sources[Kind.SPOKES] = replace(post.sources[Kind.SPOKES], trouble="no connection")
    post.looks(3)
    assert post.wakes == 2
    post.sources = sources(NOW)
    post.looks(3)
    assert post.wakes == 3


def test_a_turn_is_made_when_the_pods_turn_stale_or_fresh_but_readiness_does_not_hang_on_them() -> (
    None
):
    post = Post()
    for wakes, heard in enumerate(
        (
            sources(NOW, stale=[Kind.PODS]),
            sources(NOW, unlisted=[Kind.PODS], trouble="403 Forbidden"),
            sources(NOW),
        ),
        1,
    ):
        post.sources = heard
        post.looks(3)
        assert post.wakes == wakes
        assert post.vigil.not_ready() == ()


def test_what_is_stale_or_never_listed_is_named() -> None:
    post = Post()
    assert post.vigil.not_ready() == ()
    post.sources = sources(
        NOW, stale=[Kind.SPOKES], unlisted=[Kind.APPLICATIONS], trouble="no connection"
    )
    assert post.vigil.not_ready() == (
        say(NotListed(Kind.APPLICATIONS, "no connection")),
        say(Stale(Kind.SPOKES, NOW - 10 * MINUTE, "no connection")),
    )


async def test_it_looks_every_second() -> None:
    post = Post()
    post.house.supervisor.keep("vigil", post.vigil.run)
    post.trouble = "no connection"
    await post.house.clock.advance(0.5)
    assert len(post.house.lines) == 1
    post.trouble = ""
    await post.house.clock.advance(0.4)
    assert len(post.house.lines) == 1
    await post.house.clock.advance(0.2)
    assert len(post.house.lines) == 2
    await post.house.supervisor.cancel_all()
