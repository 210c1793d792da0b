"""What Python can't read in an answer, said to the person who typed it."""

from __future__ import annotations

import ast

from IPython.core.inputtransformer2 import TransformerManager

_NO_PROGRAM = "Python can't read your answer: it holds characters or nesting that no program can have."


def syntax_problem(source: str) -> str | None:
    """The first thing in a notebook cell that Python can't read, with its line; None if there is nothing.

    IPython's own additions (`%time`, `!ls`, `name?`) and top-level `await` are as welcome as in a notebook.

    >>> print(syntax_problem("def double(x)\\n    return 2 * x"))
    Python can't read line 1 of your answer, `def double(x)`: expected ':'.
    >>> syntax_problem("%matplotlib inline\\nawait_me = 1") is None
    True
    """
    try:
        code = TransformerManager().transform_cell(source)
        compile(code, "<answer>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return f"Python can't read {_where(error)}: {error.msg}." if error.lineno else _NO_PROGRAM
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return _NO_PROGRAM
    return None


def _where(error: SyntaxError) -> str:
    text = (error.text or "").strip()
    quoted = f", `{text[:100]}`" if text else ""
    return f"line {error.lineno} of your answer{quoted}"
