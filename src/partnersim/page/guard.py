"""What every request has to pass: host, origin, token, size; and how one is refused."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnersim.errors import InputError, one_line

COOKIE = "partnersim_token"

#: Only what the page itself ships may be loaded, and nothing may be sent elsewhere. ``blob:`` and
#: ``data:`` are for pictures that the page makes for download.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-cache",
}


#: Set in the scope of a request that brings the token.
_FACILITATOR = "partnersim.facilitator"


def is_facilitator(scope: Scope) -> bool:
    """Tell whether a request comes from the facilitator of a team exercise."""
    return bool(scope.get(_FACILITATOR))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address in numbers; nothing for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine only."""
    address = _address(host)
    return address.is_loopback if address else host == "localhost"


def _host_name(value: str) -> str:
    """Return the name in a Host header, without port and brackets, in small letters."""
    if value.startswith("["):
        return value[1:].partition("]")[0].lower()
    return value.rpartition(":")[0].lower() if ":" in value else value.lower()


@dataclass(frozen=True)
class Door:
    """Who may come in.

    Attributes
    ----------
    host : str
        Address that the server listens on.
    token : str
        Word that a visitor has to bring; empty on a loopback address.
    room : bool
        Whether a team exercise is played: whoever brings the token is its facilitator; phones come
        without it and see only what is about the exercise.
    """

    host: str
    token: str = ""
    room: bool = False

    def is_open_to_all(self, path: str) -> bool:
        """Tell whether an address may be asked for without the token.

        The program of the page is no secret, and tells in the visitor's language what to do.
        """
        about_exercise = path.startswith("/api/exercise") or path in ("/api/facts", "/api/map")
        return not path.startswith("/api/") or (self.room and about_exercise)

    def knows_host(self, value: str) -> bool:
        """Tell whether a Host header names this server.

        On a loopback address only its own names count. Otherwise also any address in numbers:
        a page elsewhere that turns its own name to this machine always sends that name.
        """
        name = _host_name(value)
        if is_loopback(name) or is_loopback(self.host):
            return is_loopback(name)
        return name == self.host.lower() or _address(name) is not None

    def opens_with(self, given: str) -> bool:
        """Tell whether a token is the right one, in constant time."""
        return hmac.compare_digest(given.encode(), self.token.encode())


class Guard:
    """ASGI middleware that lets only the visitors of a `Door` in.

    Parameters
    ----------
    app : ASGI application
    door : Door
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        answer = self._refusal(Request(scope))
        try:
            await (answer or self.app)(scope, receive, send_with_headers)
        except asyncio.CancelledError:
            # The program was ended; who still waits is told, and nobody sees a traceback.
            if not begun:
                closing = problems(503, ["the page was closed"])
                await closing(scope, receive, send_with_headers)

    def _refusal(self, request: Request) -> ASGIApp | None:
        """Return what to answer instead of letting the request in, None to let it in."""
        headers, home = request.headers, (request.method, request.scope["path"]) == ("GET", "/")
        if not self.door.knows_host(headers.get("host", "")):
            return problems(421, ["this server does not go by that name"])
        origin = headers.get("origin")
        foreign = origin is not None and origin.partition("://")[2] != headers["host"]
        strange = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        # A link to the page may stand anywhere.
        if foreign or (strange and not home):
            return problems(403, ["requests from other pages are not answered"])
        if not self.door.token:
            return None
        if home and self.door.opens_with(request.query_params.get("token", "")):
            # The token leaves the address bar, so that it is not shared with a link.
            home_page = "/?room" if self.door.room else "/"
            response = RedirectResponse(home_page, status_code=303)
            response.set_cookie(COOKIE, self.door.token, httponly=True, samesite="strict")
            return response
        if self.door.opens_with(request.cookies.get(COOKIE, "")):
            request.scope[_FACILITATOR] = True
            return None
        if home and self.door.room and "team" not in request.query_params:
            # There whoever is in the room types its code.
            return RedirectResponse("/?team", status_code=303)
        if self.door.is_open_to_all(request.scope["path"]):
            return None
        return problems(401, ["open the whole address that the program printed, with its token"])


# What a request brings

LARGEST_BODY = 64 * 1024
#: Values in one request, and how deep they may be nested.
_MOST_VALUES, _DEEPEST = 2000, 20
_SECONDS_FOR_BODY = 10


class RefusedError(Exception):
    """A request that is not answered."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason


def problems(status: int, lines: list[str]) -> JSONResponse:
    """Return the answer that says what is wrong, one line each."""
    return JSONResponse({"problems": [one_line(line) for line in lines]}, status_code=status)


async def refusal(_: Request, error: Exception) -> Response:
    """Return the answer to a request that is refused, cannot be used, or nobody waits for."""
    if isinstance(error, RefusedError):
        return problems(error.status, [error.reason])
    return problems(422, list(error.problems)) if isinstance(error, InputError) else Response()


async def content_of(request: Request) -> Any:
    """Return the JSON that a request brings.

    Raises
    ------
    RefusedError
        If it is too large, too slow, or not JSON.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RefusedError(415, "the content type must be application/json")
    body = bytearray()
    try:
        async with asyncio.timeout(_SECONDS_FOR_BODY):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_BODY:
                    raise RefusedError(413, f"more than {LARGEST_BODY} bytes")
    except TimeoutError:
        raise RefusedError(408, "the request took too long to arrive") from None
    try:
        content = json.loads(body.decode(), parse_constant=_no_constant)
        # A lone half of a pair of UTF-16 is no text.
        json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise RefusedError(400, "the request is not readable JSON") from None
    if _values(content) > _MOST_VALUES:
        raise RefusedError(400, f"more than {_MOST_VALUES} values")
    return content


def _values(content: Any, deeper: int = _DEEPEST) -> int:
    """Return how many values are nested in one; refuse what is nested too deep.

    Raises
    ------
    RefusedError
    """
    if not isinstance(content, (dict, list)):
        return 0
    if deeper == 0:
        raise RefusedError(400, f"values nested more than {_DEEPEST} deep")
    inner = content.values() if isinstance(content, dict) else content
    return len(inner) + sum(_values(value, deeper - 1) for value in inner)


def _no_constant(name: str) -> Any:
    raise ValueError(name)
