"""Running workflows: real overlap, exactly the calls that were promised, and nothing that fails ever lets anything pass."""

import asyncio
import itertools

import pytest

from course_lib.aggregation import Part
from course_lib.claude import connect, run_simulated
from course_lib.workflow import FanOut, Guardrail, Input, Join, Router, Step, Vote, Workflow, flag_if_any
from course_lib.workflow.work import read_list

CHECK = {"yes": "flag", "no": "ok"}
CHECKS = ["hate speech", "spam", "personal information", "copyright"]


def moderation(on_failure="human review", voters=3, strategy="majority", **settings):
    hate, *others = CHECKS
    return Workflow(
        "moderation",
        Input("post"),
        Vote(hate, f"{hate}? yes or no. {{post}}", voters=voters, strategy=strategy, answers=CHECK, **settings),
        *(Step(name, f"{name}? yes or no. {{post}}", answers=CHECK) for name in others),
        Join("report", reads=CHECKS, strategy="flag if any"),
        on_failure=on_failure,
    )


class RateLimited(Exception):
    status_code = 429


FAULTS = {
    "timeout": TimeoutError("no reply in time"),
    "429": RateLimited("rate limit"),
    "garbage": "lorem ipsum",
    "both answers": "yes and no",
    "nothing": "",
    "no text": None,
    "refusal": "No, I can't help with that.",
}
REPLIES = {"ok": "no", "flag": "Yes.", **FAULTS}


class Fake:
    """An `ask` of which every reply is scripted by the check that asks. A list of replies goes to the voters in turn."""

    def __init__(self, replies, seconds=3.0, slow=()):
        self.replies, self.seconds, self.slow = replies, seconds, dict(slow)
        self.prompts, self.in_flight, self.peak, self.cancelled = [], 0, 0, []

    async def __call__(self, prompt):
        name = prompt.split("?")[0]
        number = sum(before.split("?")[0] == name for before in self.prompts)
        self.prompts.append(prompt)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            await asyncio.sleep(self.slow.get(name, self.seconds))
        except asyncio.CancelledError:
            await asyncio.sleep(0.5)  # hanging up takes a moment
            self.cancelled.append(name)
            raise
        finally:
            self.in_flight -= 1
        reply = self.replies.get(name, "no")
        reply = reply[number % len(reply)] if isinstance(reply, list) else reply
        if isinstance(reply, Exception):
            raise reply
        return reply


def run(flow, ask, **inputs):
    return run_simulated(flow.run(ask, **(inputs or {"post": "Buy now!"})))


# --- moderation and its fault matrix ---------------------------------------------------------


def test_six_calls_overlap_and_take_the_time_of_one():
    flow, ask = moderation(), Fake({})
    result = run(flow, ask)
    assert (result.answer, result.status, result.problems) == ("ok", "decided", [])
    assert len(ask.prompts) == ask.peak == flow.estimate().calls == 6
    assert result.seconds == flow.estimate(seconds_per_call=3.0).seconds == 3.0
    assert result.beside("spam") == ["hate speech", "personal information", "copyright"]
    assert result.verdicts["hate speech"].agreement == "3/3"
    assert "copyright? yes or no. Buy now!" in ask.prompts


def expected(outcomes, policy):
    """What moderation must say: the rule in its shortest form, without anything of the library."""
    failed = [name for name, outcome in outcomes.items() if outcome not in ("ok", "flag")]
    if "flag" in outcomes.values() or (failed and policy == "flag"):
        return "flag"
    return None if failed else "ok"


@pytest.mark.parametrize("policy", ["human review", "flag"])
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("outcome", REPLIES)
def test_every_check_with_every_fault_never_fails_open(check, outcome, policy):
    flow = moderation(on_failure=policy)
    for other in ("ok", "flag"):
        outcomes = dict.fromkeys(CHECKS, "ok") | {CHECKS[(CHECKS.index(check) + 1) % 4]: other, check: outcome}
        ask = Fake({name: REPLIES[what] for name, what in outcomes.items()})
        result = run(flow, ask)
        assert result.answer == expected(outcomes, policy)
        assert result.status == ("needs human review" if result.answer is None else "decided")
        assert len(ask.prompts) == 6
        failed = outcome in FAULTS
        assert list(result.failures) == ([check] if failed else [])
        assert result.verdicts["report"].unchecked == ((check,) if failed else ())
        assert any(problem.startswith(f"{check}: failed") for problem in result.problems) == failed


