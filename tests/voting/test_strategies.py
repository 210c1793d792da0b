"""Every strategy against brute force over every ballot box, ties that no order decides, and what went wrong elsewhere."""

import functools
import itertools
import math
import random
from collections import Counter
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import BadInput
from course_lib.parallel import Outcome
from course_lib.voting import (
    Findings,
    Verdict,
    log_odds_weights,
    majority_vote,
    plain,
    plurality_vote,
    threshold_vote,
    unanimous_vote,
    union_vote,
    vote_with_confidence,
    vote_with_fallback,
    weighted_vote,
)
from course_lib.voting.voter_quality import wilson_interval

BALLOTS = st.lists(st.sampled_from(["a", "b", "c", None, TimeoutError("late")]), max_size=9)


def counted_by_hand(ballots):
    """(answer, status) from the definition: more than half, else a tie of the leaders, else no majority."""
    if not ballots:
        return None, "no votes"
    counts = {answer: sum(ballot == answer for ballot in ballots) for answer in set(ballots)}
    for answer, count in counts.items():
        if count > len(ballots) - count:
            return answer, "decided"
    leaders = [answer for answer, count in counts.items() if count == max(counts.values())]
    return None, "tie" if len(leaders) > 1 else "no majority"


@pytest.mark.parametrize("size", range(8))
def test_every_ballot_box_up_to_seven_votes_and_three_answers(size):
    for ballots in itertools.product("abc", repeat=size):
        verdict = majority_vote(ballots)
        assert (verdict.answer, verdict.status) == counted_by_hand(ballots), ballots
        assert verdict.tally == Counter(ballots)
        assert verdict.votes == size
        assert verdict.confidence == (max(Counter(ballots).values()) / size if size else 0.0)


@given(BALLOTS)
def test_nothing_is_hidden(ballots):
    verdict = majority_vote(ballots)
    assert verdict.abstentions == ballots.count(None)
    assert verdict.failures == sum(isinstance(ballot, Exception) for ballot in ballots)
    assert verdict.votes + verdict.abstentions + verdict.failures == len(ballots)
    assert verdict.agreement == f"{max(verdict.tally.values(), default=0)}/{verdict.votes}"


def test_the_tally_starts_with_the_most_votes():
    assert list(majority_vote([*"abbccc"]).tally.items()) == [("c", 3), ("b", 2), ("a", 1)]


def test_printed_its_numbers_are_short_and_kept_they_are_whole():
    verdict = majority_vote(["spam", "Spam", "ham", "spam", "ham", "spam", None])
    assert repr(verdict) == (
        "Verdict(answer='spam', status='decided', tally={'spam': 4, 'ham': 2}, abstentions=1, failures=0, "
        "confidence=0.667, interval=(0.3, 0.903))"
    )
    assert verdict.confidence == 4 / 6
    assert repr(union_vote([["XSS"], ["XSS"], []])).startswith("Findings(answer=('xss',), status='decided', tally={'xss': 2}")


def test_when_every_call_failed_nothing_is_decided():
    verdict = majority_vote([TimeoutError(), TimeoutError(), None])
    assert verdict == Verdict(None, "no votes", {}, abstentions=1, failures=2)
    assert (verdict.agreement, verdict.interval) == ("0/0", (0.0, 1.0))


def test_a_normaliser_that_finds_no_answer_makes_an_abstention():
    def only_known(ballot):
        return plain(ballot) if plain(ballot) in ("spam", "not spam") else None

    verdict = majority_vote(["Spam.", "I would say spam", "NOT SPAM", "spam"], normalize=only_known)
    assert (verdict.answer, verdict.tally, verdict.abstentions) == ("spam", {"spam": 2, "not spam": 1}, 1)


@pytest.mark.parametrize(("ballot", "answer"), [
    ("Spam", "spam"), (" SPAM.\n", "spam"), ('"spam"', "spam"), ("**Spam**", "spam"), ("not spam", "not spam"),
    ("unacceptable", "unacceptable"), ("not rejected", "not rejected"), ("A", "a"), ("5.0", "5.0"), ("-5", "-5"),
    ("“Spam”", "spam"), ('"spam\n"', "spam"), ("`spam`.", "spam"), ("‘spam’", "spam"), ("", None), ("…", None), (" \n", None),
])
def test_plain_changes_nothing_inside_an_answer(ballot, answer):
    assert plain(ballot) == answer


