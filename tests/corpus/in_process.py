"""The app in this process, whose guards can be taken away one by one, and the way in through its door."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from corpus import ONE
from fastapi import APIRouter, FastAPI
from fastapi.responses import Response
from fastapi.testclient import TestClient
from httpx2 import Response as ClientResponse
from pydantic import BaseModel
from raw_http import Answer

from inference.body import JsonRoute
from inference.dependencies import CurrentAnswering, CurrentSettings
from inference.predictions import predict
from inference.schemas import PredictionRequest, RequestBody

JSON = "application/json"


class WithoutNulGuard(RequestBody):
    text: str


class WithoutUnknownFieldGuard(BaseModel):
    text: str


@contextmanager
def started(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def post(client: TestClient, body: bytes, content_type: str = JSON, path: str = ONE.path) -> Answer:
    return answer_of(client.post(path, content=body, headers={"content-type": content_type}))


def answer_of(response: ClientResponse) -> Answer:
    head = b"".join(b"\r\n" + name.encode() + b": " + value.encode() for name, value in response.headers.items())
    return Answer(response.status_code, head, response.content)


def at_the_door(client: TestClient, body: bytes, content_type: str = JSON) -> int | None:
    """The status of a request that comes in one piece, or None where the door leaves it to the routes."""
    head = f"POST {ONE.path} HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"

    async def knock() -> int | None:
        answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        is_taken = client.app_state["door"].take(head.encode() + body, lambda status, _: answered.set_result(status))
        return await answered if is_taken else None

    assert client.portal is not None
    return client.portal.call(knock)


def describe_body_as(model: type[BaseModel], app: FastAPI) -> None:
    """The route for one text again, before the others, and with another description of its body."""
    router = APIRouter(route_class=JsonRoute)

    async def predict_any(body: BaseModel, settings: CurrentSettings, answering: CurrentAnswering) -> Response:
        text = body.model_dump()["text"]
        return await predict(PredictionRequest.model_construct(text=text), settings, answering)

    predict_any.__annotations__["body"] = model
    router.post(ONE.path)(predict_any)
    app.router.routes[:0] = router.routes
