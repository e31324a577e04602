"""How a version's bundle comes from the registry into the cache: fetched, verified, and kept whole."""

from contextlib import suppress

from inference.bundle import DESCRIPTION, GRAPH, TOKENIZER, parse_description, sha256
from inference.cache import BundleCache
from inference.classifier import Classifier, load_classifier
from inference.errors import BundleRefused
from inference.registry import Registry, RegistryVersion


def obtain(registry: Registry, cache: BundleCache, wanted: RegistryVersion) -> Classifier:
    """Raises BundleRefused where it breaks its promises, RegistryUnavailable where MLflow does not give it."""
    with cache.workspace() as workspace:
        registry.fetch_file(wanted, DESCRIPTION, workspace)
        raw = (workspace / DESCRIPTION).read_bytes()
        parse_description(raw)
        digest = sha256(raw)
        if wanted.digest not in (None, digest):
            raise BundleRefused(f"{DESCRIPTION} does not have the digest that the registry names", "hash")
        # A rollback, or another worker of this machine was faster.
        with suppress(BundleRefused):
            return cache.load(digest)
        fetched = workspace / digest
        fetched.mkdir()
        (workspace / DESCRIPTION).rename(fetched / DESCRIPTION)
        for name in (TOKENIZER, GRAPH):
            registry.fetch_file(wanted, name, fetched)
        classifier = load_classifier(fetched)
        cache.install(workspace, digest)
        return classifier
