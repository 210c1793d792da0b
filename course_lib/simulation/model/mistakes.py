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

import hashlib
import json
import math
from functools import lru_cache
from statistics import NormalDist

ITEM, MODEL, WORDING = 0.20, 0.15, 0.15
ODDS = {"claude-haiku-5-5": 1.0, "claude-sonnet-5-5": 0.5, "claude-opus-5-5": 0.3, "claude-haiku-4-5": 1.8}
SPLIT_ATTENTION = 0.8
"""How much each further consideration in the same prompt adds to the odds of a mistake."""

_NORMAL = NormalDist()


class Mistakes:
    """Decides, point by point, whether one reply gets it wrong."""

    def __init__(
        self,
        *,
        seed: int,
        model: str,
        wording: str,
        material: str,
        sample: int,
        considerations: float = 1,
        temperature: float = 1.0,
    ):
        self._odds = ODDS.get(model, 1.0) * (1 + SPLIT_ATTENTION * (max(1, considerations) - 1))
        self._shared = _shared_chance(seed, model, wording, material)
        self._share = (1 - ITEM - MODEL - WORDING) * temperature
        self._weight = math.sqrt(self._share)
        self._own = _source_of_samples(seed, "sample", material, model, wording).of(sample if temperature > 0 else 0)
        self._scale = math.sqrt(ITEM + MODEL + WORDING + self._share)

    def wrong(self, point: str, difficulty: float) -> bool:
        """Whether this reply gets `point` wrong; true in about `difficulty` of all cases for Haiku 5.5."""
        return self._score(point) < _threshold(self.chance(difficulty))

    def draw(self, what: str) -> float:
        """A number between 0 and 1 of this reply's own, for choices that are no mistakes."""
        return self._own.uniform(what)

    def chance(self, difficulty: float) -> float:
        """How often such a reply gets a point of this difficulty wrong: `chance_of_a_mistake` with its own odds."""
        return chance_of_a_mistake(difficulty, self._odds)

    def _score(self, point: str) -> float:
        score = self._shared.score(point)
        if self._share > 0:
            score += self._weight * _NORMAL.inv_cdf(self._own.uniform(point))
        return score / self._scale


def chance_of_a_mistake(difficulty: float, odds: float = 1.0) -> float:
    """How often a point of this difficulty goes wrong where the odds of a mistake are multiplied by `odds`.

    >>> chance_of_a_mistake(0.2), round(chance_of_a_mistake(0.2, ODDS["claude-opus-5-5"]), 3)
    (0.2, 0.07)
    """
    difficulty = min(max(difficulty, 0.0), 0.999)
    return odds * difficulty / (1 - difficulty + odds * difficulty)


class _Chance:
    """Numbers drawn from one source: `seeded.uniform(*source, what)`, with the source read once for all of them."""

    def __init__(self, *source: object):
        start = _encode(source)[:-1] + ","
        self._hash = hashlib.blake2b(start.encode("utf-8", "surrogatepass"), digest_size=16)

    def of(self, more: int) -> "_Chance":
        """The source with one more part to it."""
        narrower = object.__new__(_Chance)
        narrower._hash = self._hash.copy()
        narrower._hash.update(f"{more},".encode())
        return narrower

    def uniform(self, what: str) -> float:
        """Strictly between 0 and 1."""
        drawn = self._hash.copy()
        drawn.update(_last_part(what))
        return (int.from_bytes(drawn.digest()[:7], "big") + 0.5) / 2**56


@lru_cache(maxsize=4096)
def _last_part(what: str) -> bytes:
    return f"{_encode(what)}]".encode("utf-8", "surrogatepass")


class _SharedChance:
    """The part of the score that replies share when text, model and wording are the same."""

    def __init__(self, seed: int, model: str, wording: str, material: str):
        self._sources = (
            (math.sqrt(ITEM), _Chance(seed, "item", material)),
            (math.sqrt(MODEL), _Chance(seed, "model", material, model)),
            (math.sqrt(WORDING), _Chance(seed, "wording", material, wording)),
        )
        self._scores: dict[str, float] = {}

    def score(self, point: str) -> float:
        """The weighted sum of its three normal scores for one point."""
        if point not in self._scores:
            self._scores[point] = sum(
                weight * _NORMAL.inv_cdf(source.uniform(point)) for weight, source in self._sources
            )
        return self._scores[point]


@lru_cache(maxsize=4096)
def _shared_chance(seed: int, model: str, wording: str, material: str) -> _SharedChance:
    return _SharedChance(seed, model, wording, material)


@lru_cache(maxsize=4096)
def _source_of_samples(*source: object) -> _Chance:
    return _Chance(*source)


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode


@lru_cache(maxsize=4096)
def _threshold(chance: float) -> float:
    return _NORMAL.inv_cdf(chance) if chance > 0 else -math.inf
