from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.embedded_hub.continuation import AS_IT_IS_NOW, Continuation, continuation
from watcher.embedded_hub.errors import BadRequest


@given(st.integers(-1, 10**12), st.text("abc-./", min_size=1))
def test_a_place_survives_its_token(revision: int, after: str) -> None:
    place = Continuation(revision, after)
    assert continuation(place.token()) == place


def test_a_real_token_is_read_and_made_as_it_was() -> None:
    real = (
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NjQ2LCJzdGFydCI6InNwb2tlLTAwMC1jZXJ0LW1hbmFnZXJc"
        "dTAwMDAifQ"
    )
    assert continuation(real) == Continuation(646, "spoke-000-cert-manager")
    assert continuation(real).token() == real


def token(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "given",
    [
        "nonsense",
        "a",
        token("[]"),
        token("{}"),
        token('{"v":"other","rv":1,"start":"a"}'),
        token('{"v":"meta.k8s.io/v1","rv":"1","start":"a"}'),
        token('{"v":"meta.k8s.io/v1","rv":1,"start":null}'),
    ],
)
def test_what_is_no_token_is_refused(given: str) -> None:
    with pytest.raises(BadRequest, match="continue key is not valid"):
        continuation(given)


def test_an_expired_place_says_how_to_go_on_regardless() -> None:
    refused = Continuation(7, "a").expired()
    assert (refused.code, refused.reason) == (410, "Expired")
    assert continuation(refused.metadata["continue"]) == Continuation(AS_IT_IS_NOW, "a")
