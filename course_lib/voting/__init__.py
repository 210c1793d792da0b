"""Voting: the same question asked several times, and one verdict that hides nothing.

    ballots = await ask_n_times(claude.ask, question, 5)
    verdict = majority_vote(ballots)

    strategies       ballots → verdict: majority, plurality, unanimous, weighted, threshold, union, confidence, fallback
    ballot_box       asking for ballots: same prompt, varied prompts, models, temperatures
    normalizing      what a ballot says, by a rule you can see
    counting         ballots read and tallied: `Verdict` and `Findings`
    early_stopping   when to stop asking: waves, and who leads by k
    voter_quality    accuracy, weights, correlation, effective number of votes
"""

from course_lib.voting.ballot_box import ask_n_times, ask_varied_models, ask_varied_prompts, ask_varied_temperatures
from course_lib.voting.counting import Findings, Verdict
from course_lib.voting.early_stopping import first_to_lead_by, vote_in_waves
from course_lib.voting.normalizing import json_list, plain
from course_lib.voting.strategies import (
    majority_vote,
    plurality_vote,
    threshold_vote,
    unanimous_vote,
    union_vote,
    vote_with_confidence,
    vote_with_fallback,
    weighted_vote,
)
from course_lib.voting.voter_quality import (
    effective_votes,
    log_odds_weights,
    majority_accuracy,
    measure_voters,
    more_votes_help,
)

__all__ = [
    "Findings", "Verdict", "ask_n_times", "ask_varied_models", "ask_varied_prompts", "ask_varied_temperatures",
    "effective_votes", "first_to_lead_by", "json_list", "log_odds_weights", "majority_accuracy", "majority_vote",
    "measure_voters", "more_votes_help", "plain", "plurality_vote", "threshold_vote", "unanimous_vote", "union_vote",
    "vote_in_waves", "vote_with_confidence", "vote_with_fallback", "weighted_vote",
]
