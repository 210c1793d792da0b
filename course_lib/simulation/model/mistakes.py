"""When the simulated model is wrong: seeded, more often on hard points, and alike for like prompts.

Every point of an answer has a difficulty p: how often Haiku 5.5, as simulated, gets it wrong.
Other models scale the odds of that (`ODDS`); asking for several things in one prompt raises
them (`SPLIT_ATTENTION`). Whether this very reply is wrong is decided by a normal score that is
partly shared (a Gaussian copula), so that mistakes correlate as they do between real calls:

    share of the score's variance     shared by replies that have in common
    ITEM       0.20                   the text (its traps mislead every model)
    MODEL      0.15                   text and model
    WORDING    0.15                   text and wording of the prompt
    the rest   0.50                   nothing: every sample draws its own

So two samples of one prompt have correlation .50 on that scale, two wordings .35, two models .35.
These numbers are set for teaching; they are not measurements of any real model.
"""

import math
from functools import lru_cache
from statistics import NormalDist

from course_lib.simulation.seeded import uniform

ITEM, MODEL, WORDING = 0.20, 0.15, 0.15
ODDS = {"claude-haiku-5-5": 1.0, "claude-sonnet-5-5": 0.5, "claude-opus-5-5": 0.3, "claude-haiku-4-5": 1.8}
SPLIT_ATTENTION = 0.8
"""How much each further consideration in the same prompt adds to the odds of a mistake."""

_NORMAL = NormalDist()


class Mistakes:
    """Decides, point by point, whether one reply gets it wrong."""

    def __init__(self, *, seed: int, model: str, wording: str, material: str, sample: int, considerations: float = 1,
                 temperature: float = 1.0):
        self._odds = ODDS.get(model, 1.0) * (1 + SPLIT_ATTENTION * (max(1, considerations) - 1))
        self._sources = (
            (ITEM, (seed, "item", material)),
            (MODEL, (seed, "model", material, model)),
            (WORDING, (seed, "wording", material, wording)),
        )
        own = (1 - ITEM - MODEL - WORDING) * temperature
        self._own = (own, (seed, "sample", material, model, wording, sample if temperature > 0 else 0))
        self._scale = math.sqrt(ITEM + MODEL + WORDING + own)

    def wrong(self, point: str, difficulty: float) -> bool:
        """Whether this reply gets `point` wrong; true in about `difficulty` of all cases for Haiku 5.5."""
        return self._score(point) < _threshold(self._chance(difficulty))

    def draw(self, what: str) -> float:
        """A number between 0 and 1 of this reply's own, for choices that are no mistakes."""
        return uniform(*self._own[1], what)

    def _chance(self, difficulty: float) -> float:
        difficulty = min(max(difficulty, 0.0), 0.999)
        return self._odds * difficulty / (1 - difficulty + self._odds * difficulty)

    def _score(self, point: str) -> float:
        parts = (*self._sources, self._own) if self._own[0] > 0 else self._sources
        return sum(math.sqrt(share) * _NORMAL.inv_cdf(uniform(*source, point)) for share, source in parts) / self._scale


@lru_cache(maxsize=4096)
def _threshold(chance: float) -> float:
    return _NORMAL.inv_cdf(chance) if chance > 0 else -math.inf
