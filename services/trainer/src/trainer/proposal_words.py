"""The proposal in words: what a manager needs on the first screen, what an engineer asks below it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from trainer.document import Block, Heading, Listing, Literal, Paragraph, Table, to_html, to_markdown
from trainer.proposal import Flip, Learned, Proposal, SetChange, Standing
from trainer.replay import FEEDBACK

# Rows of a table that are read; all of them lie in proposal.json.
SHOWN_FLIPS = 100
LONGEST_REASON = 1_000  # that the API takes
NO_CHANCE = 0.05
SET_HEAD = (
    "tweets of", "how many", "champion right", "challenger right", "gained", "lost", "by chance?",
)  # fmt: skip


def write_proposal(proposal: Proposal, folder: Path) -> None:
    """`proposal.md`, `proposal.html` and `proposal.json`."""
    blocks = words_of(proposal)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "proposal.md").write_text(to_markdown(blocks), encoding="utf-8")
    (folder / "proposal.html").write_text(to_html(proposal.title, blocks), encoding="utf-8")
    (folder / "proposal.json").write_text(proposal.model_dump_json(indent=1) + "\n", encoding="utf-8")


def words_of(proposal: Proposal) -> list[Block]:
    return [
        *first_screen(proposal),
        *sets_in_full(proposal),
        *behaviours(proposal),
        *people(proposal.learned),
        *tweet_by_tweet(proposal),
        Heading("Model card"),
        Literal(proposal.card),
    ]


def first_screen(proposal: Proposal) -> Iterator[Block]:
    verdict, learned = proposal.verdict, proposal.learned
    yield Heading(proposal.title, 1)
    yield Paragraph(in_one_sentence(proposal), "good" if verdict.passed else "bad")
    if verdict.failed:
        yield Listing([f"{check.name}: {check.found}" for check in verdict.failed])
    yield Paragraph(
        f"The challenger ({proposal.candidate}) learned from {learned.trained_on:,} tweets that people judged, beside "
        f"the tweets of {learned.replay}, which are there so that nothing is forgotten. It was compared with the "
        f"champion, version {verdict.against_version}, on tweets that neither had learned."
    )
    yield Table(SET_HEAD, [set_row(each) for each in proposal.sets])
    if verdict.passed:
        yield Paragraph("To put it into service:")
        yield Literal(f'trainer promote {proposal.version} --reason "..."')
        yield Paragraph("It can be taken back in one step: trainer rollback.")
    else:
        yield Paragraph("It stays what it is, a challenger: it cannot be promoted, and the champion goes on.")


def in_one_sentence(proposal: Proposal) -> str:
    about = next((each for each in proposal.sets if each.dataset == FEEDBACK), None)
    gain = ""
    if about:
        gain = (
            f" On {about.size:,} tweets that people judged and it did not learn, it is right in "
            f"{about.challenger.accuracy:.1%}; the champion in {about.champion.accuracy:.1%}."
        )
    if proposal.verdict.passed:
        return f"Version {proposal.version} passed every check of the gate and may become champion.{gain}"
    failed = ", ".join(check.name for check in proposal.verdict.failed)
    return f"Version {proposal.version} may not become champion: {failed}.{gain}"


def set_row(each: SetChange) -> tuple[str, ...]:
    judged = "what people judged" if each.dataset == FEEDBACK else each.dataset
    chance = "may be" if each.p_value >= NO_CHANCE else "no"
    return (
        judged,
        f"{each.size:,}",
        f"{each.champion.accuracy:.1%}",
        f"{each.challenger.accuracy:.1%}",
        f"{len(each.gains):,}",
        f"{len(each.losses):,}",
        f"{chance} (p = {each.p_value:.2g})",
    )


def sets_in_full(proposal: Proposal) -> Iterator[Block]:
    yield Heading("Every test set")
    yield Paragraph(
        "Brackets are 95 % intervals: Wilson's for accuracy, a bootstrap over tweets for macro-F1. A negative flip is "
        "a tweet that the champion has right and the challenger wrong. p is McNemar's exact test on the same tweets."
    )
    head = ("set", "macro-F1, champion", "macro-F1, challenger", "accuracy, champion", "accuracy, challenger",
            "calibration error", "negative flips")  # fmt: skip
    yield Table(head, [full_row(each) for each in proposal.sets])
    for each in proposal.sets:
        rows = [
            (one.name, f"{one.size:,}", f"{one.champion:.1%}", f"{one.challenger:.1%}",
             f"{100 * (one.challenger - one.champion):+.1f} points")
            for one in each.slices
        ]  # fmt: skip
        if rows:
            title = f"Slices of {each.dataset}, {each.split}"
            yield Table(("slice", "tweets", "champion", "challenger", "change"), rows, folded=title)


def full_row(each: SetChange) -> tuple[str, ...]:
    return (
        f"{each.dataset}, {each.split}",
        macro_f1(each.champion),
        macro_f1(each.challenger),
        accuracy(each.champion),
        accuracy(each.challenger),
        f"{each.champion.calibration_error:.3f} → {each.challenger.calibration_error:.3f}",
        f"{each.negative_flip_rate:.1%}",
    )


def macro_f1(one: Standing) -> str:
    return f"{one.macro_f1:.3f} ({one.macro_f1_low:.3f} to {one.macro_f1_high:.3f})"


def accuracy(one: Standing) -> str:
    return f"{one.accuracy:.3f} ({one.accuracy_low:.3f} to {one.accuracy_high:.3f})"


def behaviours(proposal: Proposal) -> Iterator[Block]:
    yield Heading("Behavioural tests")
    for name, flipped in (("lost", proposal.behaviours_lost), ("gained", proposal.behaviours_gained)):
        if not flipped:
            yield Paragraph(f"None is {name}.")
            continue
        rows = [(each.capability, each.texts, each.expected, each.found, each.where) for each in flipped]
        head = ("capability", "texts", "expected", "challenger", "where")
        yield Paragraph(f"{len(flipped)} {name}:")
        yield Table(head, rows)


def people(learned: Learned) -> Iterator[Block]:
    yield Heading("What people said")
    times = "once" if learned.copies == 1 else f"{learned.copies} times"
    new = "" if learned.new_verdicts is None else f", {learned.new_verdicts:,} of them new since the proposal before"
    yield Paragraph(
        f"{learned.verdicts:,} verdicts were read (cursors {learned.since} to {learned.until}){new}. "
        f"{learned.labels:,} labelled tweets came of them: {learned.trained_on:,} were learned, each shown "
        f"{times}, {learned.held_out:,} were held out for the comparison, the rest set threshold and "
        f"calibration. {learned.train_tweets:,} tweets were trained on in all."
    )
    if learned.left_out:
        rows = [(each.reason, f"{each.corrections:,}") for each in learned.left_out]
        yield Table(("left out, because", "verdicts"), rows)
    if learned.distrusted:
        names = ", ".join(learned.distrusted)
        yield Paragraph(f"Left out because they contradict most of what others say of the same tweets: {names}.")
    if learned.trusted:
        yield Paragraph(f"Vouched for by whoever started this: {', '.join(learned.trusted)}.")
    contributed = [
        (each.name, f"{each.labels:,}", f"{each.share:.1%}", f"{each.against_model:,}") for each in learned.contributors
    ]
    head = ("person (pseudonym)", "tweets labelled", "share", "against the model")
    yield Table(head, contributed, folded=f"{len(contributed)} people")


def tweet_by_tweet(proposal: Proposal) -> Iterator[Block]:
    yield Heading("Tweet by tweet")
    yield Paragraph(
        f"Those that the challenger is surest of first, at most {SHOWN_FLIPS} of a kind; all are in proposal.json. Of "
        "tweets that people judged only the prediction's id stands here: their texts stay where they can be erased."
    )
    for each in proposal.sets:
        for name, flipped in (("lost", each.losses), ("gained", each.gains)):
            if flipped:
                title = f"{each.dataset}, {each.split}: {len(flipped):,} {name}"
                head = ("tweet", "right", "champion", "challenger")
                yield Table(head, flip_rows(flipped[:SHOWN_FLIPS]), folded=title)


def flip_rows(flipped: Sequence[Flip]) -> list[tuple[str, ...]]:
    return [(each.text or each.tweet, each.right, each.champion, each.challenger) for each in flipped]


def reason_of(proposal: Proposal) -> str:
    """The figures, for the journal."""
    figures = ", ".join(
        f"{each.dataset} {each.champion.macro_f1:.3f} to {each.challenger.macro_f1:.3f} ({each.size:,} tweets)"
        for each in proposal.sets
    )
    learned = f"learned from {proposal.learned.trained_on:,} tweets that people judged"
    return f"{learned}, passed the gate; macro-F1: {figures}"[:LONGEST_REASON]
