"""The code reviewer against labelled snippets, the standard library, and text that is no code."""

import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.data.snippets import snippets
from course_lib.simulation.model.decisions import Label, Prompt
from course_lib.simulation.model.skills.code_review import MOST_FINDINGS, SEVERITIES, SKILLS

ASPECTS = {skill.name: skill for skill in SKILLS}
MODULES = (
    "argparse ast base64 bdb calendar configparser csv dataclasses doctest email/message fractions ftplib functools "
    "http/client inspect ipaddress json/decoder logging/__init__ mailbox pdb pickle platform pydoc shutil subprocess "
    "tarfile tempfile threading tokenize typing unittest/mock urllib/request uuid"
).split()


def reviewed(code, aspect, instruction="Review this code."):
    return ASPECTS[aspect].decide(Prompt(instruction, code)).items


def said(code, aspect):
    return [(item.fields["line"], item.fields["severity"], item.fields["message"]) for item in reviewed(code, aspect)]


def score(aspects):
    truth, found = [], []
    for snippet in snippets():
        truth += [(snippet.id, f.aspect, f.line, f.severity) for f in snippet.findings if f.aspect in aspects]
        for aspect in aspects:
            found += [(snippet.id, aspect, line, severity) for line, severity, _ in said(snippet.code, aspect)]
    right = 0
    left = list(truth)
    for entry in found:
        if entry in left:
            left.remove(entry)
            right += 1
    return right / len(truth), right / len(found)


@pytest.mark.parametrize("aspects", [["security"], ["performance"], ["style"], list(ASPECTS)], ids=" ".join)
def test_recall_and_precision_on_labelled_snippets(aspects):
    recall, precision = score(aspects)
    assert recall >= 0.9
    assert precision >= 0.85


@pytest.mark.parametrize("module", MODULES)
def test_reviews_the_standard_library(module):
    code = (Path(sysconfig.get_path("stdlib")) / f"{module}.py").read_text(encoding="utf-8")
    lines = code.split("\n")
    for aspect in ASPECTS:
        items = reviewed(code, aspect)
        assert len(items) <= MOST_FINDINGS
        order = [(SEVERITIES.index(item.fields["severity"]), item.fields["line"]) for item in items]
        assert order == sorted(order)
        for item in items:
            assert list(item.fields) == ["aspect", "line", "severity", "message"]
            assert lines[item.fields["line"] - 1].strip()
            assert 0 < item.difficulty < 0.5


@pytest.mark.parametrize(
    "code, aspect, severity, words",
    [
        ("eval(input())", "security", "high", "eval()"),
        ("from subprocess import run as start\nstart(command, shell=True)", "security", "high", "shell=True"),
        ('cursor.execute("SELECT a FROM b WHERE c = %s" % name)', "security", "high", "SQL"),
        ('cursor.execute("SELECT a FROM b WHERE c = " + name)', "security", "high", "SQL"),
        ('cursor.execute("DELETE FROM b WHERE c = {}".format(name))', "security", "high", "SQL"),
        ("import yaml\nyaml.load(text)", "security", "high", "SafeLoader"),
        ('connect(password="s3cret!pass")', "security", "high", "`password`"),
        ("import random\ntoken = random.randint(0, 999999)", "security", "high", "predicted"),
        ("import hashlib\nhashlib.sha1(password).hexdigest()", "security", "high", "SHA-1"),
        ("assert request.user.is_admin", "security", "medium", "is_admin"),
        (
            "def f(items):\n    text = ''\n    for item in items:\n        text += item\n",
            "performance",
            "medium",
            "`text +=`",
        ),
        ("for a in rows:\n    for b in rows:\n        pair(a, b)", "performance", "medium", "`rows`"),
        (
            "for i in range(len(rows)):\n    for j in range(len(rows)):\n        pair(i, j)",
            "performance",
            "medium",
            "`rows`",
        ),
        ("for u in users:\n    db.execute('SELECT 1 FROM t WHERE u = ?', (u,))", "performance", "high", "N+1"),
        ("for row in rows:\n    best = sorted(names)\n", "performance", "medium", "sorted again"),
        ("try:\n    go()\nexcept:\n    stop()", "style", "medium", "bare except"),
        ("def f(a=[]):\n    return a", "style", "medium", "mutable default"),
        ("def getName():\n    return 1", "style", "low", "camelCase"),
        ("from os import *", "style", "medium", "import *"),
        ("x = 1; y = 2", "style", "low", "share a line"),
        ("value = " + "1 + " * 40 + "1", "style", "low", "characters"),
        ("import os\nprint(1)", "style", "low", "`os`"),
    ],
)
def test_names_the_problem(code, aspect, severity, words):
    assert any(words in message and found == severity for _, found, message in said(code, aspect)), said(code, aspect)


