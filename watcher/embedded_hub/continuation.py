"""Where does the next page of a list begin?

Facts (Kubernetes, staging/src/k8s.io/apiserver/pkg/storage/continue.go; recorded in
tests/captured/exchanges/list-applications-page-1.json): the token is unpadded URL-safe base64 of
JSON with the revision of the first page and the key after which the next one begins, relative to
the collection, closed by a NUL. A revision of -1 says: whatever is there now.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass

from watcher.embedded_hub.errors import BadRequest, Expired

AS_IT_IS_NOW = -1

_VERSION = "meta.k8s.io/v1"
_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start"
    " a new list without the continue parameter, or use the continue token in this response to"
    " retrieve the remainder of the results. Continuing with the provided token results in an"
    " inconsistent list - objects that were created, modified, or deleted between the time the"
    " first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class Continuation:
    """The place in a list after one of its pages."""

    revision: int
    """Of the first page, or AS_IT_IS_NOW."""
    after: str
    """The last key of the page: a name, or `NAMESPACE/NAME` in a list of all namespaces."""

    def token(self) -> str:
        """As the `continue` parameter writes it."""
        place = {"v": _VERSION, "rv": self.revision, "start": f"{self.after}\0"}
        return (
            urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().strip("=")
        )

    def expired(self) -> Expired:
        """The refusal to go on from here; it carries a token that goes on regardless."""
        token = Continuation(AS_IT_IS_NOW, self.after).token()
        return Expired(_TOO_OLD, metadata={"continue": token})


def continuation(token: str) -> Continuation:
    """The place that `token` names. Raises BadRequest."""
    try:
        place = json.loads(_decoded(token))
        version, revision, start = place["v"], place["rv"], place["start"]
    except json.JSONDecodeError as error:
        found = json.dumps(error.doc[error.pos : error.pos + 1]).strip('"')
        raise _bad(f"invalid character '{found}' looking for beginning of value") from error
    except (KeyError, TypeError) as error:
        raise _bad("json: cannot unmarshal into Go value of type storage.continueToken") from error
    if version != _VERSION:
        raise _bad("server does not recognize this encoded version")
    if not isinstance(revision, int) or not isinstance(start, str):
        raise _bad("json: cannot unmarshal into Go value of type storage.continueToken")
    return Continuation(revision, start.rstrip("\0"))


def _decoded(token: str) -> str:
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except Error as error:
        raise _bad("illegal base64 data at input byte 0") from error
    return raw.decode("latin-1")


def _bad(why: str) -> BadRequest:
    return BadRequest(f"invalid continue token: continue key is not valid: {why}")
