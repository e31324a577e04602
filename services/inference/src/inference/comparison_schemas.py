"""What goes over the wire of comparisons: one text, and what each of two models says of it."""

from pydantic import BaseModel, Field

from inference.schemas import ModelReference, RequestBody, Text


class ComparisonRequest(RequestBody):
    text: Text


class ModelAnswered(BaseModel):
    label: str
    probability: float = Field(description="The probability of the given label.")
    probabilities: dict[str, float]
    abstained: bool = Field(description="True where the model is too unsure to be relied on.")
    model: ModelReference


class ComparisonAnswer(BaseModel):
    champion: ModelAnswered = Field(description="What a prediction would answer now.")
    challenger: ModelAnswered | None = Field(
        description="Null where no other model is in memory to challenge the champion, or where it fails on this text."
    )
