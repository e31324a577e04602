"""Rows of customEvents: made up, or as Azure makes them of the envelopes that an SDK sends."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from tests.azure.kusto import Row
from tests.inference.recording_endpoint import Envelope

# The tags of an envelope that are columns: learn.microsoft.com/azure/azure-monitor/app/data-model-complete
COLUMNS_OF_TAGS = {
    "ai.cloud.role": "cloud_RoleName",
    "ai.cloud.roleInstance": "cloud_RoleInstance",
    "ai.internal.sdkVersion": "sdkVersion",
    "ai.operation.id": "operation_Id",
    "ai.operation.parentId": "operation_ParentId",
    "ai.operation.name": "operation_Name",
    "ai.application.ver": "application_Version",
    "ai.session.id": "session_Id",
    "ai.user.id": "user_Id",
    "ai.location.ip": "client_IP",
}


def written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def read(timestamp: str) -> datetime:
    return datetime.fromisoformat(timestamp)


def moved(row: Row, at: datetime) -> Row:
    """The same event, had it been at another time."""
    return row | {"timestamp": written(at)}


def event(name: str, at: datetime, properties: Mapping[str, str], item_count: int = 1) -> Row:
    return {"timestamp": written(at), "name": name, "customDimensions": dict(properties), "itemCount": item_count}


def rejected(at: datetime, prediction_id: str, version: str = "7") -> Row:
    return event("prediction_rejected", at, {"prediction_id": prediction_id, "model_version": version})


def served(at: datetime, prediction_id: str, version: str = "7", item_count: int = 1) -> Row:
    return event("prediction_served", at, {"prediction_id": prediction_id, "model_version": version}, item_count)


def row_of(envelope: Envelope) -> Row:
    """Of an envelope that carries an event. Each arrival is a row of its own, though it be the same event."""
    data = envelope["data"]
    assert data["baseType"] == "EventData"
    tags = envelope["tags"]
    # A tag that has no column here is to be noticed, not to be lost.
    columns = {COLUMNS_OF_TAGS[tag]: value for tag, value in tags.items()}
    return columns | {
        "timestamp": envelope["time"],
        "name": data["baseData"]["name"],
        "itemType": "customEvent",
        "itemId": str(uuid4()),
        "itemCount": round(100 / (envelope.get("sampleRate") or 100)),
        "iKey": envelope["iKey"],
        "customDimensions": data["baseData"].get("properties") or {},
        "customMeasurements": data["baseData"].get("measurements") or {},
    }
