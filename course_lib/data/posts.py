"""Two hundred posts of a small town's forum with their truth: which of four moderation checks each one fails.

Quillbridge, its people, clubs, books, songs, shops, telephone numbers and addresses are all made up for this
course (CC BY 4.0), and so are the groups that some of the posts are unkind to. Unkind is as far as it goes:
the hate speech here is mild and holds no slurs, so that the posts can be shown in a classroom.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

CHECKS = ("hate_speech", "spam", "personal_information", "copyright")


@dataclass(frozen=True)
class Post:
    """One post, and what a careful moderator says of it.

    hate_speech: puts people down, shuts them out or likens them to animals for the group they belong to.
        Quoting such words to object to them isn't hate speech, nor is a joke about oneself or a quarrel about an idea.
    spam: advertises for somebody's profit, or is a scam. A happy customer, a jumble sale or one old bike isn't spam.
    personal_information: tells everyone how to reach or identify a private person, the writer included: number,
        home address, e-mail, bank account, password. What shops, schools and offices publish themselves isn't private.
    copyright: passes on somebody's work, or a way to it, without permission. A line with its source is a quotation.
    difficulty: share of hurried readers who would get at least one of the four wrong, 0.02 to 0.65.

    The author of the posts judged all of it; no program did.
    """

    id: str
    text: str
    hate_speech: bool
    spam: bool
    personal_information: bool
    copyright: bool
    difficulty: float

    @property
    def flags(self) -> tuple[str, ...]:
        """The checks that the post fails, in the order of `CHECKS`; empty for a post that may stay.

        >>> posts()[1].flags, posts()[3].flags
        ((), ('spam', 'copyright'))
        """
        return tuple(check for check in CHECKS if getattr(self, check))


def posts() -> list[Post]:
    """The two hundred posts, always in the same, mixed order.

    >>> len(posts()), sum(not post.flags for post in posts())
    (200, 99)
    """
    return list(_read())


@lru_cache(maxsize=1)
def _read() -> tuple[Post, ...]:
    text = files("course_lib.data").joinpath("posts.json").read_text(encoding="utf-8")
    return tuple(Post(**row) for row in json.loads(text)["posts"])
