"""Behaviours: the committed rows are sound, a bad row is named, and a pass is a pass for the right reason."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from trainer.__main__ import app
from trainer.behaviour import DIRECTION, INVARIANCE, MINIMUM_FUNCTION, Behaviour, load_behaviours, run_behaviours
from trainer.behaviour_report import capability_table, failures, pass_rate
from trainer.bundle import Bundle, load_bundle
from trainer.errors import TrainerError

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "data" / "behaviour"
HEAD = "capability,text,changed,expected\n"


@pytest.fixture(scope="module")
def champion() -> Bundle:
    return load_bundle(ROOT / "models" / "champion")


def write(folder: Path, content: str) -> Path:
    file = folder / "mine.csv"
    file.write_text(content, encoding="utf-8")
    return file


def test_the_committed_rows_are_sound_and_of_every_kind() -> None:
    rows, bad = load_behaviours(COMMITTED)
    assert bad == []
    assert len(rows) >= 120
    assert {row.kind for row in rows} == {MINIMUM_FUNCTION, INVARIANCE, DIRECTION}
    groups = {(row.kind, row.capability) for row in rows}
    assert all(sum((row.kind, row.capability) == group for row in rows) >= 4 for group in groups), "too few to tell"


def test_the_champion_is_not_moved_by_names_and_addresses(champion: Bundle) -> None:
    outcomes = run_behaviours(load_behaviours(COMMITTED)[0], champion.classifier)
    masked = [each for each in outcomes if each.behaviour.capability in ("names", "addresses")]
    assert failures(masked) == ""
    assert len(masked) > 10
    assert pass_rate(outcomes) >= 0.65


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("negation,not good,,bad", "line 2 expects 'bad', which is none of negative, neutral"),
        ("negation,,,negative", "line 2 has no text"),
        (",not good,,negative", "line 2 has no capability"),
        ("negation,not good, really,,negative", "line 2 has too many cells"),
        ("names,hello,,same", "line 2 expects same, but has no changed text"),
        ("names,hello,hello,same", "line 2 is not changed"),
        ("negation,not good,not bad,negative", "line 2 expects negative, so that changed stays empty"),
        ("a,not good,,negative\nb,not good,,positive", "line 3 is the same as mine.csv, line 2"),
        ('a,"two\nlines",,negative\nb,late', "line 4 expects '', which is none"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_kept(tmp_path: Path, line: str, reason: str) -> None:
    rows, bad = load_behaviours(write(tmp_path, f"{HEAD}{line}\nplain,I love it,,positive\n"))
    assert [f"{each.where} {each.reason}".startswith(f"mine.csv, {reason}") for each in bad] == [True]
    assert rows[-1].text == "I love it"


@pytest.mark.parametrize("content", [HEAD.replace(",", ";") + "plain;so, so good;;positive\n", "\ufeff" + HEAD])
def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path: Path, content: str) -> None:
    rows, bad = load_behaviours(write(tmp_path, content))
    assert (bad, [row.text for row in rows]) == ([], ["so, so good"] if ";" in content else [])


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="no csv of behaviours"):
        load_behaviours(tmp_path)
    with pytest.raises(TrainerError, match="no column expected: its first line must be capability,text"):
        load_behaviours(write(tmp_path, "capability,text,changed\n"))
    (tmp_path / "mine.csv").write_bytes("capability,text,changed,expected\né".encode("latin-1"))
    with pytest.raises(TrainerError, match="not UTF-8"):
        load_behaviours(tmp_path)


def test_a_pass_is_a_pass_for_the_right_reason(bundle: Bundle) -> None:
    rows = [
        Behaviour("1", "plain", "the flight was late again", "", "negative"),
        Behaviour("2", "plain", "the crew was lovely", "", "not negative"),
        Behaviour("3", "plain", "rude crew and cold food", "", "not negative"),
        Behaviour("4", "names", "great flight, thank you", "great flight, thank you @ada", "same"),
        Behaviour("5", "names", "great flight, thank you", "they lost my bag", "same"),
        Behaviour("6", "praise", "the flight", "the flight, thank you so much", "more positive"),
        Behaviour("7", "complaint", "the flight", "the flight, thank you so much", "more negative"),
        Behaviour("8", "nothing known", "zzz", "zzz qqq", "more negative"),
        Behaviour("9", "plain", "my seat is 14C", "", "neutral"),
    ]
    outcomes = run_behaviours(rows, bundle.classifier)
    assert {each.behaviour.where: each.passed for each in outcomes} == {
        **dict.fromkeys("1246", True),
        **dict.fromkeys("3578", False),
    }, "a label that the model does not have is not asked for"
    assert "| names | invariance | 1 of 2 | 50% |" in capability_table(outcomes)
    assert "5: names: expected same, got positive, then negative" in failures(outcomes)
    assert run_behaviours(rows[-1:], bundle.classifier) == []
    assert pass_rate([]) == 0


def test_a_bar_that_is_not_reached_exits_with_1(bundle: Bundle, tmp_path: Path) -> None:
    rows = f"{HEAD}plain,they lost my bag,,negative\nirony,thank you so much for nothing,,negative\nbad row,x,,maybe\n"
    arguments = ["behave", str(bundle.folder), "--behaviours", str(write(tmp_path, rows))]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 0, answer.output
    assert "mine.csv, line 3: irony: expected negative, got positive: “thank you so much for nothing”" in answer.output
    assert "left out: mine.csv, line 4 expects 'maybe'" in answer.output
    assert CliRunner().invoke(app, [*arguments, "--at-least", "0.5"]).exit_code == 0
    refused = CliRunner().invoke(app, [*arguments, "--at-least", "0.6"])
    assert refused.exit_code == 1
    assert "50.0% of the rows pass, less than 60.0%" in refused.output
