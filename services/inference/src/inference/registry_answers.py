"""What MLflow's registry answers, as far as this service reads it. It writes numbers of versions as text."""

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field


class RegistryPart(BaseModel):
    model_config = ConfigDict(frozen=True)


class RegistryVersion(RegistryPart):
    """A fresh registry counts from 1 again: the number alone does not name a version."""

    version: str = Field(pattern=r"^[0-9]{1,18}$")
    run_id: str = ""
    source: str = ""
    digest: str | None = None


class VersionDetails(RegistryPart):
    """A version with what the trainer wrote beside it."""

    named: RegistryVersion
    candidate: str | None
    dataset: str | None
    # The gate's verdict, and the figures, as they were written, which may be none.
    gate: str | None
    figures: str | None
    experiment_id: str | None
    card: str | None
    created_at: datetime


class Alias(RegistryPart):
    alias: str
    version: str


class Tag(RegistryPart):
    key: str
    value: str = ""


class TaggedVersion(RegistryVersion):
    tags: list[Tag] = []
    description: str = ""
    creation_timestamp: int = Field(default=0, ge=0, le=253_402_300_799_999, description="In milliseconds.")

    def named(self) -> RegistryVersion:
        """With the digest that the trainer wrote beside the version: it covers every byte of the bundle."""
        return RegistryVersion(version=self.version, run_id=self.run_id, source=self.source, digest=self._tag("digest"))

    def details(self) -> VersionDetails:
        return VersionDetails(
            named=self.named(),
            candidate=self._tag("candidate"),
            dataset=self._tag("dataset"),
            gate=self._tag("gate"),
            figures=self._tag("figures"),
            experiment_id=self._tag("experiment_id"),
            card=self.description or None,
            created_at=datetime.fromtimestamp(self.creation_timestamp / 1000, UTC),
        )

    def _tag(self, key: str) -> str | None:
        return next((tag.value for tag in self.tags if tag.key == key), None)


class VersionAnswer(RegistryPart):
    model_version: TaggedVersion


class VersionPage(RegistryPart):
    model_versions: list[TaggedVersion] = []
    next_page_token: str | None = None


class AliasList(RegistryPart):
    aliases: list[Alias] = []


class ModelAnswer(RegistryPart):
    registered_model: AliasList


class Done(RegistryPart):
    """An answer that says nothing but that it was done."""


class RegistryError(RegistryPart):
    error_code: str
