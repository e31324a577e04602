"""What is asked from inside a container, and what is done there to the files and aliases of MLflow."""

import json

from tests.stack.replicas import containers
from tests.stack.stack import Stack, docker

ASK = """
import json, sys, urllib.error, urllib.request
found = {}
for url in sys.argv[1:]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            found[url] = [answer.status, answer.read().decode()]
    except urllib.error.HTTPError as error:
        found[url] = [error.code, error.read().decode()]
    except OSError:
        found[url] = [0, ""]
print(json.dumps(found))
"""
# Done twice it is undone.
FLIP_A_BIT = """
import hashlib, json, pathlib, sys, urllib.request
url = "http://127.0.0.1:5000/api/2.0/mlflow/model-versions/get?name=tweet-sentiment&version=" + sys.argv[1]
tags = json.load(urllib.request.urlopen(url))["model_version"]["tags"]
[digest] = [tag["value"] for tag in tags if tag["key"] == "digest"]
cards = pathlib.Path("/var/lib/mlflow").rglob("model.json")
[card] = [each for each in cards if hashlib.sha256(each.read_bytes()).hexdigest() == digest]
graph = card.with_name("model.onnx")
content = bytearray(graph.read_bytes())
content[len(content) // 2] ^= 1
graph.write_bytes(content)
"""
MOVE_THE_CHAMPION = """
import json, sys, urllib.request
url = "http://127.0.0.1:5000/api/2.0/mlflow/registered-models/alias"
body = {"name": "tweet-sentiment", "alias": "champion", "version": sys.argv[1]}
request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
urllib.request.urlopen(request).read()
"""


def ask_in(container: str, *urls: str) -> dict[str, tuple[int, str]]:
    """Status and body; 0 where nobody answers."""
    found = json.loads(docker("exec", container, "python", "-c", ASK, *urls))
    return {url: (status, body) for url, (status, body) in found.items()}


def metric(stack: Stack, name: str) -> float:
    """Of the one container."""
    [container] = containers(stack)
    return metric_of(container, name)


def metric_of(container: str, name: str) -> float:
    """Over its labels and workers."""
    url = "http://127.0.0.1:8000/metrics"
    _, text = ask_in(container, url)[url]
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


def flip_a_bit(stack: Stack, version: str) -> None:
    """Of the graph that MLflow keeps; and back."""
    stack.compose("exec", "-T", "mlflow", "python", "-c", FLIP_A_BIT, version)


def move_the_champion(stack: Stack, version: str) -> None:
    """By hand, past the API and what it looks at."""
    stack.compose("exec", "-T", "mlflow", "python", "-c", MOVE_THE_CHAMPION, version)
