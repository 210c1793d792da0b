"""A hundred and twenty customer texts with their truth: eighty reviews and forty support tickets."""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

SENTIMENTS = ("positive", "negative", "neutral", "mixed")
TOPICS = ("delivery", "price", "quality", "battery", "support", "packaging", "setup", "refund", "account")
URGENCIES = ("low", "medium", "high")


@dataclass(frozen=True)
class Review:
    """What a customer of Voltkorb, a made-up shop for household electronics, wrote.

    kind: "review" or "ticket". sentiment: one of SENTIMENTS. topics: some of TOPICS. urgency: one of URGENCIES.
    entities: the products named in the text, spelled as there.
    difficulty: share of hurried readers who would get the sentiment of a review, or the urgency of a
    ticket, wrong; 0.02 to 0.65. Their author judged all of it; no program did.
    """

    id: str
    kind: str
    text: str
    sentiment: str
    topics: tuple[str, ...]
    urgency: str
    entities: tuple[str, ...]
    difficulty: float


def reviews() -> list[Review]:
    """The texts, always in the same, mixed order.

    >>> len(reviews()), sum(review.kind == "ticket" for review in reviews())
    (120, 40)
    """
    return list(_read())


@lru_cache(maxsize=1)
def _read() -> tuple[Review, ...]:
    text = files("course_lib.data").joinpath("reviews.json").read_text(encoding="utf-8")
    rows = json.loads(text)["reviews"]
    return tuple(Review(**{**row, "topics": tuple(row["topics"]), "entities": tuple(row["entities"])}) for row in rows)
