"""The whole model: reads, decides, errs, says; and says plainly what it does not know."""

import asyncio
import json
import os
import re
import subprocess
import sys

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.simulation.api.validation import OLD_VERSION
from course_lib.simulation.model import simulated_model
from course_lib.simulation.model.decisions import Finding, Label, Listing, Statement, Text
from course_lib.simulation.model.simulated_model import DONT_KNOW, NO_MATERIAL, reply


class Colour:
    name, cues = "colour", re.compile(r"\bcolou?r\b", re.I)

    def decide(self, prompt):
        value = "red" if "red" in prompt.material.lower() else "blue"
        return Label(value, {"red": ("warm",), "blue": ("cold",), "grey": ()}, difficulty=0.3, slip="grey")


class Words:
    name, cues = "words", re.compile(r"\bwords\b", re.I)

    def decide(self, prompt):
        return Listing(tuple(Finding({"word": word}, 0.3) for word in prompt.material.split()), "none",
                        false_alarms=(Finding({"word": "ghost"}, 0.3),))


class Retelling:
    name, cues = "retelling", re.compile(r"\bretell\b", re.I)

    def decide(self, prompt):
        return Text((Statement("First.", 0.3, "Wrong."), Statement("Second.", 0.3)))


@pytest.fixture(autouse=True)
def skills(monkeypatch):
    monkeypatch.setattr(simulated_model, "SKILLS", (Colour(), Words(), Retelling()))


def body(prompt, model="claude-haiku-5-5", **more):
    return {"model": model, "max_tokens": 500, "messages": [{"role": "user", "content": prompt}]} | more


def replies(prompt, count=400, **more):
    return [reply(body(prompt, **more), seed=seed, sample=0) for seed in range(count)]


def share(texts, wanted):
    return sum(text == wanted for text in texts) / len(texts)


# --- what it reads and says ----------------------------------------------------------------------


def test_it_reads_the_text_and_not_the_question():
    for text, right in (("The red car.", "red"), ("The sea.", "blue")):
        said = replies(f"Which color is it, red or blue or grey? One word only. <text>{text}</text>")
        assert share(said, right) == pytest.approx(0.7, abs=0.07)
        assert share(said, "grey") == pytest.approx(0.3, abs=0.07), "the slip, and nothing else"


def test_findings_are_missed_and_imagined_as_often_as_they_are_hard():
    said = [json.loads(text) for text in replies("List the words as JSON. <text>one two</text>")]
    for word, expected in (("one", 0.7), ("two", 0.7), ("ghost", 0.3)):
        assert sum(word in words for words in said) / len(said) == pytest.approx(expected, abs=0.07)


def test_facts_are_told_wrongly_or_left_out():
    said = replies("Retell this. <text>x y</text>")
    assert set(said) <= {"First. Second.", "Wrong. Second.", "First.", "Wrong."}
    assert share(said, "First. Second.") == pytest.approx(0.49, abs=0.07)


def test_two_considerations_in_one_prompt_make_more_mistakes():
    text = "<text>The red car.</text>"
    alone = replies(f"Which color? JSON with keys 'colour'. {text}")
    together = replies(f"Which color and which words? JSON with keys 'colour' and 'words'. {text}")

    def wrong(said):
        return sum(json.loads(one)["colour"] != "red" for one in said) / len(said)

    assert wrong(together) > wrong(alone) + 0.05


def test_each_of_several_texts_gets_its_own_answer():
    said = reply(body("Which colour is each? red or blue only. <t>Red.</t> <t>Sea.</t> <t>Sky.</t>"), seed=0, sample=0)
    assert re.fullmatch(r"1\. (red|grey)\n2\. (blue|grey)\n3\. (blue|grey)", said)


@pytest.mark.parametrize("prompt", ["Translate into French. <text>Hello</text>", "Write a poem.", "Draw a horse."])
def test_what_it_does_not_know_it_says_plainly(prompt):
    assert reply(body(prompt), seed=0, sample=0) == DONT_KNOW


def test_a_question_about_no_text_is_asked_back():
    assert reply(body("Which colour is it?"), seed=0, sample=0) == NO_MATERIAL


def test_the_system_prompt_is_read_too():
    said = reply(body("The red car.", system="Name the colour, one word only: red or blue."), seed=1, sample=0)
    assert said in ("red", "grey")


