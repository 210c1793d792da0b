"""Sixty e-mails with their truth: spam or not, and how easily a hurried reader is fooled."""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class Email:
    """One e-mail. `difficulty` is the share of hurried readers who would get it wrong, 0.02 to 0.65.

    The author of the mails judged both `spam` and `difficulty`; no program did.
    """

    id: str
    subject: str
    body: str
    spam: bool
    difficulty: float

    @property
    def text(self) -> str:
        """Subject line and body, as a prompt shows an e-mail.

        >>> print(emails()[0].text.splitlines()[0])
        Subject: Toner at half price
        """
        return f"Subject: {self.subject}\n\n{self.body}"


def emails() -> list[Email]:
    """The sixty e-mails, always in the same, mixed order.

    >>> len(emails()), sum(email.spam for email in emails())
    (60, 29)
    """
    return list(_read())


@lru_cache(maxsize=1)
def _read() -> tuple[Email, ...]:
    text = files("course_lib.data").joinpath("emails.json").read_text(encoding="utf-8")
    return tuple(Email(**row) for row in json.loads(text)["emails"])
