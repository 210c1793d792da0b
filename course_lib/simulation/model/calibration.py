"""What the error model documents, worked out: how often a reply is wrong, and how alike the errors of two replies are.

The normal scores of two replies about the same point are correlated by what the replies share (`mistakes`):
the text always, the model and the wording perhaps, and at temperature 0 everything. From that and the two
chances of a mistake follows how often both are wrong (the bivariate normal distribution), and so the
correlation of their errors as 0 and 1, which is smaller than that of the scores.
Source of the integral: Z. Drezner and G. Wesolowsky, J. Stat. Comput. Simul. 35 (1990) 101, after Plackett (1954).
"""

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean

from course_lib.simulation.model.mistakes import ITEM, MODEL, ODDS, SPLIT_ATTENTION, WORDING, chance_of_a_mistake

_NORMAL = NormalDist()
_STEPS = 64


def expected_mistakes(difficulty: float, model: str = "claude-haiku-5-5", considerations: float = 1) -> float:
    """How often a model gets a point of this difficulty wrong, asked for so many things at once.

    >>> [round(expected_mistakes(0.3, model), 3) for model in ("claude-haiku-4-5", "claude-opus-5-5")]
    [0.435, 0.114]
    """
    return chance_of_a_mistake(difficulty, ODDS.get(model, 1.0) * (1 + SPLIT_ATTENTION * (max(1, considerations) - 1)))


def shared_variance(*, same_model: bool = True, same_wording: bool = True, temperature: float = 1.0) -> float:
    """The correlation of the normal scores of two samples about the same text, from 0 to 1.

    >>> [round(shared_variance(same_wording=same, temperature=t), 2) for same in (True, False) for t in (1.0, 0.5, 0.0)]
    [0.5, 0.67, 1.0, 0.35, 0.47, 0.7]
    """
    shared = ITEM + MODEL * same_model + WORDING * same_wording
    return shared / (ITEM + MODEL + WORDING + (1 - ITEM - MODEL - WORDING) * temperature)


def both_wrong(p: float, q: float, correlation: float) -> float:
    """How often two replies are wrong together, from their chances of a mistake and the correlation of their scores.

    >>> round(both_wrong(0.3, 0.3, 0.0), 4), round(both_wrong(0.3, 0.3, 1.0), 4), round(both_wrong(0.5, 0.5, 0.5), 4)
    (0.09, 0.3, 0.3333)
    """
    if min(p, q) <= 0 or correlation <= 0:
        return p * q
    if correlation >= 1:
        return min(p, q)
    h, k = _NORMAL.inv_cdf(p), _NORMAL.inv_cdf(q)
    end = math.asin(correlation)
    width = end / _STEPS
    weights = (
        (1 if step in (0, _STEPS) else 4 if step % 2 else 2) * _density(h, k, step * width)
        for step in range(_STEPS + 1)
    )
    return p * q + width / 3 * math.fsum(weights) / (2 * math.pi)


def _density(h: float, k: float, angle: float) -> float:
    return math.exp(-(h * h + k * k - 2 * h * k * math.sin(angle)) / (2 * math.cos(angle) ** 2))


def expected_correlation(p: float, q: float, correlation: float) -> float:
    """The correlation of two replies' errors as 0 and 1, which is what a labelled sample measures.

    >>> round(expected_correlation(0.3, 0.3, shared_variance()), 2)
    0.32
    """
    return pooled_correlation([p], [q], correlation)


def pooled_correlation(p: Sequence[float], q: Sequence[float], correlation: float) -> float:
    """The same over many items of different difficulty: that some are hard for both makes errors more alike still.

    >>> round(pooled_correlation([0.05, 0.5], [0.05, 0.5], shared_variance()), 2)
    0.49
    """
    together = fmean(both_wrong(one, other, correlation) for one, other in zip(p, q, strict=True))
    mine, theirs = fmean(p), fmean(q)
    spread = math.sqrt(mine * (1 - mine) * theirs * (1 - theirs))
    return (together - mine * theirs) / spread if spread else 0.0
