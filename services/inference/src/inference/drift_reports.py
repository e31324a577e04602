"""Drift reports: what the trainer found when it compared live tweets with those the champion was trained on."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from inference.access.guard import needs
from inference.body import JsonRoute
from inference.database import in_database
from inference.dependencies import CurrentBackground, CurrentDriftReports
from inference.drift_store import FoundDrift, Monitor, StoredReport
from inference.errors import FieldError, InvalidInput
from inference.loop_schemas import DriftReport, DriftReportList, DriftReportRequest, ReportedVersion
from inference.openapi import problems

router = APIRouter(prefix="/v1/drift-reports", tags=["drift"], route_class=JsonRoute)


@router.post(
    "",
    status_code=201,
    dependencies=needs("admin"),
    responses=problems(400, 408, 413, 415, 422, 429, 503),
)
async def report_drift(
    body: DriftReportRequest, reports: CurrentDriftReports, background: CurrentBackground
) -> DriftReport:
    """One that says `drifted` opens an alert. Repeating a report is answered with the first, and changes nothing."""
    if body.until < body.since:
        raise InvalidInput(errors=[FieldError(field="until", reason="must not be before since")])
    report, is_new = await in_database(reports.write_report, build_found(body), datetime.now(UTC))
    if is_new:
        background.wake()
    return describe_report(report)


@router.get("", dependencies=needs("read"), responses=problems(422, 429, 503))
async def list_drift_reports(
    reports: CurrentDriftReports,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    model_version: ReportedVersion | None = None,
) -> DriftReportList:
    """The latest first."""
    found = await in_database(reports.list_reports, model_version, limit)
    return DriftReportList(items=[describe_report(report) for report in found])


def build_found(body: DriftReportRequest) -> FoundDrift:
    given = body.model_dump(exclude={"monitors"})
    return FoundDrift(**given, monitors=[Monitor(**dict(each)) for each in body.monitors])


def describe_report(report: StoredReport) -> DriftReport:
    return DriftReport(report_id=report.report_id, at=report.at, **asdict(report.found))
