"""The measured need beside what the free plan gives, as a table; and how many predictions a day that makes."""

from dataclasses import dataclass
from math import nan

from bench.free_plan_measuring import Api, Load, Pages
from bench.machine import conditions
from bench.markdown import number, table_head, table_row

# What App Service gives on F1, to all that is on one plan (docs/deployment.md says from where this is known).
DAY_SECONDS, FIVE_MINUTES_SECONDS, MEGABYTES = 60 * 60.0, 3 * 60.0, 1024.0
START_SECONDS = 230.0
MINUTES_A_DAY = 24 * 60
NONE = "–"


@dataclass(frozen=True, slots=True)
class Day:
    """How a site may be used: the plan puts it to sleep when nobody has asked for a while."""

    starts: int
    hours_awake: float


DAYS = (Day(starts=1, hours_awake=24), Day(starts=10, hours_awake=8), Day(starts=20, hours_awake=2))


def report(api: Api, pages: Pages | None) -> str:
    lines = [
        f"{conditions()} The API {api.what}; one worker, the committed model, SQLite. Processor time is that of all "
        "its processes; a slower core takes more of it.",
        "",
        *table_head("", "API", "pages", "the plan gives"),
        *rows(api, pages),
        "",
        *table_head("a day with", "predictions that fit, API alone", "with the pages"),
        *(day_row(day, api, pages) for day in DAYS),
        "",
        verdict(api, pages),
    ]
    return "\n".join(lines)


def rows(api: Api, pages: Pages | None) -> list[str]:
    start, idle, opened, size = figures_of(pages)
    memory, day = f"{MEGABYTES:,.0f}, together", f"{DAY_SECONDS / 60:.0f} min a day"
    in_a_day = number(minutes_a_day(api.idle_cpu_a_minute))
    return [
        table_row("first prediction after, s", number(api.first_after_seconds), NONE, f"{START_SECONDS:.0f}"),
        table_row("a start, s of processor", number(api.start_cpu_seconds), number(start), day),
        table_row("nobody there, s of processor a minute", number(api.idle_cpu_a_minute), number(idle), day),
        table_row("the same, awake all day, min", in_a_day, number(minutes_a_day(idle)), day),
        table_row("a page open, s of processor a minute", NONE, number(opened), day),
        table_row(f"a prediction, ms of processor, {api.paced.per_second:.0f} a second", cost(api.paced), NONE, day),
        table_row(f"the same, {api.fast.per_second:,.0f} a second", cost(api.fast), NONE, day),
        table_row("memory, nobody there, MB", number(api.idle_megabytes), NONE, memory),
        table_row("memory, at most, MB", number(api.peak_megabytes), number(size), memory),
    ]


def figures_of(pages: Pages | None) -> tuple[float, float, float, float]:
    if pages is None:
        return nan, nan, nan, nan
    return pages.start_cpu_seconds, pages.idle_cpu_a_minute, pages.open_cpu_a_minute, pages.megabytes


def cost(load: Load) -> str:
    return number(load.cpu_milliseconds)


def day_row(day: Day, api: Api, pages: Pages | None) -> str:
    with_pages = NONE if pages is None else f"{predictions_a_day(day, api, pages):,}"
    starts = "one start" if day.starts == 1 else f"{day.starts} starts"
    return table_row(f"{starts}, awake for {day.hours_awake:g} h", f"{predictions_a_day(day, api, None):,}", with_pages)


def predictions_a_day(day: Day, api: Api, pages: Pages | None) -> int:
    """What the starts and the waiting leave; the predictions at the pace of few."""
    a_start = api.start_cpu_seconds + (pages.start_cpu_seconds if pages else 0)
    a_minute = api.idle_cpu_a_minute + (pages.idle_cpu_a_minute if pages else 0)
    left = DAY_SECONDS - day.starts * a_start - 60 * day.hours_awake * a_minute
    return max(0, int(1000 * left / api.paced.cpu_milliseconds))


def predictions_a_second(api: Api) -> float:
    """For five minutes on end, before the plan stops the site; as fast as one caller asks."""
    left = FIVE_MINUTES_SECONDS - 5 * api.idle_cpu_a_minute
    return max(0.0, 1000 * left / api.fast.cpu_milliseconds / 300)


def verdict(api: Api, pages: Pages | None) -> str:
    memory = memory_of(api, pages)
    fits = "fits in" if memory <= MEGABYTES else "is more than"
    both = "the API and the pages take" if pages else "the API, without the pages, takes"
    return (
        f"Three minutes of processor in five are {number(predictions_a_second(api))} predictions a second for five "
        f"minutes on end. At most {both} {number(memory)} MB, which {fits} the plan's {MEGABYTES:,.0f}."
    )


def memory_of(api: Api, pages: Pages | None) -> float:
    return api.peak_megabytes + (pages.megabytes if pages else 0)


def misses_plan(api: Api, pages: Pages | None) -> bool:
    """It would not last a day, or not fit."""
    return predictions_a_day(DAYS[0], api, pages) == 0 or memory_of(api, pages) > MEGABYTES


def minutes_a_day(seconds_a_minute: float) -> float:
    return seconds_a_minute * MINUTES_A_DAY / 60
