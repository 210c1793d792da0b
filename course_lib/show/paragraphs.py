"""Text for the page: printed lines that end between words (a notebook breaks long ones in mid-word), and `code` as HTML."""

import re
import textwrap
from html import escape

CODE_SPAN = re.compile(r"`([^`]+)`")
"""Code in the words of authors, as Markdown writes it."""


def fill(text: str, width: int = 100) -> str:
    """The text with every line cut at `width` characters, between words; its own line breaks stay.

    >>> print(fill("The otter is the animal\\n\\neverybody asks about.", width=12))
    The otter is
    the animal
    <BLANKLINE>
    everybody
    asks about.
    """
    return "\n".join(textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.splitlines())


def with_code(text: str) -> str:
    """HTML of one line, with `code`.

    >>> with_code("`await` in a loop: a < b")
    '<code>await</code> in a loop: a &lt; b'
    """
    return CODE_SPAN.sub(r"<code>\1</code>", escape(str(text), quote=False))
