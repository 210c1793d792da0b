"""Workflow diagrams: nothing overlaps, no text leaves its box or page, everything declared is there."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import FancyBboxPatch, Polygon

from course_lib.errors import BadInput
from course_lib.show.colours import BLUE, GREY, PURPLE, RED
from course_lib.show.workflow_pictures import draw_workflow, workflow_diagram
from course_lib.workflow import FanOut, Guardrail, Input, Join, Router, Step, Vote, Workflow

LONG = "the personal information of everybody who is named anywhere in it"


def moderation(name="hate speech", voters=3):
    return Workflow("moderation", Input("post"), Vote(name, "{post}", voters=voters, strategy="majority"), Step("spam", "{post}"),
                    Join("report", reads=[name, "spam"], strategy="union"), on_failure="skip")


def support(name="technical"):
    return Workflow(
        "support", Input("ticket"),
        Router("triage", "{ticket}", routes={"money, or anything about an invoice": "billing", "machine": name}),
        Step("billing", "{ticket}"), Step(name, "{ticket}"), Step("details", f"{{{name}}} {{ticket}}"),
        Join("draft", reads=["billing", "details"], strategy="chosen"),
        Guardrail("safety", "{draft}", guards="answer", answers=("ok", "flag")),
        Step("answer", "{draft} {ticket}"), on_failure="skip",
    )


def research(name="findings"):
    return Workflow("research", Input("topic"), Step("plan", "{topic}"),
                    FanOut(name, "{plan}", over="plan", at_most=6, on_failure="skip"),
                    Join("report", f"{{{name}}} {{topic}}", strategy="synthesis"))


def places(picture):
    """(left, top, right, bottom) of every box and funnel; the small words on arrows are no boxes."""
    for patch in picture.figure.axes[0].patches:
        if isinstance(patch, FancyBboxPatch) and patch.get_height() > 20:
            yield patch.get_x(), patch.get_y(), patch.get_x() + patch.get_width(), patch.get_y() + patch.get_height()
        elif isinstance(patch, Polygon) and patch.get_gid() == "funnel":
            xs, ys = zip(*patch.get_xy(), strict=True)
            yield min(xs), min(ys), max(xs), max(ys)


def check(picture, count, inside):
    found = apart(picture, count)
    width, height = (size * 100 for size in picture.figure.get_size_inches())
    assert all(0 <= left < right <= width and 0 <= top < bottom <= height for left, top, right, bottom in found)
    inside(picture)


def apart(picture, count):
    """The places of so many boxes, none of which lies on another."""
    found = list(places(picture))
    assert len(found) == count
    for (l1, t1, r1, b1), (l2, t2, r2, b2) in itertools.combinations(found, 2):
        assert r1 < l2 or r2 < l1 or b1 < t2 or b2 < t1, "two boxes overlap"
    return found


@pytest.mark.parametrize("name", ["pii", LONG])
@pytest.mark.parametrize("make, count", [(moderation, 4), (support, 8), (research, 4)])
def test_every_kind_of_part(make, count, name, inside):
    check(draw_workflow(make(name)), count, inside)


def test_in_words():
    assert draw_workflow(moderation()).description == (
        "post → hate speech (3 voters, majority) and spam side by side → report (union). Critical path: hate speech → report."
    )


def shapes(picture, gid):
    return [patch for patch in picture.figure.axes[0].patches if patch.get_gid() == gid]


def titles(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


def test_a_vote_is_a_stack_and_a_join_a_funnel():
    assert [len(shapes(draw_workflow(moderation(voters=voters)), "ballot")) for voters in (1, 2, 3, 9)] == [0, 1, 2, 3]
    assert len(shapes(draw_workflow(moderation()), "funnel")) == 1
    words = titles(draw_workflow(moderation()))
    assert "stack: several calls at once" in words and "funnel: joins answers" in words


def test_the_critical_path_is_thick_not_only_coloured():
    picture = draw_workflow(moderation())
    (thick,), thin = shapes(picture, "critical"), shapes(picture, "arrow")
    assert len(thin) == 3 and all(thick.get_linewidth() > 2 * arrow.get_linewidth() for arrow in thin)
    assert "critical path" in titles(picture)


def test_the_title_is_the_claim():
    assert titles(draw_workflow(moderation()))[0] == "Moderation: 4 calls in the time of 1"
    assert titles(draw_workflow(research()))[0] == "Research: up to 8 calls in the time of 3"
    chain = Workflow("chain", Input("text"), Step("a", "{text}"), Step("b", "{a}"))
    assert titles(draw_workflow(chain))[0] == "Chain: 2 calls, one after another"
    assert titles(draw_workflow(chain, title="Two steps"))[0] == "Two steps"


def test_a_route_carries_its_answer_and_a_guardrail_a_dashed_line():
    picture = draw_workflow(support())
    assert "machine" in titles(picture) and "dashed: holds back unless ok" in titles(picture)
    assert any(line.is_dashed() for line in picture.figure.axes[0].lines)


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 9))
    reads = [["text", *(f"s{above}" for above in range(place) if draw(st.booleans()))] for place in range(count)]
    steps = [Step(f"s{place}", reads=names) for place, names in enumerate(reads)]
    return Workflow("w", Input("text"), *draw(st.permutations(steps)), on_failure="skip")


@settings(max_examples=12, deadline=None)
@given(graphs())
def test_random_graphs(flow):
    apart(draw_workflow(flow), len(flow.steps) + 1)


def test_a_script_prints_the_description(capsys):
    workflow_diagram(moderation())
    assert capsys.readouterr().out.startswith("post → hate speech (3 voters, majority)")


def test_bad_input():
    with pytest.raises(BadInput, match="draws a Workflow, not str"):
        draw_workflow("moderation")
    with pytest.raises(BadInput, match="these steps wait for each other"):
        draw_workflow(Workflow("w", Step("a", "{b}"), Step("b", "{a}")))


def test_nothing_colours_a_page():
    """Every face and edge is one of the four mid-tones, or see-through: so it reads on the light and on the dark theme."""
    from matplotlib.colors import to_hex, to_rgba

    for flow in (moderation(), support(), research()):
        for patch in draw_workflow(flow).figure.axes[0].patches:
            for color in (patch.get_facecolor(), patch.get_edgecolor()):
                seen = to_rgba(color)[3] > 0 and patch.get_linewidth() + (color == patch.get_facecolor()) > 0
                assert not seen or to_hex(color) in (BLUE, PURPLE, RED, GREY)
