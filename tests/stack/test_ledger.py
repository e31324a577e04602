"""The ledger of the stack's faults finds what is lost, doubled or changed."""

import pytest

from tests.stack.ledger import BROKEN, Answer, Ledger, Verdict
from tests.stack.telemetry_recorder import feedback_ids, read_envelopes


def verdict(prediction_id: str, kind: str = "rejected") -> Verdict:
    return Verdict(prediction_id, kind, "positive", "no", f"key of {prediction_id}")


def row(prediction_id: str, label: str = "positive") -> dict[str, object]:
    return {"prediction_id": prediction_id, "verdict": "rejected", "label": label, "comment": "no"}


def build(acknowledged: str, unacknowledged: str = "") -> Ledger:
    ledger = Ledger("a fault", predicted=["a", "b", "c"])
    ledger.acknowledged = {each: verdict(each) for each in acknowledged.split()}
    ledger.unacknowledged = {each: verdict(each) for each in unacknowledged.split()}
    return ledger


LOG = [{"prediction_id": each} for each in ("a", "b", "c", "of somebody else")]


@pytest.mark.parametrize("kept", ["a", "a b"])
def test_what_was_acknowledged_is_there_once_and_what_was_not_may_be(kept: str) -> None:
    rows = [row(each) for each in kept.split()] + [row("of somebody else")]
    found = build("a", "b").compare(LOG, rows)
    assert found.faults() == []
    assert found.missing_predictions == []


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([], "1 acknowledged and not there, such as a"),
        ([row("a"), row("a")], "1 there more than once, such as a"),
        ([row("a"), row("b"), row("b")], "1 there more than once, such as b"),
        ([row("a", "negative")], "1 there with another content, such as a"),
        ([row("a"), row("c")], "1 there with another content, such as c"),
    ],
)
def test_each_kind_of_fault_is_found(rows: list[dict[str, object]], fault: str) -> None:
    assert build("a", "b").compare(LOG, rows).faults() == [fault]


def test_predictions_that_are_not_kept_or_kept_twice_are_found() -> None:
    found = build("").compare([LOG[0], LOG[1], LOG[1]], [])
    assert found.missing_predictions == ["c"]
    assert found.faults() == ["1 in the log more than once, such as b"]


def test_failures_are_counted_by_status() -> None:
    ledger = Ledger("a fault", predictions=[Answer(0.0, 0.1, status) for status in (200, 503, BROKEN, 503)])
    assert ledger.failures == {503: 2, BROKEN: 1}
    assert ledger.latency.answers == 1
    assert ledger.says_when_to_come_back()
    ledger.verdicts.append(Answer(0.0, 0.1, 503, says_when=False))
    assert not ledger.says_when_to_come_back()


@pytest.mark.parametrize("form", [b"[%s]", b"%s\n"])
def test_the_recorder_reads_rejections_in_both_forms(form: bytes) -> None:
    rejected = (
        b'{"data": {"baseType": "EventData", "baseData": {"name": "prediction_rejected", "properties": '
        b'{"feedback_id": "a:1"}}}}'
    )
    assert list(feedback_ids(read_envelopes(form % rejected))) == ["a:1"]
    other = b'{"data": {"baseType": "MetricData", "baseData": {"metrics": []}}}'
    assert list(feedback_ids(read_envelopes(form % other))) == []
