"""Streamlit's own websocket spoken without a browser: a session that asks for whatever it likes."""

from collections.abc import Mapping
from dataclasses import dataclass

import requests
from itsdangerous import URLSafeTimedSerializer
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

PATIENCE_SECONDS = 30
XSRF = "_streamlit_xsrf"


@dataclass(frozen=True)
class Told:
    """What a run of the script sent to the browser."""

    messages: list[ForwardMsg]

    @property
    def session_id(self) -> str:
        return next(each.new_session.initialize.session_id for each in self.messages if each.HasField("new_session"))

    @property
    def page_hashes(self) -> list[str]:
        return [page.page_script_hash for each in self.messages for page in each.navigation.app_pages]

    def says(self, words: str) -> bool:
        return any(words in str(each) for each in self.messages)


def run_once(url: str, *, page: str = "", cookies: Mapping[str, str] | None = None, session_id: str = "") -> Told:
    """One run, with the token against forged requests that anybody is given."""
    token = requests.get(f"{url}/_stcore/health", timeout=PATIENCE_SECONDS).cookies.get(XSRF) or "none"
    sent = {XSRF: token} | dict(cookies or {})
    protocols = [Subprotocol(each) for each in ("streamlit", token, session_id) if each]
    header = {"Cookie": "; ".join(f"{name}={value}" for name, value in sent.items())}
    address = url.replace("http", "ws") + "/_stcore/stream"
    with connect(address, origin=url, subprotocols=protocols, additional_headers=header, proxy=None) as socket:
        asked = BackMsg()
        asked.rerun_script.page_script_hash = page
        socket.send(asked.SerializeToString())
        messages: list[ForwardMsg] = []
        while not messages or not messages[-1].HasField("script_finished"):
            messages.append(ForwardMsg.FromString(bytes(socket.recv(PATIENCE_SECONDS, decode=False))))
    return Told(messages)


def signed(secret: str, claims: str, salt: str) -> str:
    """As Streamlit signs what its cookies hold."""
    value = URLSafeTimedSerializer(secret, salt=salt).dumps(claims)
    return value if isinstance(value, str) else value.decode()
