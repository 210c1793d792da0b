"""Text for the page: printed lines that end between words. (A notebook breaks long ones in the middle of a word.)"""

import textwrap


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
