"""The JSON that a request brings, and how a request is refused."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from partnersim.errors import InputError, one_line

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
