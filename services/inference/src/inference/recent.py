"""What a model answered lately: in a bad buzz most tweets are copies of a few.

A model gives one text one answer, so a copy costs a look instead of a run. It belongs to the model in memory and goes
with it.
"""

from inference.decision import Classification

# About 3 MB of tweets and answers, in two halves: when the new one is full, it becomes the old one and that is gone.
HALF_TEXTS = 2048
# Longer texts are few, and not copies.
LONGEST_TEXT = 300

Answers = dict[str, Classification]


class RecentAnswers:
    def __init__(self) -> None:
        self._new: Answers = {}
        self._old: Answers = {}

    def get(self, text: str) -> Classification | None:
        return self._new.get(text) or self._old.get(text)

    def keep(self, text: str, answer: Classification) -> Classification:
        if len(text) <= LONGEST_TEXT:
            if len(self._new) >= HALF_TEXTS:
                self._new, self._old = {}, self._new
            self._new[text] = answer
        return answer