@pytest.mark.parametrize(
    "code, aspect",
    [
        ('cursor.execute("SELECT a FROM b WHERE c = ?", (name,))', "security"),
        ('import subprocess\nsubprocess.run(["ls", folder])', "security"),
        ("import yaml\nyaml.load(text, Loader=yaml.SafeLoader)", "security"),
        ('PASSWORD_FIELD = "password"', "security"),
        ("def evaluate(score):\n    return score\n\n\nevaluate(3)", "security"),
        ("import random\ncolour = random.choice(colours)", "security"),
        ("def f(items):\n    total = 0\n    for item in items:\n        total += item\n", "performance"),
        ("for row in rows:\n    for cell in row:\n        show(cell)", "performance"),
        ("for name in names:\n    row = sorted(rows[name])\n", "performance"),
        (
            "def f(items):\n    seen = set()\n    for item in items:\n        if item in seen:\n            stop()\n",
            "performance",
        ),
        ("if x is None:\n    go()", "style"),
        ("from __future__ import annotations\n", "style"),
    ],
)
def test_leaves_good_code_alone(code, aspect):
    assert said(code, aspect) == []


def test_false_alarms_are_kept_apart():
    findings = ASPECTS["security"].decide(
        Prompt("Review this code.", "def eval_scores(scores):\n    return sum(scores)\n")
    )
    assert findings.items == ()
    assert [alarm.fields["line"] for alarm in findings.false_alarms] == [1]
    assert all(alarm.difficulty <= 0.15 for alarm in findings.false_alarms)


def test_code_that_does_not_parse_is_one_finding_with_its_line():
    code = "import os\n\ndef broken(:\n    return os.name\n"
    for aspect in ASPECTS:
        (item,) = reviewed(code, aspect, f"Review this code for {aspect}.")
        assert (item.fields["aspect"], item.fields["line"], item.fields["severity"]) == (aspect, 3, "high")
        assert "does not parse" in item.fields["message"] and "line 3" in item.fields["message"]


def test_a_review_of_all_aspects_says_once_that_the_code_does_not_parse():
    prompt = Prompt("Review this code.", "def broken(:\n    return 1\n")
    assert sum(len(skill.decide(prompt).items) for skill in SKILLS) == 1


@pytest.mark.parametrize(
    "text", ["The parcel came late, and the box was wet.\nI want my money back.", "hello", "", "12", "Dear team"]
)
def test_text_that_is_no_code_is_called_so(text):
    for skill in SKILLS:
        findings = skill.decide(Prompt("Review this code.", text))
        assert findings.items == () and "not Python" in findings.none


def test_a_method_cut_out_of_its_class_is_read_too():
    method = "    def run(self, text):\n        return eval(text)\n"
    assert [line for line, _, _ in said(method, "security")] == [2]


def test_a_sum_of_thousands_of_terms_is_reviewed():
    for terms in (500, 5000):
        code = "for a in b:\n    text += " + " + ".join(["a"] * terms)
        for aspect in ASPECTS:
            assert isinstance(reviewed(code, aspect), tuple)


@pytest.mark.parametrize(
    "instruction, aspects",
    [
        ("Review this code for security.", "security"),
        ("Look for security problems.", "security"),
        ("You are a security reviewer. Report every problem that you find.", "security"),
        ("Review this code", "security performance style"),
        ("Review this Python module.", "security performance style"),
        ("Find bugs in this script.", "security performance style"),
        ("Do a code review. Ignore style.", "security performance"),
        ("Review this code for security only. Ignore performance and style.", "security"),
        ("Review this function for performance and style only.", "performance style"),
        ("Check the style of this module.", "style"),
        ("style", "style"),
        ("Is this code vulnerable? Answer YES or NO.", "security"),
        ("Summarise the customer review in a friendly style.", ""),
        ("Review this customer review.", ""),
        ("Is this review positive or negative?", ""),
        ("Which topics does this review mention: delivery, price, performance, style?", ""),
        ("Does the ticket mention a security problem?", ""),
        ("Review the code of conduct.", ""),
        ("Merge these findings on security, performance and style into one report.", ""),
        ("Write a poem.", ""),
    ],
)
def test_cues(instruction, aspects):
    assert " ".join(skill.name for skill in SKILLS if skill.cues.search(instruction)) == aspects


@pytest.mark.parametrize(
    "question, unsafe, harmless",
    [
        ("Is this code vulnerable? Answer YES or NO.", "yes", "no"),
        ("Is this code safe? Answer yes or no.", "no", "yes"),
        ("Does this code have a security vulnerability? Answer yes or no.", "yes", "no"),
    ],
)
def test_a_yes_or_no_question_gets_a_label(question, unsafe, harmless):
    for code, word in (("eval(input())", unsafe), ("print(len(input()))", harmless)):
        label = ASPECTS["security"].decide(Prompt(question, code))
        assert isinstance(label, Label)
        assert word in label.choices[label.value]


_LINES = st.sampled_from(
    """def f(a, b=[]):
    for x in a:
        text += f'{x}'
        if x in b: pass
class C:
    async def g(self):
        return [y for y in self.z for w in self.z]
while True:
    x = eval(a); y = 1
try:
except:
    pass
lambda: 0
import os, re as r
@d
match x:
    case 1: pass
x: int
del x[0]
with open(p) as f:
'''
(
)""".split("\n")
)


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=200), st.lists(_LINES, max_size=12).map("\n".join)))
def test_never_fails_on_any_text(text):
    for skill in SKILLS:
        for instruction in ("Review this code.", "Is it safe? yes or no"):
            skill.decide(Prompt(instruction, text))