# --- what a reply depends on ---------------------------------------------------------------------


def test_a_reply_is_the_same_for_the_same_request_seed_and_sample():
    prompt = body("Which colour? red or blue. <text>The red car.</text>")
    assert [reply(prompt, seed=3, sample=n) for n in range(30)] == [reply(prompt, seed=3, sample=n) for n in range(30)]
    assert len({reply(prompt, seed=3, sample=n) for n in range(30)}) > 1


def test_stronger_models_are_right_more_often():
    prompt = "Which color is it, red or blue or grey? One word only. <text>The red car.</text>"
    right = [share(replies(prompt, model=model), "red")
             for model in ("claude-haiku-4-5", "claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5")]
    assert right == sorted(right)
    assert right[-1] > right[0] + 0.2


def test_temperature_zero_says_the_same_every_time_through_the_sdk():
    claude = connect(model="claude-haiku-4-5")

    async def ask(temperature, number):
        message = await claude.client.messages.create(
            **body(f"Which colour? red or blue. <text>Car {number % 8}, red.</text>", model="claude-haiku-4-5"),
            extra_body={"temperature": temperature}, extra_headers={"anthropic-version": OLD_VERSION},
        )
        return number % 8, message.content[0].text

    async def main(temperature):
        return set(await asyncio.gather(*(ask(temperature, number) for number in range(80))))

    assert len(run_simulated(main(0.0))) == 8
    assert len(run_simulated(main(1.0))) > 8


def test_an_items_words_matter_and_its_number_does_not():
    """Nothing is looked up: a text nobody has seen before is read as well as any other."""
    texts = [f"A letter from {name}, written on red paper." for name in ("Zoe", "Bo", "Quentin")]
    for text in texts:
        assert share(replies(f"Which color? red or blue only. <text>{text}</text>"), "red") == pytest.approx(0.7, abs=0.08)


def test_structured_output_comes_back_as_the_learners_own_class():
    from pydantic import BaseModel

    class Word(BaseModel):
        word: str

    class Answer(BaseModel):
        colour: str
        words: list[Word]

    claude = connect(model="claude-opus-5-5")

    async def main():
        message = await claude.client.messages.parse(
            model="claude-opus-5-5", max_tokens=500, output_format=Answer,
            messages=[{"role": "user", "content": "Which colour, which words? <text>The red car</text>"}],
        )
        return message.parsed_output

    answer = run_simulated(main())
    assert isinstance(answer, Answer)
    assert answer.colour in ("red", "grey")
    assert {word.word for word in answer.words} <= {"The", "red", "car", "ghost"}


# --- the same everywhere, with the real skills ---------------------------------------------------

EVERYTHING = """
from course_lib.simulation.model.simulated_model import reply
prompts = [
    "Is this spam? <email>You won a free prize, click here!!!</email>",
    "Sentiment, topics and urgency as JSON. <review>Great phone, but delivery was late and support rude.</review>",
    "Summarize in one sentence. <text>The river is 40 km long. It was mapped in 1901. Trout live in it.</text>",
    "Review for security, performance and style. <code>\\nimport os\\ndef f(x):\\n    os.system('ls ' + x)\\n</code>",
]
for prompt in prompts:
    for sample in range(5):
        body = {"model": "claude-haiku-5-5", "max_tokens": 500, "messages": [{"role": "user", "content": prompt}]}
        print(reply(body, seed=0, sample=sample))
"""


def test_processes_with_other_hash_seeds_say_the_same():
    printed = {
        subprocess.run([sys.executable, "-c", EVERYTHING], capture_output=True, text=True, check=True, encoding="utf-8",
                       env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path),
                                         "PYTHONIOENCODING": "utf-8"}).stdout
        for seed in ("0", "1", "1234")
    }
    assert len(printed) == 1
    assert len(printed.pop().splitlines()) >= 20


@pytest.mark.parametrize("request_", ["Summarize in German.", "Translate this into French.", "Summarize in Japanese, briefly."])
def test_another_language_is_refused_plainly(request_):
    text = run_simulated(connect(sdk=False).ask(f"{request_}\n\n<text>The river is 40 km long.</text>"))
    assert text.startswith("I don't know how to do this") and "English" in text
