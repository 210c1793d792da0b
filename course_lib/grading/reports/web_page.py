"""Pages from the templates beside this file, in which everything is text unless the template itself wrote it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from course_lib.grading.reports import student_words
from course_lib.show import colours
from course_lib.show.paragraphs import with_code

_WORDS = ("case_lines", "next_step", "number", "opening", "score", "standing", "state")


def web_page(template: str, **data) -> str:
    """The HTML that `templates/<template>.html.j2` makes of the data."""
    return _templates().get_template(f"{template}.html.j2").render(data)


@cache
def _templates():
    # Jinja is imported when the first page is written: kernels and the processes that start them write none.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    templates = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    templates.filters |= {name: getattr(student_words, name) for name in _WORDS}
    templates.filters["code"] = lambda text: Markup(with_code(text))
    templates.globals |= {"colours": colours, "STATE_SIGNS": student_words.STATE_SIGNS}
    return templates
