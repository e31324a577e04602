"""What one person's session knows of drift: the last report, and the version that answers now."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock

from ui.api.client import Client
from ui.api.errors import ApiError
from ui.api.model_answers import DriftReport
from ui.settings import Settings


@dataclass(eq=False)
class DriftBoard:
    settings: Settings
    client: Client
    # None before the first answer.
    refreshed_at: datetime | None = None
    report: DriftReport | None = None
    # None where the API does not say; it may have none in memory.
    served: str | None = None
    failure: ApiError | None = None
    lock: RLock = field(default_factory=RLock)

    def refresh(self) -> None:
        try:
            reports = self.client.list_drift_reports(1)
        except ApiError as error:
            self.failure = error
            return
        self.failure, self.refreshed_at = None, datetime.now(UTC)
        self.report = reports[0] if reports else None
        if self.report is not None:
            self.served = self._read_served()

    def _read_served(self) -> str | None:
        # Asked of the API itself and not of the registry behind it: this page needs no MLflow.
        with suppress(ApiError):
            return self.client.read_served().version
        return self.served
