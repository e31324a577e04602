"""The page that analyses a whole file, in English."""

from ui.words.batch_wording import BatchWording

BATCH = BatchWording(
    page="Batch",
    page_title="A whole file of tweets",
    intro="Upload a file of tweets, and get it back with the sentiment of each.",
    limits="csv, tsv, xlsx or parquet, up to {megabytes} MB and {rows} rows. For more, ask whoever runs these pages.",
    file="File of tweets",
    replaces="Another file takes the place of this one and its results: download them first.",
    reading="Reading the file",
    read="{name}. Rows: {rows}. Columns: {columns}.",
    unknown_kind="This kind of file is not read here. Save it as csv, tsv, xlsx or parquet and upload it again.",
    empty_file="There is nothing in this file. Choose another one.",
    no_rows="This file has a row of names and nothing below it. Choose one that holds tweets.",
    not_text="This is not a file of text, or in UTF-16 without its mark. Save it as csv in UTF-8 and upload it again.",
    unknown_encoding=(
        "The characters of this file are neither in UTF-8 or UTF-16 nor in Windows-1252. "
        "Save it in UTF-8 and upload it again."
    ),
    read_as_windows=(
        "The file is not in UTF-8, so it was read as Windows-1252. "
        "If letters with accents look wrong below, save it in UTF-8 and upload it again."
    ),
    quotes_kept=(
        "The quotation mark in line {line} is not one that the format knows, "
        "so all of them were read as plain characters."
    ),
    quotes_odd=(
        "A quotation mark near line {line} is not where the format wants it, and the file was read as well as it went. "
        "Check the results there, or save the file as xlsx and upload it again."
    ),
    quotes_unclosed=(
        "A quotation mark before line {line} is opened and not closed, so all that follows would be one tweet. "
        "Close it, or save the file as xlsx, and upload it again."
    ),
    torn_rows=(
        "Rows with more fields than there are columns: {count}. It is not known which field is the tweet, "
        "so they are kept and not analysed. Lines: {lines}"
    ),
    short_rows="Rows with fewer fields than there are columns: {count}. The missing ones are empty. Lines: {lines}",
    too_many_rows=(
        "This file has more than {limit} rows, and that is the most here. Divide it, "
        "or ask whoever runs these pages to raise UI_BATCH_LIMIT."
    ),
    unfolds_too_far="Unpacked, this file takes more than {limit} MB. Divide it and upload the parts.",
    too_many_cells=(
        "From its first cell to its last this sheet spans more than {limit} cells. "
        "Delete what lies far below or to the right of the tweets, or save them as csv."
    ),
    broken_workbook=(
        "This workbook cannot be opened. If it has a password, save it without one; "
        "else save it again as xlsx or csv and upload it."
    ),
    broken_parquet="This parquet file cannot be read. Write it again, and upload it.",
    no_text_column="No column of this file holds text. Store the tweets as strings and upload it again.",
    sheet="Sheet",
    has_header="The first row holds the names of the columns",
    column="Column that holds the tweets",
    column_choice="{name} (column {number})",
    first_rows="The first of them",
    row="Row",
    text="Tweet",
    answer="Answer",
    start="Analyse the tweets ({count})",
    progress="{done} of {total} tweets",
    speed="{count} tweets a second",
    speed_unknown="Measuring the speed",
    remaining="about {time} left",
    stays="You may look at other pages meanwhile; after five minutes without a look at this one it stops by itself.",
    api_waits="The API does not answer just now. It is asked again, for up to a minute; what was answered is kept.",
    stopping="Stopping; the last answers are on their way.",
    cancel="Cancel",
    go_on="Go on ({count} left)",
    done="All are analysed: {count}.",
    done_but="Analysed: {answered}. Not analysed: {problems}; choose them under “Show” to see why.",
    stopped="Stopped after {done} of {total} tweets. What was answered is kept; Go on continues with the others.",
    unwatched=(
        "Nobody looked at this page for some minutes, so it stopped after {done} of {total} tweets. "
        "What was answered is kept; Go on continues with the others."
    ),
    kept="What was answered is kept; Go on continues with the others.",
    refused="The API did not accept these tweets, so it stopped here. What was answered is kept.",
    broken="Something went wrong, and was noted in the log of this page. What was answered is kept; press Go on.",
    distribution="How they feel",
    distribution_alt="A bar for each label. {bars}",
    share="{label}: {count} ({share})",
    unsure="Unsure, a person should read them: {count} ({share})",
    unanswered="Not analysed: {count}",
    unanswered_short="Not analysed",
    problem_count="{problem}: {count}",
    problems={
        "WAITING": "not analysed yet",
        "EMPTY": "no text",
        "TOO_LONG": "too long",
        "NUL": "holds a NUL character",
        "BROKEN": "holds bytes that are no characters",
        "TORN": "more fields than columns",
        "REFUSED": "refused by the API",
    },
    show="Show",
    show_all="All tweets",
    only_unsure="Unsure only",
    contains="Tweet contains",
    order="Order",
    orders={"file": "As in the file", "least_sure": "Least sure first", "most_negative": "Most negative first"},
    results="Tweets",
    found="{count} of {total} tweets",
    found_none="No tweet answers to this. Ask for less, or for other words.",
    unsure_mark="unsure",
    download="Download",
    download_kinds={"csv": "csv", "xlsx": "Excel", "parquet": "parquet"},
    csv_marked=(
        "Cells that a spreadsheet could carry out as a formula have an apostrophe before them in the csv: {count}. "
        "In Excel's file they are plain strings; parquet holds all as it was."
    ),
    csv_unmarked="No cell of this file could be taken for a formula, so none is marked in the csv.",
    xlsx_cut=(
        "Excel takes {limit} characters in a cell. Longer ones ({count}) are cut in its file, not in the others."
    ),
    seconds="{count} s",
    minutes="{count} min",
)
