"""README's two commands are one line each, and what it points at exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.course_files import ROOT

BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!`)\[(?:[^\[\]]|!?\[[^\]]*\]\([^)]*\))*\]\(([^)\s]+)[^)]*\)|<img[^>]*\ssrc=\"([^\"]+)\"")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)")


@pytest.fixture(scope="module")
def readme():
    return (ROOT / "README.md").read_text("utf-8")


def bash_blocks(text: str) -> list[list[str]]:
    """The lines of each ```bash block.

    >>> bash_blocks("```bash\\none\\n```\\ntext\\n```bash\\ntwo\\nthree\\n```\\n")
    [['one'], ['two', 'three']]
    """
    return [block.splitlines() for block in BLOCK.findall(text)]


def local_targets(text: str) -> list[str]:
    """Where links and pictures point inside the project, without their #fragment.

    >>> local_targets("[a](x.md#top) [b](https://example.com) ![c](pictures/d.png) [![e](f.svg)](g.md) [h](#i)")
    ['x.md', 'pictures/d.png', 'g.md', 'f.svg']
    """
    targets = [first or second for first, second in LINK.findall(text)] + [target for _, target in PICTURE.findall(text)]
    local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    return list(dict.fromkeys(filter(None, local)))


def test_the_first_two_commands_are_one_line_each(readme):
    start, everything = bash_blocks(readme)[:2]
    assert len(start) == len(everything) == 1
    assert "jupyter" in start[0] or "course lab" in start[0]
    assert "pytest" in everything[0] and "[test]" in everything[0]
    for [line] in (start, everything):
        assert not line.startswith("$")
        assert not line.endswith("\\")


def test_links_and_pictures_exist(readme):
    missing = [target for target in local_targets(readme) if not (ROOT / target).exists()]
    assert missing == []


def test_pictures_say_in_words_what_they_show(readme):
    pictures = PICTURE.findall(readme)
    assert any(Path(target).suffix in (".png", ".svg") and (ROOT / target).exists() for _, target in pictures)
    assert all(words.strip() for words, _ in pictures)


def test_the_commands_of_the_course_command_are_the_real_ones(readme):
    from course_lib.cli import COMMANDS

    for line in [line for block in bash_blocks(readme) for line in block]:
        for command in re.findall(r"(?:^|/|\s)course ([a-z-]+)", line):
            assert command in COMMANDS, line


def test_the_example_prints_what_it_says(readme, capsys):
    [program] = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert len(program.splitlines()) <= 6
    exec(compile(program, "README.md", "exec"), {})
    [printed] = re.findall(r"^It prints `([^`]+)`", readme, re.MULTILINE)
    assert capsys.readouterr().out == f"{printed}\n"


def test_python_is_the_one_that_the_course_was_installed_for(readme):
    """Outside the first lines, which make it, every command names the environment's own Python."""
    commands = re.findall(r"(?<![\w./])python3? -[mc][^`\n]*", readme)
    assert commands and {command.partition(" -m venv")[0] for command in commands} == {"python3"}


def test_the_map_is_printed_by_the_command_that_is_said_to(readme):
    [program] = re.findall(r"\.venv/bin/python -c \"([^\"]+)\"` prints the map", readme)
    child = [sys.executable, "-c", program]
    printed = subprocess.run(child, capture_output=True, text=True, timeout=60, cwd=ROOT, check=True).stdout
    assert "sectioning" in printed and printed.startswith("Parallelization with LLMs")