def test_any_two_faults_at_once_never_fail_open():
    flow = moderation()
    for (one, two), (first, second) in itertools.product(itertools.combinations(CHECKS, 2), itertools.product(REPLIES, repeat=2)):
        outcomes = dict.fromkeys(CHECKS, "ok") | {one: first, two: second}
        result = run(flow, Fake({name: REPLIES[what] for name, what in outcomes.items()}))
        assert result.answer == expected(outcomes, "human review"), outcomes


@pytest.mark.parametrize("dead", FAULTS)
@pytest.mark.parametrize("ballots", list(itertools.combinations_with_replacement(["ok", "flag", "dead"], 3)), ids=str)
def test_dead_voters_never_decide(ballots, dead):
    flow = moderation()
    result = run(flow, Fake({"hate speech": [REPLIES[dead if ballot == "dead" else ballot] for ballot in ballots]}))
    ok, flag = ballots.count("ok"), ballots.count("flag")
    decided = "ok" if ok >= 2 else "flag" if flag >= 2 else None
    assert result.answer == decided
    assert result.steps["hate speech"].answer == decided
    assert sum("gave no ballot" in problem for problem in result.problems) == ballots.count("dead")
    assert result.verdicts["hate speech"].failures + result.verdicts["hate speech"].abstentions == ballots.count("dead")


def test_one_dead_voter_and_a_split_goes_to_a_human():
    result = run(moderation(), Fake({"hate speech": ["no", "yes", TimeoutError("late")]}))
    assert (result.answer, result.status) == (None, "needs human review")
    assert result.problems == [
        "hate speech: failed, the vote has no winner (tie, 1/2); a human must look",
        "hate speech: voter 3 gave no ballot: late",
    ]


def test_a_quorum_of_all_is_stricter():
    replies = {"hate speech": ["no", "no", TimeoutError("late")]}
    assert run(moderation(), Fake(replies)).answer == "ok"
    result = run(moderation(quorum=3), Fake(replies))
    assert result.answer is None and "2 of 3 ballots could be read, the quorum is 3" in result.problems[0]


@pytest.mark.parametrize(
    "strategy, ballots, answer",
    [
        ("plurality", ["yes", "yes", "no"], "flag"),
        ("unanimous", ["no", "no", "no"], "ok"),
        ("unanimous", ["no", "no", "yes"], None),
        ("unanimous", ["no", "no", "?"], None),
        ("threshold", ["no", "no", "yes"], None),
        ("threshold", ["no", "no", "no"], "ok"),
    ],
)
def test_every_strategy_by_its_name(strategy, ballots, answer):
    assert run(moderation(strategy=strategy), Fake({"hate speech": ballots})).answer == answer


def test_raise_cancels_and_awaits_the_others():
    flow, ask = moderation(on_failure="raise"), Fake({"spam": RateLimited("slow down")}, slow={"spam": 1.0})
    with pytest.raises(RateLimited) as raised:
        run(flow, ask)
    assert ask.in_flight == 0 and sorted(ask.cancelled) == sorted(["hate speech"] * 3 + CHECKS[2:])
    assert raised.value.steps == {}
    assert raised.value.__context__ is None


def test_of_two_failures_at_once_the_second_is_told_with_the_first():
    ask = Fake({"spam": RateLimited("slow down"), "copyright": RateLimited("not now")})
    with pytest.raises(RateLimited) as raised:
        run(moderation(on_failure="raise"), ask)
    said = [str(raised.value), *raised.value.__notes__]
    assert len(said) == 2
    assert all(any(words in one for one in said) for words in ("slow down", "not now"))


def test_raise_keeps_what_was_finished():
    ask = Fake({"spam": RateLimited("slow down")}, slow={"copyright": 1.0})
    with pytest.raises(RateLimited) as raised:
        run(moderation(on_failure="raise"), ask)
    assert raised.value.steps["copyright"].answer == "ok"


def test_a_cancelled_run_leaves_nothing_behind():
    ask = Fake({})

    async def call_off():
        async with asyncio.timeout(1.0):
            await moderation().run(ask, post="x")

    with pytest.raises(TimeoutError):
        run_simulated(call_off())
    assert ask.in_flight == 0 and len(ask.cancelled) == 6


