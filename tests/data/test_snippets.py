"""The twenty snippets: real Python, with findings that point at lines that exist."""

import ast
from importlib.resources import files

import pytest

from course_lib.data.snippets import snippets

SNIPPETS = {snippet.id: snippet for snippet in snippets()}


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
def test_parses_and_is_of_a_readable_size(snippet):
    ast.parse(snippet.code)
    assert 10 <= len(snippet.code.splitlines()) <= 35
    assert max(map(len, snippet.code.splitlines())) <= 120


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
def test_findings_stand_on_lines_of_code_in_order(snippet):
    lines = snippet.code.splitlines()
    assert [finding.line for finding in snippet.findings] == sorted(finding.line for finding in snippet.findings)
    for finding in snippet.findings:
        assert finding.aspect in ("security", "performance", "style")
        assert finding.severity in ("low", "medium", "high")
        assert lines[finding.line - 1].strip()


def test_every_file_is_listed_and_none_can_be_imported():
    stored = sorted(path.name for path in files("course_lib.data").joinpath("snippets").iterdir() if path.is_file())
    assert stored == sorted(f"{name}.py.txt" for name in SNIPPETS)


def test_every_aspect_is_well_represented_and_some_snippets_are_clean():
    aspects = [finding.aspect for snippet in SNIPPETS.values() for finding in snippet.findings]
    assert min(aspects.count(aspect) for aspect in ("security", "performance", "style")) >= 15
    assert sum(not snippet.findings for snippet in SNIPPETS.values()) >= 3
