"""A real browser for the tests of the page, and a server for it to visit."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from partnersim.page.application import STATIC, application
from partnersim.page.guard import Door
from partnersim.page.work import Workshop

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no /usr/bin/chromium: run tools/make_browser"
)
LAPTOP = {"width": 1280, "height": 720}
PROJECTOR = {"width": 1920, "height": 1080}


@contextmanager
def served(door: Door | None = None, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve the built page from a thread; give its address."""
    assert (STATIC / "index.html").is_file(), "the page is not built: install the package"
    listening = socket.socket()
    listening.bind((host, 0))
    workshop = Workshop()
    workshop.warm_up()
    config = uvicorn.Config(
        application(workshop, door or Door(host)), log_level="warning", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://{host}:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(10)