def test_a_call_cancelled_from_outside_is_a_failure_of_its_step():
    result = run(moderation(), Fake({"spam": asyncio.CancelledError()}))
    assert (result.answer, list(result.failures)) == (None, ["spam"])


def test_flag_if_any_is_right_for_every_combination():
    for answers in itertools.product(["ok", "flag", None], repeat=3):
        named = dict(zip("abc", answers, strict=True))
        failed = {name: None for name, answer in named.items() if answer is None}
        flags = flag_if_any({name: answer for name, answer in named.items() if answer}, failed)
        assert flags.answer == ("flag" if "flag" in answers else None if failed else "ok")
        assert flags.unchecked == tuple(failed)
    assert flag_if_any({}).answer is None
    assert flag_if_any({"a": "maybe"}).answer is None


# --- planner, router, guardrail, chain -------------------------------------------------------


def research(on_failure="skip", at_most=4, strategy="concatenate"):
    return Workflow(
        "research",
        Input("topic"),
        Step("plan", "plan? {topic}"),
        FanOut("findings", "{plan}? in one line", over="plan", at_most=at_most, on_failure=on_failure),
        Join("report", reads="findings", strategy=strategy),
        on_failure="raise",
    )


def test_the_planner_decides_how_many_work():
    ask = Fake({"plan": "1. cost\n2. speed\n3. trust", "cost": "low", "speed": "high", "trust": "some"})
    result = run(research(), ask, topic="votes")
    assert len(ask.prompts) == 4 and ask.peak == 3 and result.seconds == 6.0
    assert result.steps["findings"].answer == (Part("cost", "low"), Part("speed", "high"), Part("trust", "some"))
    assert result.answer == "## cost\nlow\n\n## speed\nhigh\n\n## trust\nsome"


def test_too_long_a_plan_is_cut_and_said():
    ask = Fake({"plan": '["a", "b", "c", "d", "e"]'})
    result = run(research(), ask, topic="votes")
    assert len(ask.prompts) == 5 == research().estimate().calls
    assert result.problems == ["findings: 5 entries, but at_most=4; not worked on: ['e']"]


@pytest.mark.parametrize("policy, status", [("skip", "decided"), ("human review", "needs human review")])
def test_a_lost_worker_is_told(policy, status):
    ask = Fake({"plan": "a\nb", "a": "fine", "b": TimeoutError("late")})
    result = run(research(policy), ask, topic="votes")
    assert (result.answer, result.status) == ("## a\nfine", status)
    assert result.problems == ["findings: the worker for 'b' failed: late"]


def test_a_worker_may_end_the_run():
    with pytest.raises(TimeoutError):
        run(research("raise"), Fake({"plan": "a\nb", "b": TimeoutError("late")}), topic="votes")


@pytest.mark.parametrize("plan", ["[]", "{}", '{"a": 1}'])
def test_a_plan_that_is_no_list_of_work(plan):
    result = run(research("human review"), Fake({"plan": plan}), topic="votes")
    assert (result.answer, result.status) == (None, "needs human review")
    assert "findings" in result.failures


def test_all_workers_dead_is_a_failure():
    result = run(research("human review"), Fake({"plan": "a\nb", "a": "", "b": ""}), topic="votes")
    assert "none of 2 workers succeeded" in result.problems[0] and result.status == "needs human review"


def test_synthesis_is_one_more_call():
    flow = Workflow("w", Input("topic"), Step("plan", "plan? {topic}"),
                    FanOut("findings", "{plan}? one line", over="plan", at_most=3, on_failure="skip"),
                    Join("report", "report? {findings}", strategy="synthesis"))
    ask = Fake({"plan": "a\nb", "a": "one", "b": "two", "report": "all"})
    assert run(flow, ask, topic="x").answer == "all"
    assert ask.prompts[-1] == "report? a: one\n\nb: two"


def test_a_list_that_is_given_fans_out_too():
    flow = Workflow("w", Input("pages"), FanOut("notes", "note? {pages}", over="pages", at_most=9, on_failure="skip"))
    result = run(flow, Fake({"note": ["first", "second"]}), pages=["page 1", "page 2"])
    assert [part.answer for part in result.answer] == ["first", "second"]


def support():
    return Workflow(
        "support", Input("ticket"),
        Router("triage", "triage? {ticket}", routes={"money": "billing", "machine": "technical"}),
        Step("billing", "billing? {ticket}"),
        Step("technical", "technical? {ticket}"),
        Step("details", "details? {technical}"),
        Join("draft", reads=["billing", "details"], strategy="chosen"),
        on_failure="human review",
    )


