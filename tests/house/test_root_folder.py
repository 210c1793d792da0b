"""What lies at the root, and what no committed file says."""

import re

import pytest

from tests.house.course_files import ROOT, committed_files

AT_THE_ROOT = {
    *("README.md", "pyproject.toml", ".gitignore"),
    *("notebooks", "course_lib", "exercises", "solutions", "tests"),
    *(".binder", ".ci", ".github"),
}

# Written in pieces, so that this file does not say them itself.
OF_ONE_MACHINE = re.compile(
    "|".join(
        [
            r"(?<![\w.])/(?:wo" r"rk|ro" r"ot|(?:ho" r"me|Us" r"ers)/(?!you/)\w+)/",  # folders of somebody but "you"
            r"/tm" r"p/dev",
            r"file:" r"///",
            r"(?:--|PIP_)(?:extra-)?index[-_]" r"url",  # where packages come from is the machine's own business
            r"files\.python" r"hosted|py" r"pi\.org/simple|deb\.deb" r"ian\.org|registry\.npm" r"js",
            r"sk-" r"ant-[\w-]{8,}",  # a key
        ]
    ),
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")

committed = pytest.mark.skipif(not committed_files(), reason="not a clone: nothing to compare with")


@committed
def test_only_the_planned_names_lie_at_the_root():
    assert {name.partition("/")[0] for name in committed_files()} == AT_THE_ROOT


@committed
def test_no_file_names_one_machine_or_is_unfinished():
    found = []
    for name in committed_files():
        for number, line in enumerate(_lines(name), start=1):
            if hit := OF_ONE_MACHINE.search(line) or UNFINISHED.search(line):
                found.append(f"{name}:{number}: {hit.group()}")
    assert found == []


def test_the_search_finds_what_it_looks_for():
    key = "sk-" "ant-api03-abcdefgh"
    for text in ("/wo" "rk/main", "/ro" "ot/.pyenv", "at /ho" "me/ann/x", "--index-" "url x", key):
        assert OF_ONE_MACHINE.search(text), text
    for text in ("network/work/", "https://example.com/home/", "/home/${NB_USER}", "/ho" "me/you/x"):
        assert not OF_ONE_MACHINE.search(text), text
    assert UNFINISHED.search("# TO" "DO: later")


@committed
def test_nothing_made_by_a_run_is_committed():
    made = re.compile(r"__pycache__|\.ipynb_checkpoints|\.egg-info|(^|/)\.venv/|\.pyc$|\.DS_Store")
    assert [name for name in committed_files() if made.search(name)] == []


def _lines(name):
    try:
        return (ROOT / name).read_text("utf-8").splitlines()
    except (UnicodeDecodeError, FileNotFoundError):  # a picture, or deleted but not committed yet
        return []