@given(st.integers(1, 60).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_interval_surrounds_the_share_and_solves_wilsons_equation(case):
    successes, trials = case
    low, high = wilson_interval(successes, trials)
    share = successes / trials
    assert 0.0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1.0
    for end in (low, high):  # the ends are where the share lies exactly 1.96 standard errors away
        assert (share - end) ** 2 == pytest.approx(1.96**2 * end * (1 - end) / trials, abs=1e-9)


def test_more_votes_narrow_the_interval():
    widths = [high - low for low, high in (wilson_interval(2 * n, 3 * n) for n in (1, 3, 10, 100))]
    assert widths == sorted(widths, reverse=True)


def test_ballots_may_be_the_outcomes_of_a_run():
    outcomes = [
        Outcome(0, "q", "ok", "Spam."), Outcome(1, "q", "ok", "spam"), Outcome(2, "q", "failed", None, ValueError("lost")),
    ]
    verdict = majority_vote(outcomes)
    assert (verdict.answer, verdict.agreement, verdict.failures) == ("spam", "2/2", 1)


# --- every strategy, every ballot box up to nine ballots -------------------------------------

LOST = TimeoutError("late")
QUORUMS = (None, 1, 2, 3, 5)
EVERY_BOX = [
    box for size in range(10) for box in itertools.combinations_with_replacement(("a", "b", None, LOST), size)
]


def majority_by_hand(a, b, silent):
    if a > b:
        return "a", "decided"
    return ("b", "decided") if b > a else (None, "tie")


def unanimous_by_hand(a, b, silent):
    if a > 0 and b == 0 and silent == 0:
        return "a", "decided"
    if b > 0 and a == 0 and silent == 0:
        return "b", "decided"
    return None, "needs human review"


def threshold_by_hand(a, b, silent, tenths):
    if a == b:
        return None, "tie"
    if 10 * max(a, b) < tenths * (a + b):
        return None, "below threshold"
    return ("a" if a > b else "b"), "decided"


@functools.cache
def lowest_believable(successes, n):
    """By search: the lowest true share that lies within 1.96 standard errors of what was seen."""
    shares = [step / 2000 for step in range(2001)]
    return min(true for true in shares if abs(successes / n - true) <= 1.96 * math.sqrt(true * (1 - true) / n))


def confidence_by_hand(a, b, silent, at_least):
    if a == b:
        return None, "tie"
    if lowest_believable(max(a, b), a + b) < at_least:
        return None, "below threshold"
    return ("a" if a > b else "b"), "decided"


STRATEGIES = {
    "majority": (majority_vote, majority_by_hand),
    "plurality": (plurality_vote, majority_by_hand),  # with two answers, most is more than half
    "unanimous": (unanimous_vote, unanimous_by_hand),
    **{
        f"threshold {tenths}/10": (partial(threshold_vote, share=tenths / 10), partial(threshold_by_hand, tenths=tenths))
        for tenths in (1, 5, 6, 7, 8, 9, 10)
    },
    "confidence": (partial(vote_with_confidence, at_least=0.4), partial(confidence_by_hand, at_least=0.4)),
    "equal weights": (lambda box, **how: weighted_vote(box, [1] * len(box), **how), majority_by_hand),
}


def by_hand(rule, box, quorum):
    """(answer, status) as the chapter says it, counted slowly."""
    a = sum(1 for ballot in box if ballot == "a")
    b = sum(1 for ballot in box if ballot == "b")
    if quorum is not None and a + b < quorum:
        return None, "no quorum"
    if a + b == 0:
        return None, "no votes"
    silent = len(box) - a - b
    if rule is unanimous_by_hand and quorum is not None:
        silent = 0  # the quorum says how many voices are enough
    return rule(a, b, silent)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_box_up_to_nine_ballots(name):
    decide, rule = STRATEGIES[name]
    assert len(EVERY_BOX) == 715
    for box in EVERY_BOX:
        for quorum in QUORUMS:
            verdict = decide(box, quorum=quorum)
            assert (verdict.answer, verdict.status) == by_hand(rule, box, quorum), (box, quorum)
            assert verdict.tally == {answer: n for answer, n in Counter(box).items() if isinstance(answer, str)}
            assert (verdict.abstentions, verdict.failures) == (box.count(None), box.count(LOST))
            assert (verdict.answer is None) == (verdict.status != "decided")


@pytest.mark.parametrize("name", STRATEGIES)
def test_order_never_decides(name):
    decide, _ = STRATEGIES[name]
    for size in range(1, 6):  # all orders
        for box in itertools.combinations_with_replacement(("a", "b", "c", None, LOST), size):
            assert len({repr(decide(list(order))) for order in set(itertools.permutations(box))}) == 1, box
    shuffled = random.Random(0)
    for box in shuffled.sample(EVERY_BOX, 60):  # some orders of larger boxes
        orders = [shuffled.sample(box, len(box)) for _ in range(5)]
        assert len({repr(decide(order)) for order in orders}) == 1, box


@pytest.mark.parametrize("name", STRATEGIES)
def test_another_vote_for_the_winner_never_dethrones_it(name):
    decide, _ = STRATEGIES[name]
    for size in range(1, 7):
        for box in itertools.combinations_with_replacement(("a", "b", "c", None, LOST), size):
            winner = decide(box).answer
            if winner is not None:
                more = decide([*box, winner])
                assert (more.answer, more.status) == (winner, "decided"), box


@given(BALLOTS, st.sampled_from(sorted(STRATEGIES)), st.randoms(use_true_random=False))
def test_names_of_the_answers_do_not_matter(ballots, name, shuffled):
    decide, _ = STRATEGIES[name]
    other = dict(zip("abc", shuffled.sample(["x", "y", "z"], 3), strict=True))
    verdict = decide(ballots)
    renamed = decide([other[ballot] if isinstance(ballot, str) else ballot for ballot in ballots])
    assert (renamed.answer, renamed.status) == (other.get(verdict.answer), verdict.status)


# --- each strategy's own -----------------------------------------------------------------------


def test_plurality_elects_what_no_majority_does():
    ballots = [*"aabcd"]
    assert (plurality_vote(ballots).answer, majority_vote(ballots).status) == ("a", "no majority")
    assert plurality_vote([*"aabbc"]).status == "tie"


def test_three_of_five_are_below_seventy_percent():
    verdict = threshold_vote(["yes"] * 3 + ["no"] * 2, share=0.7)
    assert (verdict.answer, verdict.status, verdict.agreement, verdict.confidence) == (None, "below threshold", "3/5", 0.6)
    assert threshold_vote(["yes"] * 7 + ["no"] * 3, share=0.7).answer == "yes"  # exactly 70 % is enough


@pytest.mark.parametrize("n", range(1, 60))
def test_a_share_that_is_exactly_reached_is_reached(n):
    for votes in range(n // 2 + 1, n + 1):
        ballots = ["yes"] * votes + ["no"] * (n - votes)
        assert threshold_vote(ballots, share=votes / n).status == "decided"


def test_silence_is_no_consent():
    assert unanimous_vote(["safe", "safe", "safe"]).answer == "safe"
    for silent in (None, LOST, "…"):
        assert unanimous_vote(["safe", "safe", silent]).status == "needs human review"
        assert unanimous_vote(["safe", "safe", silent], quorum=2).answer == "safe"
        assert unanimous_vote(["safe", "safe", silent], quorum=3).status == "no quorum"


def test_few_votes_cannot_promise_much():
    three, nine = vote_with_confidence(["a"] * 3, at_least=0.5), vote_with_confidence(["a"] * 9, at_least=0.5)
    assert (three.status, nine.status) == ("below threshold", "decided")
    assert three.confidence == nine.confidence == 1.0
    assert (three.interval[0], nine.interval[0]) == (wilson_interval(3, 3)[0], wilson_interval(9, 9)[0])


def test_the_heavier_voter_wins():
    ballots = {"large": "fraud", "small": "fine", "old": "fine"}
    verdict = weighted_vote(ballots, {"large": 2.5, "small": 1, "old": 1, "absent": 9})
    assert (verdict.answer, verdict.tally, verdict.agreement) == ("fraud", {"fraud": 2.5, "fine": 2}, "2.5/4.5")
    assert weighted_vote(ballots, {"large": 2, "small": 1, "old": 1}).status == "tie"
    assert weighted_vote(ballots.values(), [1, 1, 1]).answer == "fine"


def test_outcomes_are_weighed_by_their_item():
    outcomes = [Outcome(0, "large", "ok", "fraud"), Outcome(1, "small", "ok", "fine"), Outcome(2, "old", "failed", None, LOST)]
    verdict = weighted_vote(outcomes, {"large": 1, "small": 2, "old": 40})
    assert (verdict.answer, verdict.tally, verdict.failures) == ("fine", {"fine": 2, "fraud": 1}, 1)


def test_tenths_tie_in_any_order():
    for ballots in itertools.permutations([("a", 0.1), ("a", 0.2), ("b", 0.3)]):
        verdict = weighted_vote([answer for answer, _ in ballots], [weight for _, weight in ballots])
        assert (verdict.status, verdict.tally) == ("tie", {"a": 0.3, "b": 0.3})


@pytest.mark.parametrize("p", [0.51, 0.6, 0.7, 0.8, 0.9, 0.99])
def test_equal_log_odds_tie(p):
    weight = log_odds_weights([p])[0]
    for n in range(1, 6):
        assert weighted_vote(["a"] * n + ["b"] * n, [weight] * 2 * n).status == "tie"
        assert weighted_vote(["a"] * n + ["b"], [weight] * n + [math.fsum([weight] * n)]).status == "tie"
        assert weighted_vote([*"a" * n, *"bc"], [weight] * n + [weight * n / 3, weight * n * 2 / 3]).status == "no majority"


def test_equal_weights_tie_even_where_rounding_parts_them():
    verdict = weighted_vote(["a", "a", "b"], [0.076000000005, 1.3, 1.376000000005])
    assert len(set(verdict.tally.values())) == 2  # the twelfth digit of the sums differs …
    assert (verdict.answer, verdict.status) == (None, "tie")  # … and decides nothing


WEIGHED = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", None, LOST]), st.sampled_from([0, 0.1, 0.2, 0.3, 0.7, 1, 2, 1e-7])), max_size=8
)


@given(WEIGHED)
def test_weighted_against_exact_fractions(voices):
    sums = Counter()
    for ballot, weight in voices:
        if isinstance(ballot, str):
            sums[ballot] += Fraction(str(weight))
    sums = {answer: weight for answer, weight in sums.items() if weight}
    everything, lead = sum(sums.values()), max(sums.values(), default=0)
    leaders = [answer for answer, weight in sums.items() if weight == lead]
    verdict = weighted_vote([ballot for ballot, _ in voices], [weight for _, weight in voices])
    if not sums:
        expected = (None, "no votes")
    elif 2 * lead > everything:
        expected = (leaders[0], "decided")
    else:
        expected = (None, "tie" if len(leaders) > 1 else "no majority")
    assert (verdict.answer, verdict.status) == expected
    assert set(verdict.tally) == set(sums)


def test_one_heavy_voter_is_no_crowd():
    crowd, heavy = weighted_vote(["a"] * 9, [1] * 9), weighted_vote(["a"] * 9, [100] + [0.01] * 8)
    assert crowd.interval == majority_vote(["a"] * 9).interval
    assert heavy.interval[0] == pytest.approx(wilson_interval(1, 1)[0], abs=0.001)


def test_the_fallback_says_that_it_is_one():
    clear, split = ["allow", "allow", "flag"], ["allow", "flag", LOST]
    assert vote_with_fallback(clear, "ask a human") == majority_vote(clear)
    verdict = vote_with_fallback(split, "ask a human")
    assert (verdict.answer, verdict.status, verdict.failures) == ("ask a human", "tie", 1)
    verdict = vote_with_fallback(clear, "ask a human", decide=unanimous_vote)
    assert (verdict.answer, verdict.status) == ("ask a human", "needs human review")
    verdict = vote_with_fallback(clear, "ask a human", quorum=4)
    assert (verdict.answer, verdict.status) == ("ask a human", "no quorum")
    verdict = vote_with_fallback(["allow", LOST], "ask a human", decide=partial(majority_vote, quorum=2))
    assert (verdict.answer, verdict.status) == ("ask a human", "no quorum")  # a quorum of its own is kept
    with pytest.raises(BadInput, match="fallback=None decides nothing"):
        vote_with_fallback(clear, None)


# --- union ---------------------------------------------------------------------------------------


def union_by_hand(box, at_least):
    """{finding: support} of what stands, or None when there are too few ballots to say."""
    lists = [ballot for ballot in box if isinstance(ballot, tuple)]
    if len(lists) < at_least:
        return None
    support = {finding: sum(finding in ballot for ballot in lists) for finding in "xy"}
    return {finding: count for finding, count in support.items() if count >= at_least}


@pytest.mark.parametrize("at_least", [1, 2, 3])
def test_every_union_up_to_six_ballots(at_least):
    kinds = ((), ("x",), ("y",), ("x", "y"), None, LOST)
    for size in range(7):
        for box in itertools.combinations_with_replacement(kinds, size):
            found, expected = union_vote(box, at_least), union_by_hand(box, at_least)
            if expected is None:
                assert (found.answer, found.status in ("no quorum", "no votes")) == (None, True), box
            else:
                assert (found.status, {finding: found.tally[finding] for finding in found.answer}) == ("decided", expected)
            assert found.votes + found.abstentions + found.failures == size
            assert (found.abstentions, found.failures) == (box.count(None), box.count(LOST))


def test_support_says_how_many_found_it_and_what_was_dropped_stays_in_the_tally():
    found = union_vote([["XSS", "SQL injection"], {"xss"}, ("eval", "eval", " XSS. "), []], at_least=2)
    assert (found.answer, found.support, found.agreement) == (("xss",), {"xss": "3/4"}, "3/4")
    assert list(found.tally.items()) == [("xss", 3), ("eval", 1), ("sql injection", 1)]
    assert isinstance(found, Findings) and found.confidence == 0.75


def test_texts_are_read_as_json_and_what_is_none_abstains():
    found = union_vote(['["XSS"]', "```json\n[]\n```", "I see no problems.", '{"finding": "XSS"}'])
    assert (found.support, found.abstentions) == ({"xss": "1/2"}, 2)


def test_findings_that_are_no_texts():
    lists = [[{"line": 3, "kind": "XSS"}], [{"line": 3, "kind": "cross-site scripting"}, {"line": 9, "kind": "style"}]]
    assert union_vote(lists, normalize=lambda finding: finding["line"]).support == {3: "2/2", 9: "1/2"}
    with pytest.raises(BadInput, match=r"write a list of texts, or what makes two findings the same, such as normalize="):
        union_vote(lists)


def test_two_dead_reviewers_do_not_make_code_clean():
    found = union_vote([[], LOST, LOST], at_least=2)
    assert (found.answer, found.status, found.support) == (None, "no quorum", {})
    assert union_vote([[], LOST, LOST], at_least=2, quorum=1).status == "no quorum"
    assert union_vote([LOST, LOST]).status == "no votes"


# --- ballots of every kind -------------------------------------------------------------------------


def test_a_dict_of_ballots_is_counted_by_its_ballots_not_its_keys():
    assert majority_vote({"a": "spam", "b": "spam", "c": "ham"}).tally == {"spam": 2, "ham": 1}


def test_an_unfinished_outcome_is_a_failure_not_an_abstention():
    verdict = majority_vote([Outcome(0, "q", "ok", "spam"), Outcome(1, "q")])
    assert (verdict.failures, verdict.abstentions) == (1, 0)


def test_equal_counts_are_listed_by_name():
    assert list(majority_vote([*"bcaabc"]).tally) == ["a", "b", "c"]


# --- what went wrong elsewhere, and does not here ----------------------------------------------------


@pytest.mark.parametrize("dead", range(4))
def test_with_any_number_of_dead_voters_nothing_passes_that_the_living_did_not_let_pass(dead):
    for living in itertools.product(["harmful", "fine"], repeat=3 - dead):
        verdict = vote_with_fallback([*living, *[LOST] * dead], "human review", quorum=2)
        if verdict.answer == "fine":
            assert living.count("fine") > living.count("harmful") and len(living) >= 2
        assert verdict.failures == dead