@pytest.mark.parametrize("route, calls, answer", [("money", 2, "B"), ("Machine.", 3, "D")])
def test_only_the_chosen_route_runs(route, calls, answer):
    ask = Fake({"triage": route, "billing": "B", "technical": "T", "details": "D"})
    result = run(support(), ask, ticket="help")
    assert (result.answer, result.status, len(ask.prompts), result.problems) == (answer, "decided", calls, [])


def test_a_chosen_route_that_fails_sends_it_to_a_human():
    result = run(support(), Fake({"triage": "money", "billing": TimeoutError("late")}), ticket="help")
    assert (result.answer, result.status) == (None, "needs human review")
    assert result.problems[0] == "billing: failed, late; a human must look" and result.steps["draft"].status == "not run"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_router_that_fails_sends_it_to_a_human(fault):
    ask = Fake({"triage": FAULTS[fault]})
    result = run(support(), ask, ticket="help")
    assert (result.answer, result.status, len(ask.prompts)) == (None, "needs human review", 1)
    assert "triage" in result.failures and any("chose no route" in problem for problem in result.problems)


def chat(on_failure=None):
    return Workflow(
        "chat", Input("question"),
        Step("answer", "answer? {question}"),
        Guardrail("safety", "safety? {question}", guards="answer", answers=("flag", "ok"), on_failure=on_failure),
        Step("polish", "polish? {answer}"),
        on_failure="human review",
    )


def test_the_guardrail_runs_beside_and_lets_pass():
    ask = Fake({"safety": "OK", "answer": "42", "polish": "It is 42."})
    result = run(chat(), ask, question="?")
    assert (result.answer, result.status, result.seconds) == ("It is 42.", "decided", 6.0)
    assert result.beside("answer") == ["safety"] and ask.prompts[-1] == "polish? 42"


@pytest.mark.parametrize("policy", ["human review", "flag"])
@pytest.mark.parametrize("slow", [{"safety": 1.0}, {"safety": 3.0}, {"safety": 5.0}], ids=["first", "together", "last"])
@pytest.mark.parametrize("said", ["flag", *FAULTS])
def test_the_guardrail_holds_back_whatever_is_not_ok(said, slow, policy):
    ask = Fake({"safety": REPLIES[said] if said in FAULTS else said, "answer": "the secret"}, slow=slow)
    result = run(chat(policy), ask, question="?")
    assert result.status == "withheld" and result.answer is None
    assert "the secret" not in repr(result) and "the secret" not in repr(result.steps)
    assert not any(prompt.startswith("polish") for prompt in ask.prompts)
    assert ask.in_flight == 0 and result.steps["answer"].status == "withheld"


def test_a_guardrail_that_objects_first_calls_the_answer_off():
    ask = Fake({"safety": "flag"}, slow={"safety": 1.0, "answer": 9.0})
    result = run(chat(), ask, question="?")
    assert ask.cancelled == ["answer"] and result.seconds == 1.5
    assert result.problems[0] == "answer: withheld, 'safety' said 'flag'"


def test_a_guarded_result_is_held_back_too():
    flow = Workflow("chat", Input("q"), Guardrail("safety", "safety? {q}", guards="answer", answers=("flag", "ok")),
                    Step("answer", "answer? {q}"), on_failure="human review")
    slow = {"safety": 9.0}
    assert run(flow, Fake({"safety": "ok", "answer": "42"}, slow=slow), q="x").answer == "42"
    result = run(flow, Fake({"safety": "flag", "answer": "42"}, slow=slow), q="x")
    assert (result.answer, result.status) == (None, "withheld")


def test_a_step_without_its_input_does_not_run():
    first = Step("a", "a? {text}", on_failure="human review")
    flow = Workflow("w", Input("text"), first, Step("b", "b? {a}", on_failure="raise"))
    ask = Fake({"a": ""})
    result = run(flow, ask, text="x")
    assert len(ask.prompts) == 1 and (result.answer, result.status) == (None, "needs human review")
    assert result.problems[1] == "b: not run, 'a' has no answer; a human must look"


def test_a_chain_without_any_policy_raises():
    with pytest.raises(TimeoutError):
        run(Workflow("w", Input("text"), Step("a", "a? {text}")), Fake({"a": TimeoutError()}), text="x")


