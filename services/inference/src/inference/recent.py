"""What a model answered lately: in a bad buzz most tweets are copies of a few.

A model gives one text one answer, so a copy costs a look instead of a run. It belongs to the model in memory and goes
with it.
"""

from inference.decision import Classification

# About 3 MB of tweets and answers. The oldest goes first: to keep the order of use too would cost each look more.
MOST_TEXTS = 4096
# Longer texts are few, and not copies.
LONGEST_TEXT = 300


class RecentAnswers:
    def __init__(self) -> None:
        self._answers: dict[str, Classification] = {}

    def get(self, text: str) -> Classification | None:
        return self._answers.get(text)

    def keep(self, text: str, answer: Classification) -> Classification:
        if len(text) <= LONGEST_TEXT:
            if len(self._answers) >= MOST_TEXTS:
                # Another thread may have removed the same one.
                self._answers.pop(next(iter(self._answers)), None)
            self._answers[text] = answer
        return answer
