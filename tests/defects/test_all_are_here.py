"""The list of defects is complete: every line of its table has its file, and every file its pair."""

import ast
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
TABLE = ast.get_docstring(ast.parse((FOLDER / "__init__.py").read_text(encoding="utf-8")))
LISTED = re.findall(r"\| (test_\w+\.py) \|", TABLE)


def test_eleven_are_listed_and_each_has_a_file():
    assert len(LISTED) == 11 == len(set(LISTED))
    assert sorted(LISTED) == sorted(path.name for path in FOLDER.glob("test_*.py") if path != Path(__file__))


@pytest.mark.parametrize("name", LISTED)
def test_each_holds_a_broken_way_ours_and_a_demand_that_only_ours_meets(name):
    tree = ast.parse((FOLDER / name).read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    defined |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for start in ("broken_", "demand", "test_the_broken", "test_our"):
        assert any(word.startswith(start) for word in defined), start
    assert any(word.lower().startswith("ours") for word in defined)
