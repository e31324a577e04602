"""Azure's query API on loopback: the links in an alert lead there, and it really runs the query that is in them."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests

from tests.azure.kusto import Kusto, Row
from tests.azure.rows import read

PATH = "/v1/apps/sentiment/query"


@contextmanager
def answering(kusto: Kusto, rows: Sequence[Row]) -> Iterator[str]:
    """Its address, for these rows of customEvents."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            [query], [timespan] = asked["query"], asked["timespan"]
            since, until = (read(each) for each in timespan.split("/"))
            inside = [row for row in rows if since < read(row["timestamp"]) <= until]
            body = json.dumps(as_table(kusto.run(query, inside))).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{PATH}"
        finally:
            server.shutdown()
            thread.join()


def as_table(rows: Sequence[Row]) -> dict[str, object]:
    names = list(rows[0]) if rows else []
    columns = [{"name": name} for name in names]
    return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": [list(row.values()) for row in rows]}]}


def follow(link: str) -> list[Row]:
    """As whoever was told of an alert would."""
    answer = requests.get(link, timeout=30)
    answer.raise_for_status()
    [table] = answer.json()["tables"]
    names = [column["name"] for column in table["columns"]]
    return [dict(zip(names, row, strict=True)) for row in table["rows"]]
