"""What the loop's demonstration gained and lost: the champion before and after, on tweets that neither was shown."""

from dataclasses import dataclass

import numpy as np
from loop_data import Labelled, Story

from trainer.bundle import Bundle
from trainer.dataset import Tweets, load_dataset
from trainer.evaluation import Evaluation, evaluate
from trainer.settings import Settings
from trainer.significance import macro_f1_interval, mcnemar

WANTED_GAIN, MOST_LOST = 0.05, 0.005


@dataclass(frozen=True)
class Standing:
    """One champion on the unseen half of the new tweets, and on the test side of what it was trained on."""

    unseen: Evaluation
    kept: Evaluation


def standing(bundle: Bundle, story: Story, settings: Settings) -> Standing:
    labels = tuple(bundle.card.labels)
    name = story.champion_data
    kept = load_dataset(name, data_dir=settings.data_dir, sample_dir=settings.sample_dir, labels=labels).test
    return Standing(
        evaluate(bundle, as_tweets(story.unseen, labels), dataset="unseen", split="all"),
        evaluate(bundle, kept, dataset=story.kept, split="test"),
    )


def as_tweets(tweets: list[Labelled], labels: tuple[str, ...]) -> Tweets:
    return Tweets([tweet.text for tweet in tweets], np.array([labels.index(tweet.label) for tweet in tweets]))


def report(before: Standing, after: Standing, story: Story) -> str:
    lines = ["", f"{'macro-F1':24} {'tweets':>7}  {'before':>22}  {'after':>22}   difference, McNemar"]
    for name, old, new in (
        ("airline, never shown", before.unseen, after.unseen),
        (story.kept, before.kept, after.kept),
    ):
        gain = 100 * (new.scores.macro_f1 - old.scores.macro_f1)
        p_value = mcnemar(new.truth == new.chosen, old.truth == old.chosen)
        lines.append(
            f"{name:24} {new.scores.size:7,}  {shown(old):>22}  {shown(new):>22}   {gain:+.1f} points, p {p_value:.1g}"
        )
    return "\n".join([*lines, "", outcome(before, after, story)])


def shown(found: Evaluation) -> str:
    low, high = macro_f1_interval(found.truth, found.chosen, len(found.labels), seed=1)
    return f"{found.scores.macro_f1:.3f} ({low:.3f} to {high:.3f})"


def outcome(before: Standing, after: Standing, story: Story) -> str:
    if not story.is_real:
        return "On data/sample: a demonstration of the way; the figures say nothing about real tweets."
    gained = after.unseen.scores.macro_f1 - before.unseen.scores.macro_f1
    lost = before.kept.scores.macro_f1 - after.kept.scores.macro_f1
    good = gained >= WANTED_GAIN and lost <= MOST_LOST
    asked = f"at least {100 * WANTED_GAIN:.0f} points more, at most {100 * MOST_LOST:.1f} lost"
    return f"Asked for: {asked}. {'That holds.' if good else 'That does NOT hold.'}"
