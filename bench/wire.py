"""Requests as the bytes that go over the wire: made once beforehand, so that sending one costs the driver nothing."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def read_address(url: str) -> Address:
    """`http://127.0.0.1:8000` as host and port; ValueError for what is no such address."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        raise ValueError(f"{url} is no address of the form http://HOST:PORT")
    return Address(parts.hostname, parts.port or 80)


def post_request(address: Address, path: str, body: object) -> bytes:
    content = json.dumps(body, ensure_ascii=False).encode("utf-8")
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {address.host}:{address.port}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode("ascii") + content


def get_request(address: Address, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: {address.host}:{address.port}\r\n\r\n".encode("ascii")
