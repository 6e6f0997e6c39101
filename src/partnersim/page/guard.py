"""What every request has to pass: the right host, the right origin, the token; strict headers."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnersim.page.content import problems

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


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
        if is_loopback(name):
            return True
        if is_loopback(self.host):
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name == self.host.lower()
        return True

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
