"""A headless browser, driven by the DevTools protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome")
DEADLINE_S = 30.0
_FLAGS = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-extensions",
    ),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
    *("--remote-debugging-port=0", "about:blank"),
)


def executable() -> str | None:
    """The browser that is installed."""
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)


class Browser:
    """A connection to a browser. Messages of all its tabs arrive here."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._last = 0
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; what else arrives is kept in `events`."""
        self._last += 1
        message = {
            "id": self._last,
            "method": method,
            "params": parameters,
            **({"sessionId": session} if session else {}),
        }
        self._connection.send(json.dumps(message))
        while True:
            received = self._receive(DEADLINE_S)
            if received.get("id") == self._last:
                assert "error" not in received, f"{method}: {received['error']}"
                return dict(received["result"])

    def wait(self, method: str, session: str) -> None:
        """Wait for an event of a tab."""
        until = time.monotonic() + DEADLINE_S
        while not any(event["method"] == method and event.get("sessionId") == session for event in self.events):
            self._receive(until - time.monotonic())

    def _receive(self, timeout: float) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._connection.recv(timeout))
        if "id" not in message:
            self.events.append(message)
        return message

    def tab(self) -> Tab:
        """Open a tab."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Tab(self, target, session)


class Tab:
    """One tab, and what its page reported."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser = browser
        self._target = target
        self._session = session
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.send("Target.closeTarget", targetId=self._target)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command about this tab."""
        return self._browser.send(method, self._session, **parameters)

    def load(self, page: Path | str, fragment: str = "") -> None:
        """Load a page, from a file or an address, and wait until it is complete."""
        self._browser.events.clear()
        self.send("Page.navigate", url=(page if isinstance(page, str) else page.as_uri()) + fragment)
        self._browser.wait("Page.loadEventFired", self._session)

    def run(self, script: str) -> Any:
        """Return the value of an expression of JavaScript."""
        done = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def until(self, script: str, expected: object) -> None:
        """Wait until an expression has a value."""
        until = time.monotonic() + DEADLINE_S
        while (found := self.run(script)) != expected:
            assert time.monotonic() < until, f"{script} is {found!r}, not {expected!r}"
            time.sleep(0.01)

    def press(self, key: str, text: str = "") -> None:
        """Press a key."""
        code = {"Tab": 9, "Enter": 13, " ": 32}[key]
        named = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
        self.send("Input.dispatchKeyEvent", type="keyUp", **named)

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.send("Input.insertText", text=text)

    def size(self, width: int, height: int = 900) -> None:
        """Set the size of the window, in pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, kind: str = "screen", **features: str) -> None:
        """Set the medium and its features, `prefers_color_scheme="dark"`."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.send("Emulation.setEmulatedMedia", media=kind, features=named)

    def scripts(self, *, allowed: bool) -> None:
        """Allow or forbid the scripts of pages."""
        self.send("Emulation.setScriptExecutionDisabled", value=not allowed)

    def problems(self) -> list[dict[str, Any]]:
        """What the page reported: messages on the console, exceptions, violations of its policy."""
        reported = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded")
        return [event for event in self._events() if event["method"] in reported]

    def requests(self) -> list[str]:
        """The addresses that the page asked for."""
        return [event["params"]["request"]["url"] for event in self._events("Network.requestWillBeSent")]

    def _events(self, method: str = "") -> list[dict[str, Any]]:
        ours = [event for event in self._browser.events if event.get("sessionId") == self._session]
        return [event for event in ours if not method or event["method"] == method]


@contextmanager
def start(path: str, folder: Path) -> Iterator[Browser]:
    """Start a browser with a profile of its own in a folder."""
    process = subprocess.Popen(
        [path, f"--user-data-dir={folder}", *_FLAGS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        port, address = _poll(lambda: _address(folder), process)
        with connect(f"ws://127.0.0.1:{port}{address}", max_size=None, proxy=None) as connection:
            browser = Browser(connection)
            yield browser
            browser.send("Browser.close")
        process.wait(DEADLINE_S)
    finally:
        process.kill()
        process.wait()


def _address(folder: Path) -> tuple[str, str] | None:
    """The port and the address at which the browser listens, once it has written them."""
    try:
        port, address = (folder / "DevToolsActivePort").read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return None
    return port, address


def _poll(read: Callable[[], tuple[str, str] | None], process: subprocess.Popen[bytes]) -> tuple[str, str]:
    until = time.monotonic() + DEADLINE_S
    while (found := read()) is None:
        assert process.poll() is None, f"the browser exited with {process.returncode}"
        assert time.monotonic() < until, "the browser does not listen"
        time.sleep(0.02)
    return found
