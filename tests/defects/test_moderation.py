"""Four mistakes of one moderation pipeline: it fails open, forgets the human, breaks on a time-out, and runs a check too late."""

import asyncio
from collections import Counter

import pytest

from course_lib.claude import run_simulated
from course_lib.parallel import run_parallel
from course_lib.voting import vote_with_fallback
from course_lib.workflow import Input, Join, Step, Vote, Workflow

CHECK = {"yes": "flag", "no": "ok"}
HUMAN = "needs human review"


def voters(*replies, seconds=1.0):
    """An `ask` for each of whose calls a reply is written down: a text, or the exception of a dead voter."""
    line = iter(replies)

    async def ask(_prompt):
        reply = next(line)
        await asyncio.sleep(seconds)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return ask


def dead():
    return ConnectionError("no reply")


async def ballots_of(ask, count):
    return await asyncio.gather(*(ask("Harmful? yes or no. A post") for _ in range(count)), return_exceptions=True)


def moderation(voters):
    return Workflow(
        "moderation", Input("post"),
        Vote("harm", "Harmful? yes or no. {post}", voters=voters, strategy="majority", quorum=2, answers=CHECK),
        Join("report", reads="harm", strategy="flag if any"), on_failure="human review",
    )


async def ours(ask, count):
    """"reject", "approve" or "needs human review", for a post that so many voters are asked about."""
    result = await moderation(count).run(ask, post="A post")
    return {"flag": "reject", "ok": "approve"}.get(result.answer, result.status)


# --- 1. one dead voter, a tie, and the post is through ------------------------------------------


async def broken_moderation(ask, count):
    votes = [vote for vote in await ballots_of(ask, count) if isinstance(vote, str)]
    return "reject" if votes.count("yes") > count / 2 else "approve"


def demand_closed(moderate):
    """One for, one against, one dead: the post does not go through."""
    assert run_simulated(moderate(voters("yes", "no", dead()), 3)) != "approve"


def test_the_broken_way_fails_open():
    assert run_simulated(broken_moderation(voters("yes", "no", dead()), 3)) == "approve"
    with pytest.raises(AssertionError):
        demand_closed(broken_moderation)


def test_ours_fails_closed_and_asks_a_human():
    demand_closed(ours)
    assert run_simulated(ours(voters("yes", "no", dead()), 3)) == HUMAN


# --- 2. too few votes become a rejection --------------------------------------------------------


async def broken_quorum(ask, count):
    """The vote says that a human must look; whoever reads it knows two words only."""
    votes = Counter(vote for vote in await ballots_of(ask, count) if isinstance(vote, str))
    verdict = "insufficient votes" if sum(votes.values()) < 2 else "ok" if votes["no"] > votes["yes"] else "flag"
    return "approve" if verdict == "ok" else "reject"


def demand_a_human(moderate):
    """With a single vote, a human decides."""
    assert run_simulated(moderate(voters("no", dead(), dead()), 3)) == HUMAN


def test_the_broken_way_rejects_what_nobody_objected_to():
    assert run_simulated(broken_quorum(voters("no", dead(), dead()), 3)) == "reject"
    with pytest.raises(AssertionError):
        demand_a_human(broken_quorum)


def test_ours_keeps_the_human_review():
    demand_a_human(ours)
    verdict = vote_with_fallback(["no", dead(), dead()], HUMAN, quorum=2)
    assert (verdict.answer, verdict.status, verdict.failures) == (HUMAN, "no quorum", 2)


# --- 3. the time-out path that nobody ran -------------------------------------------------------


async def broken_timeout(ask, count):
    try:
        async with asyncio.timeout(2):
            votes = await ballots_of(ask, count)
    except TimeoutError:
        return fallback_decision  # noqa: F821  the mistake: it never got a value, and no test came here
    return "reject" if votes.count("yes") > count / 2 else "approve"


async def ours_in_time(ask, count):
    ballots = await run_parallel(ask, ["Harmful? yes or no. A post"] * count, seconds_per_item=2, on_error="collect")
    return {"yes": "reject", "no": "approve"}.get(vote_with_fallback(ballots, HUMAN, quorum=2).answer, HUMAN)


def demand_a_decision_in_time(moderate):
    """Voters who are too slow leave the decision to a human, and nobody waits for them."""

    async def main():
        return await moderate(voters("no", "no", "no", seconds=60), 3), asyncio.get_running_loop().time()

    assert run_simulated(main()) == (HUMAN, 2.0)


def test_the_broken_way_breaks_in_the_time_out_path_only():
    assert run_simulated(broken_timeout(voters("no", "no", "no"), 3)) == "approve"
    with pytest.raises(NameError, match="fallback_decision"):
        demand_a_decision_in_time(broken_timeout)


def test_ours_decides_when_time_is_up():
    demand_a_decision_in_time(ours_in_time)


# --- 4. a check that should run beside the others waits for one of them -------------------------


def checks(*, late: bool):
    """Two checks and their join. late: the spam check reads the other's answer, which it does not need."""
    reads = "After {harm}: spam" if late else "Spam"
    return Workflow(
        "moderation", Input("post"), Step("harm", "Harmful? yes or no. {post}", answers=CHECK),
        Step("spam", f"{reads}? yes or no. {{post}}", answers=CHECK),
        Join("report", reads=["harm", "spam"], strategy="flag if any"), on_failure="human review",
    )


def demand_side_by_side(flow):
    """Both checks at once: in the drawing, in the estimate and in the run."""
    result = run_simulated(flow.run(voters("no", "no", seconds=3.0), post="A post"))
    assert (flow.generations[0], flow.estimate(seconds_per_call=3.0).seconds, result.seconds) == (["harm", "spam"], 3.0, 3.0)


def test_the_broken_graph_takes_twice_as_long():
    late = checks(late=True)
    result = run_simulated(late.run(voters("no", "no", seconds=3.0), post="A post"))
    assert (late.generations, result.seconds, result.beside("spam")) == ([["harm"], ["spam"], ["report"]], 6.0, [])
    with pytest.raises(AssertionError):
        demand_side_by_side(late)


def test_our_graph_says_and_does_what_was_meant():
    demand_side_by_side(checks(late=False))


def test_the_difference_between_the_two_is_found():
    late, meant = checks(late=True), checks(late=False)
    assert late.beside("spam") == [] != meant.beside("spam")
    assert late.differences(meant) == ["'spam' waits for 'harm'; in the other graph the two run side by side."]