def test_a_part_that_is_missing_is_told():
    flow = Workflow("w", Input("text"), Step("a", "a? {text}"), Step("b", "b? {text}"),
                    Join("j", reads=["a", "b"], strategy="concatenate"), on_failure="skip")
    result = run(flow, Fake({"a": "one", "b": TimeoutError("late")}), text="x")
    assert result.answer == "## a\none\n\n## b\n(missing)"
    assert result.problems == ["b: failed, late", "j: 'b' is missing from it"]


def test_votes_in_sections_joined_by_a_function_of_mine():
    def longest(parts):
        return max(parts, key=lambda part: len(part.answer)).title

    flow = Workflow("w", Input("text"), *(Vote(name, f"{name}? {{text}}", voters=3, strategy="majority") for name in "ab"),
                    Join("j", reads=["a", "b"], strategy=longest), on_failure="skip")
    ask = Fake({"a": ["yes", "Yes.", "no"], "b": "perhaps"})
    assert run(flow, ask, text="x").answer == "b" and ask.peak == 6


def test_varied_prompts_and_models_go_to_the_voters_in_turn():
    seen = []

    async def ask(prompt, model=None):
        seen.append((prompt, model))
        return "yes"

    models = ["claude-haiku-5-5", "claude-sonnet-5-5"]
    vote = Vote("v", ["one {text}", "two {text}", "three {text}"], model=models, strategy="majority", on_failure="raise")
    run(Workflow("w", Input("text"), vote), ask, text="x")
    assert seen == [("one x", models[0]), ("two x", models[1]), ("three x", models[0])]


def test_a_union_of_findings_may_be_empty():
    flow = Workflow("w", Input("code"), Vote("bugs", "bugs? {code}", voters=3, strategy="union"), on_failure="human review")
    found = run(flow, Fake({"bugs": ['["line 3"]', '["line 3", "line 9"]', "[]"]}), code="x")
    assert list(found.answer) == ["line 3", "line 9"] and found.status == "decided"
    nothing = run(flow, Fake({"bugs": "[]"}), code="x")
    assert list(nothing.answer) == [] and nothing.status == "decided" and nothing.problems == []
    garbage = run(flow, Fake({"bugs": "none that I see"}), code="x")
    assert garbage.answer is None and garbage.status == "needs human review"


def test_aspects_times_voters_joined_by_union():
    aspects = ["security", "style"]
    flow = Workflow("review", Input("code"),
                    *(Vote(name, f"{name}? {{code}}", voters=3, strategy="union") for name in aspects),
                    Join("report", reads=aspects, strategy="union"), on_failure="human review")
    result = run(flow, Fake({"security": ['["line 3"]', "[]", '["line 9", "line 3"]'], "style": '["line 9"]'}), code="x")
    assert [(one.entry, one.found_by) for one in result.answer] == [("line 3", ("security",)), ("line 9", ("security", "style"))]
    sections = Workflow("review", Input("code"), *(Step(name, f"{name}? {{code}}") for name in aspects),
                        Join("report", reads=aspects, strategy="union"), on_failure="human review")
    result = run(sections, Fake({"security": '["line 3"]', "style": '["line 3", "line 4"]'}), code="x")
    assert [one.support for one in result.answer] == [2, 1]
    unreadable = run(sections, Fake({"security": "none", "style": "[]"}), code="x")
    assert (unreadable.answer, unreadable.status, list(unreadable.failures)) == (None, "needs human review", ["report"])


def test_the_log_holds_this_runs_calls_under_the_steps_names():
    claude = connect(sdk=False, seconds_per_call=3.0)
    flow = Workflow("w", Input("mail"), Vote("spam", "Is this spam? yes or no only. <email>{mail}</email>", voters=3,
                                             strategy="majority", answers=("yes", "no"), on_failure="human review"))
    result = run(flow, claude.ask, mail="Hi Ann, lunch at noon?")
    assert result.answer == "no" and result.status == "decided"
    assert [call.label for call in result.log] == ["spam"] * 3 and result.log.makespan == 3.0
    assert repr(result) == "<decided: 'no'; 3.0 s; no problems>"


def test_lists_are_read_from_lines_and_from_json():
    assert read_list("- a\n\n* b\n3) c\n4 eggs") == ["a", "b", "c", "4 eggs"]
    assert read_list('[1, "b"]') == [1, "b"] and read_list(["x"]) == ["x"]
