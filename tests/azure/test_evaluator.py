"""The evaluator of queries, on tables so small that each result was worked out by hand.

What null does is from Kusto's documents: scalar-data-types/null-values, summarize-operator, sort-operator.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.azure.kusto import Kusto, QueryRefused, Row
from tests.azure.rows import event

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def rows_of(*properties: dict[str, Any]) -> list[Row]:
    """A minute after the other, named a, b, c …"""
    return [
        event("abcdefgh"[place], NOON + timedelta(minutes=place), given, item_count=place + 1)
        for place, given in enumerate(properties)
    ]


def evaluated(kusto: Kusto, *expressions: str, **properties: object) -> list[object]:
    """Of one row, in which x and so on are dynamic."""
    named = ", ".join(f"c{place} = {each}" for place, each in enumerate(expressions))
    [row] = kusto.run(f"let third = 3; customEvents | project {named}", rows_of(properties))
    return list(row.values())


def test_numbers_are_whole_or_real_as_kusto_has_them(kusto: Kusto) -> None:
    said = evaluated(kusto, "7 / 2", "-7 / 2", "7 / 2.0", "third - 1", "2 + 3 * 4", "(2 + 3) * 4", "itemCount + 0.5")
    assert said == [3, -3, 3.5, 2, 14, 20, 1.5]
    assert evaluated(kusto, "sqrt(9)", "min_of(1.0, 2)", "min_of(2, 1.5)", "max_of(1, third)") == [3, 1, 1.5, 3]


def test_times_and_spans(kusto: Kusto) -> None:
    noon = "datetime(2026-11-25T12:00:00Z)"
    said = evaluated(kusto, f"{noon} + 90s", f"{noon} - 1.5d", f"{noon} - datetime(2026-11-25T11:59:59.5)", "2 * 7m")
    assert said == ["2026-11-25T12:01:30.0000000Z", "2026-11-24T00:00:00.0000000Z", "00:00:00.5000000", "00:14:00"]
    compared = evaluated(kusto, f"timestamp == {noon}", "5m <= 300s", "1h / 15m", f"datetime(2026-11-24) > {noon}")
    assert compared == [True, True, 4, False]
    assert evaluated(kusto, "datetime(2026-11-25) - datetime(2026-11-27T01:00)") == ["-2.01:00:00"]


def test_the_smallest_step_of_time_is_kept(kusto: Kusto) -> None:
    row = event("a", NOON, {}) | {"timestamp": "2026-11-25T12:05:00.0000001Z"}
    query = "customEvents | project timestamp, over = timestamp - datetime(2026-11-25T12:00:00Z) <= 5m"
    assert kusto.run(query, [row]) == [{"timestamp": "2026-11-25T12:05:00.0000001Z", "over": False}]


def test_bin_goes_down_to_a_multiple(kusto: Kusto) -> None:
    said = evaluated(kusto, "bin(17, 5)", "bin(-1, 5)", "bin(4.7, 0.5)", "bin(timestamp + 14m, 5m)", "bin(299s, 1m)")
    assert said == [15, -5, 4.5, "2026-11-25T12:10:00.0000000Z", "00:04:00"]


def test_null_is_sticky_between_two_values(kusto: Kusto) -> None:
    null, never = "int(null)", "datetime(null)"
    said = evaluated(kusto, f"{null} > 3", f"{null} <= 3", f"{null} + 3", f"2.5 * {null}", f"timestamp - {never} <= 5m")
    assert said == [None] * 5


def test_equality_knows_one_null_from_two(kusto: Kusto) -> None:
    null = "int(null)"
    assert evaluated(kusto, f"{null} == 3", f"{null} != 3") == [False, True]
    assert evaluated(kusto, f"{null} == {null}", f"{null} != {null}") == [None, None]
    assert evaluated(kusto, f"{null} in (1, 2)", "2 in (1, 2)", f"3 in (1, {null})") == [False, True, False]


def test_what_is_false_or_true_is_stronger_than_null(kusto: Kusto) -> None:
    null = "bool(null)"
    said = evaluated(kusto, f"{null} and false", f"{null} and true", f"{null} or true", f"{null} or false")
    assert said == [False, None, True, None]
    assert evaluated(kusto, f"iff({null}, 1, 2)", f"case({null}, 1, true, 2, 3)", f"not({null})") == [2, 2, None]


def test_a_string_is_empty_and_never_null(kusto: Kusto) -> None:
    said = evaluated(kusto, "isnull(cloud_RoleName)", 'cloud_RoleName == ""', "isempty(cloud_RoleName)")
    assert said == [False, True, True]
    gone = "customDimensions.nobody"
    assert evaluated(kusto, f"isnull({gone})", f"tostring({gone})", f"todouble({gone})") == [True, "", None]


def test_what_is_in_a_bag(kusto: Kusto) -> None:
    dimensions = {"text": "late", "score": "0.93", "number": 7, "inner": {"deep": "x"}, "nothing": None, "word": "n/a"}
    dimensions["at"] = "2026-11-25T12:00:01Z"
    said = evaluated(
        kusto,
        "tostring(customDimensions.text)",
        'tostring(customDimensions["number"])',
        "todouble(customDimensions.score)",
        "tolong(customDimensions.number) + 1",
        "tostring(customDimensions.inner.deep)",
        "isnull(customDimensions.nothing)",
        "todouble(customDimensions.word)",
        "isnull(customDimensions.Text)",
        "isnull(customDimensions.text.deep)",
        "isnull(todatetime(customDimensions.nothing))",
        "todatetime(customDimensions.at) > timestamp",
        **dimensions,
    )
    assert said == ["late", "7", 0.93, 8, "x", True, None, True, True, True, True]


def test_where_keeps_what_holds_and_strings_have_their_case(kusto: Kusto) -> None:
    given = rows_of({"x": "1"}, {}, {"x": "3"})
    kept = kusto.run("customEvents | where toint(customDimensions.x) < 3 | project name", given)
    assert kept == [{"name": "a"}]
    assert kusto.run('customEvents | where name == "A"', given) == []
    assert kusto.run('customEvents | where name in ("A", "b") | project name', given) == [{"name": "b"}]


@pytest.mark.parametrize(
    ("order", "names"),
    [("asc", "bac"), ("desc", "cab"), ("", "cab"), ("asc nulls last", "acb"), ("desc nulls first", "bca")],
)
def test_null_has_an_end_of_the_order(kusto: Kusto, order: str, names: str) -> None:
    given = rows_of({"x": "1"}, {}, {"x": "3"})
    found = kusto.run(f"customEvents | extend x = toint(customDimensions.x) | order by x {order}", given)
    assert "".join(row["name"] for row in found) == names


def test_several_keys_and_the_top(kusto: Kusto) -> None:
    given = rows_of({"x": "2"}, {"x": "1"}, {"x": "2"}, {"x": "1"})
    by_both = "extend x = toint(customDimensions.x) | order by x asc, timestamp desc | project name"
    assert [row["name"] for row in kusto.run(f"customEvents | {by_both}", given)] == ["d", "b", "c", "a"]
    assert [row["name"] for row in kusto.run("customEvents | top 2 by timestamp | project name", given)] == ["d", "c"]


def test_prev_looks_at_rows_in_their_order_and_finds_nothing_before_the_first(kusto: Kusto) -> None:
    given = rows_of({"x": "30"}, {"x": "10"}, {"x": "20"})
    query = """customEvents
        | extend x = toint(customDimensions.x)
        | order by x asc
        | project x, before = prev(x), second = prev(x, 2), other = prev(x, 1, 0), who = prev(name)"""
    assert kusto.run(query, given) == [
        {"x": 10, "before": None, "second": None, "other": 0, "who": ""},
        {"x": 20, "before": 10, "second": None, "other": 10, "who": "b"},
        {"x": 30, "before": 20, "second": 10, "other": 20, "who": "c"},
    ]


def test_prev_sees_what_a_where_has_left(kusto: Kusto) -> None:
    query = 'customEvents | order by timestamp asc | where name != "b" | project name, before = prev(name)'
    assert [row["before"] for row in kusto.run(query, rows_of({}, {}, {}))] == ["", "a"]


def test_aggregates_leave_out_null(kusto: Kusto) -> None:
    given = rows_of({"k": "1", "x": "5"}, {"k": "1"}, {"k": "2"}, {"k": "1", "x": "7"})
    query = """customEvents
        | extend k = tostring(customDimensions.k), x = toint(customDimensions.x)
        | summarize count(), n = countif(x > 5), s = sum(x), few = sumif(x, x < 6), min(x), max(x), d = dcount(x) by k
        | order by k asc"""
    assert kusto.run(query, given) == [
        {"k": "1", "count_": 3, "n": 1, "s": 12, "few": 5, "min_x": 5, "max_x": 7, "d": 2},
        {"k": "2", "count_": 1, "n": 0, "s": 0, "few": 0, "min_x": None, "max_x": None, "d": 0},
    ]


def test_the_row_with_the_least_and_the_row_with_the_greatest(kusto: Kusto) -> None:
    given = rows_of({"k": "1"}, {"k": "1", "x": "4"}, {"k": "1", "x": "3"}, {"k": "2"})
    query = """customEvents
        | extend k = tostring(customDimensions.k), x = toint(customDimensions.x)
        | summarize arg_min(x, name), final = arg_max(timestamp, name) by k
        | order by k asc"""
    first, second = kusto.run(query, given)
    assert list(first.values()) == ["1", 3, "c", "2026-11-25T12:02:00.0000000Z", "c"]
    # Where all are null one row is picked.
    assert list(second.values()) == ["2", None, "d", "2026-11-25T12:03:00.0000000Z", "d"]


def test_of_no_rows_there_is_a_group_only_where_there_is_no_key(kusto: Kusto) -> None:
    counted = "customEvents | summarize n = count(), s = sum(itemCount), m = max(timestamp)"
    assert kusto.run(counted, []) == [{"n": 0, "s": 0, "m": None}]
    assert kusto.run(f"{counted} by name", []) == []


def test_groups_by_bins_of_time(kusto: Kusto) -> None:
    query = "customEvents | summarize n = sum(itemCount) by bin(timestamp, 2m) | order by timestamp asc"
    found = kusto.run(query, rows_of({}, {}, {}))
    assert [(row["timestamp"][14:16], row["n"]) for row in found] == [("00", 3), ("02", 3)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("customEvents | where nam == 'a'", "1:22: Error: The name 'nam' does not refer to any known column"),
        ("customEvents\n| serialize", "2:3: SerializeOperator: the operator is not known here"),
        ("customEvents | where name has 'a'", "1:22: HasExpression: "),
        (
            "customEvents | project x = strlen(name)",
            "1:28: FunctionCallExpression: the function strlen is not known here",
        ),
        ("customEvents | summarize avg(itemCount)", "the aggregate avg is not known here"),
        ("customEvents | summarize arg_max(timestamp, *)", "1:45: StarExpression: "),
        ("customEvents | extend p = prev(name)", "prev needs rows that an order by has put in order"),
        ("customEvents | order by name | summarize count() by name | extend p = prev(name)", "prev needs rows"),
        ("customEvents | extend tostring(customDimensions.x)", "give it a name"),
        ("customEvents | project x = 1 / 0", "1:28: DivideExpression: a whole number divided by zero"),
        ("customEvents | project x = todatetime('yesterday')", '"yesterday" is no datetime in UTC'),
        ("customEvents | project x = tolong('1.5')", 'the integer of "1.5" is not known here'),
        (
            "customEvents | summarize count() by customDimensions",
            "The value of type 'dynamic' is not allowed in this context",
        ),
        ("AppEvents | project Name", "1:1: NameReference: there are no rows for AppEvents"),
        ("let f = (x: long) { x }; customEvents", "FunctionDeclaration: "),
        ("union customEvents, customEvents", "a table and operators on it alone are known here"),
    ],
)
def test_what_it_does_not_know_is_an_error_with_its_place(kusto: Kusto, query: str, said: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        kusto.run(query, rows_of({"x": "1"}))
    assert said in str(refused.value)


def test_it_is_refused_though_no_row_would_need_it(kusto: Kusto) -> None:
    with pytest.raises(QueryRefused, match="HasExpression"):
        kusto.run("customEvents | where name has 'a'", [])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"nobody": 1}, "its rows have no column nobody"),
        ({"itemCount": "1"}, '"1" is no int'),
        ({"itemCount": 1.5}, "1.5 is no int"),
        ({"timestamp": "2026-11-25T13:00:00+01:00"}, "is no datetime in UTC"),
        ({"name": 7}, "7 is no string"),
    ],
)
def test_a_row_that_is_none_of_the_table_is_an_error(kusto: Kusto, row: Row, said: str) -> None:
    with pytest.raises(QueryRefused, match=said):
        kusto.run("customEvents", [row])
