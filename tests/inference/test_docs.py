"""The page that describes the API needs no other host."""

import re

from fastapi.testclient import TestClient


def test_everything_the_page_loads_comes_from_the_service(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    for address in loaded:
        assert address.startswith("/docs/assets/")
        assert client.get(address).status_code == 200


def test_it_is_no_part_of_the_contract(client: TestClient) -> None:
    assert not [path for path in client.get("/openapi.json").json()["paths"] if path.startswith("/docs")]


def test_a_file_that_is_not_there_is_a_problem(client: TestClient) -> None:
    answer = client.get("/docs/assets/../__init__.py")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
