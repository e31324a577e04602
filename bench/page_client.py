"""A browser's side of Streamlit's websocket, without the browser: it opens a page, clicks, and waits for the answer."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from types import TracebackType
from typing import Self

import requests
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from bench.page_screen import NotOnScreen, Screen
from bench.wire import Address

XSRF = "_streamlit_xsrf"
NO_TOKEN = "PLACEHOLDER_AUTH_TOKEN"
ANSWER_SECONDS = 30.0
# How closely the parts of a page that refresh by themselves are kept to their time.
LOOK_SECONDS = 0.2
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"

Refreshed = Callable[[float, list[str]], None]


class PageFailed(Exception):
    """No answer came, or the connection broke."""


def read_token(address: Address) -> str:
    """The cookie that the server gives a browser with its first answer, and wants back with every connection."""
    response = requests.get(f"{address.url}/_stcore/health", headers={"User-Agent": BROWSER}, timeout=10)
    return str(response.cookies.get(XSRF) or "")


class PageClient:
    """One open tab. Runs take turns: what is clicked while a part refreshes itself waits until that is done."""

    def __init__(self, address: Address, token: str) -> None:
        self.screen = Screen()
        self._address = address
        self._token = token
        self._turn = asyncio.Lock()
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def open(self) -> list[str]:
        """The first page; as of the others, the errors that a person would see. PageFailed without an answer."""
        async with self._turn:
            self._socket = await self._connect()
            return await self._run(self.screen.rerun())

    async def click(self, key: str, text_of: dict[str, str] | None = None) -> list[str]:
        """Type each text into the field with its key, and press. NotOnScreen where one of them is not there."""
        async with self._turn:
            for field, text in (text_of or {}).items():
                self.screen.type(self.screen.find(field), text)
            return await self._run(self.screen.rerun(clicked=self.screen.find(key)))

    async def turn_to(self, page: str) -> list[str]:
        """`page`: its hash, of the screen's."""
        async with self._turn:
            return await self._run(self.screen.rerun(page=page))

    async def keep_fresh(self, refreshed: Refreshed) -> None:
        """Run parts of the page again when they are due, until it is cancelled."""
        due: dict[str, float] = {}
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = perf_counter()
            due = {part: due.get(part, now + every) for part, every in self.screen.refreshes.items()}
            for part, moment in list(due.items()):
                if moment <= now:
                    due[part] = moment + self.screen.refreshes.get(part, 0.0)
                    await self._refresh(part, refreshed)

    async def _connect(self) -> ClientConnection:
        try:
            return await connect(
                f"ws://{self._address.host}:{self._address.port}/_stcore/stream",
                origin=Origin(self._address.url),
                # As a browser does: the protocol's name, and then a token that is no protocol at all.
                subprotocols=[Subprotocol("streamlit"), Subprotocol(self._token or NO_TOKEN)],
                additional_headers={"Cookie": f"{XSRF}={self._token}"} if self._token else {},
                user_agent_header=BROWSER,
                max_size=None,
                open_timeout=ANSWER_SECONDS,
                proxy=None,
            )
        except (OSError, WebSocketException) as error:
            raise PageFailed(f"it cannot be reached: {error}") from error

    async def _refresh(self, part: str, refreshed: Refreshed) -> None:
        async with self._turn:
            if part not in self.screen.refreshes:
                return
            sent = perf_counter()
            try:
                errors = await self._run(self.screen.rerun(fragment=part, by_itself=True))
            except (PageFailed, NotOnScreen) as failure:
                errors = [str(failure)]
            refreshed(perf_counter() - sent, errors)

    async def _run(self, content: bytes) -> list[str]:
        if self._socket is None:
            raise PageFailed("it is not open")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._socket.send(content)
                while not self.screen.show(ForwardMsg.FromString(await self._socket.recv(decode=False))):
                    pass
        except TimeoutError:
            raise PageFailed(f"no answer within {ANSWER_SECONDS:g} s") from None
        except (OSError, WebSocketException) as error:
            raise PageFailed(f"the connection broke: {error}") from error
        return list(self.screen.errors)
