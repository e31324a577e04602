"""The words of the page that analyses a whole file, as a part of `Wording`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BatchWording:
    page: str
    page_title: str
    intro: str
    limits: str
    file: str
    replaces: str
    reading: str
    read: str
    unknown_kind: str
    empty_file: str
    no_rows: str
    not_text: str
    unknown_encoding: str
    read_as_windows: str
    quotes_kept: str
    quotes_odd: str
    quotes_unclosed: str
    torn_rows: str
    short_rows: str
    too_many_rows: str
    unfolds_too_far: str
    too_many_cells: str
    broken_workbook: str
    broken_parquet: str
    no_text_column: str
    sheet: str
    has_header: str
    column: str
    column_choice: str
    first_rows: str
    row: str
    text: str
    answer: str
    start: str
    progress: str
    speed: str
    speed_unknown: str
    remaining: str
    stays: str
    api_waits: str
    stopping: str
    cancel: str
    go_on: str
    done: str
    done_but: str
    stopped: str
    unwatched: str
    kept: str
    refused: str
    broken: str
    distribution: str
    distribution_alt: str
    share: str
    unsure: str
    unanswered: str
    unanswered_short: str
    problem_count: str
    problems: dict[str, str]
    show: str
    show_all: str
    only_unsure: str
    contains: str
    order: str
    orders: dict[str, str]
    results: str
    found: str
    found_none: str
    unsure_mark: str
    download: str
    download_kinds: dict[str, str]
    csv_marked: str
    csv_unmarked: str
    xlsx_cut: str
    seconds: str
    minutes: str
