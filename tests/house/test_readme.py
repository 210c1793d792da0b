"""README's two commands are one line each, and what it points at exists."""

import re
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
