"""Downloads from a real local server that cuts, ignores, refuses and lies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from trainer.fetching import fetch, fetch_source
from trainer.sources import Download, FetchFailed, Source

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA256 = sha256(CONTENT).hexdigest()
PIECE = 16_384


@dataclass
class Publisher:
    """What the server does, and the ranges it was asked for."""

    url: str = ""
    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list)  # bytes after which to hang up, one per answer
    honours_ranges: bool = True
    ranges: list[str | None] = field(default_factory=list)


def handler_of(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers["Range"]
            publisher.ranges.append(asked)
            if self.path != "/tweets.zip":
                return self.send_error(404)
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and publisher.honours_ranges else 0
            if start >= len(publisher.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(publisher.content)}")
                return self.end_headers()
            body = publisher.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: publisher.cuts.pop(0)] if publisher.cuts else body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    publisher = Publisher()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(publisher)) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        publisher.url = f"http://127.0.0.1:{server.server_port}"
        yield publisher
        server.shutdown()


def source_of(publisher: Publisher, path: str = "/tweets.zip") -> Source:
    return Source("tweets", (), "none", "here", downloads=(Download(publisher.url + path, "tweets.zip", SHA256),))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_whole_and_alone(publisher: Publisher, tmp_path: Path) -> None:
    paths = fetch_source(source_of(publisher), tmp_path / "new" / "folder")
    assert paths == (tmp_path / "new" / "folder" / "tweets.zip",)
    assert paths[0].read_bytes() == CONTENT
    assert names_in(paths[0].parent) == ["tweets.zip"]


def test_a_cut_connection_is_resumed_where_it_broke(publisher: Publisher, tmp_path: Path) -> None:
    publisher.cuts = [10 * PIECE, 20 * PIECE]
    (path,) = fetch_source(source_of(publisher), tmp_path)
    assert path.read_bytes() == CONTENT
    assert publisher.ranges == [None, f"bytes={10 * PIECE}-", f"bytes={30 * PIECE}-"]


def test_a_later_fetch_goes_on_where_the_last_gave_up(publisher: Publisher, tmp_path: Path) -> None:
    publisher.cuts = [PIECE] * 4
    with pytest.raises(FetchFailed, match="broke off 4 times"):
        fetch_source(source_of(publisher), tmp_path)
    assert names_in(tmp_path) == ["tweets.zip.part"]
    (path,) = fetch_source(source_of(publisher), tmp_path)
    assert path.read_bytes() == CONTENT
    assert publisher.ranges[-1] == f"bytes={4 * PIECE}-"


def test_a_server_that_ignores_ranges_sends_it_all_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.honours_ranges = False
    (tmp_path / "tweets.zip.part").write_bytes(b"x" * 500)
    (path,) = fetch_source(source_of(publisher), tmp_path)
    assert path.read_bytes() == CONTENT


def test_a_part_that_is_whole_is_not_asked_for_again(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "tweets.zip.part").write_bytes(CONTENT)
    (path,) = fetch_source(source_of(publisher), tmp_path)
    assert path.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_thrown_away(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "tweets.zip.part").write_bytes(CONTENT + b"more")
    (path,) = fetch_source(source_of(publisher), tmp_path)
    assert path.read_bytes() == CONTENT


def test_a_file_with_another_checksum_is_refused_and_nothing_stays(publisher: Publisher, tmp_path: Path) -> None:
    publisher.content = CONTENT[::-1]
    with pytest.raises(FetchFailed, match=f"where {SHA256} is expected; it was removed"):
        fetch_source(source_of(publisher), tmp_path)
    assert names_in(tmp_path) == []


def test_a_file_that_is_here_is_not_fetched_again(publisher: Publisher, tmp_path: Path) -> None:
    fetch_source(source_of(publisher), tmp_path)
    fetch_source(source_of(publisher), tmp_path)
    assert publisher.ranges == [None]


def test_a_file_that_was_spoilt_here_is_named_and_left(publisher: Publisher, tmp_path: Path) -> None:
    (path,) = fetch_source(source_of(publisher), tmp_path)
    path.write_bytes(b"spoilt")
    with pytest.raises(FetchFailed, match="remove .*tweets.zip and fetch it again"):
        fetch_source(source_of(publisher), tmp_path)
    assert path.read_bytes() == b"spoilt"


def test_a_missing_page_gives_one_clear_line(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed) as refusal:
        fetch_source(source_of(publisher, "/gone.zip"), tmp_path)
    assert str(refusal.value) == f"{publisher.url}/gone.zip answers 404 Not Found; nothing was fetched"
    assert names_in(tmp_path) == []


def test_no_server_gives_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="broke off 4 times .no connection"):
        fetch_source(source_of(Publisher(url="http://127.0.0.1:9")), tmp_path)
    assert names_in(tmp_path) == []


def test_a_set_without_a_download_says_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"us_airline has no direct download.*kaggle.*TRAINER_DATA_DIR"):
        fetch("us_airline", tmp_path)


def test_the_sample_need_not_be_fetched(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="sample lies in the folder data/sample of the repository"):
        fetch("sample", tmp_path)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"'imdb'.*sentiment140, .*sample"):
        fetch("imdb", tmp_path)
