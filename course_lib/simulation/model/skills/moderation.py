"""The four checks of a moderator: hate speech, spam, personal information and copyright.

Each reads a post for evidence (see its module) and says "flagged" or "clean", or whatever words the prompt offers.
"""

import re
from collections.abc import Callable

from course_lib.simulation.model.decisions import Label, Prompt
from course_lib.simulation.model.skills.charges import ChargeEvidence
from course_lib.simulation.model.skills.cues import Cues
from course_lib.simulation.model.skills.moderation_copyright import weigh_copyright
from course_lib.simulation.model.skills.moderation_hate import weigh_hate
from course_lib.simulation.model.skills.moderation_personal import weigh_personal
from course_lib.simulation.model.skills.moderation_spam import weigh_advertising
from course_lib.simulation.model.skills.spam import Spam

_ABOUT_POSTS = re.compile(
    r"\b(?:posts?|posted|comments?|forums?|moderat\w+|user[- ]generated|advert\w*|ads?|promot\w+|hate(?:ful)?|"
    r"hate_speech|copyright|piracy|personal[ _](?:information|info|data|details)|pii)\b", re.I)
_ABOUT_MAIL = re.compile(r"\b(?:this|the|an|each|every|following) e-?mails?\b(?! address)", re.I)
_MAIL_LOOK = re.compile(
    r"^(?:subject|from|to):|^(?:dear|hi|hello|hey|good (?:morning|evening))\b[^\n]{0,40},|^>|\bregards\b", re.I | re.M)
_SAYS_NO = re.compile(r"\bno\b", re.I)
_SAYS_YES = re.compile(r"\byes\b", re.I)
_FLAGGED = (
    "flag", "fail", "fails", "failed", "violation", "violates", "violating", "reject", "rejected", "block", "blocked",
    "unsafe", "unacceptable", "not allowed", "not ok", "detected", "yes", "true",
)
_CLEAN = (
    "ok", "okay", "pass", "passes", "passed", "none", "no violation", "no violations", "approve", "approved", "accept",
    "accepted", "allow", "allowed", "acceptable", "safe", "not detected", "not flagged",
)


class _Check:
    """A check reads the evidence in a post and spells its answer as prompts do."""

    name: str
    cues: Cues
    weigh: Callable[[str], ChargeEvidence]
    flagged: tuple[str, ...]
    clean: tuple[str, ...]

    def decide(self, prompt: Prompt) -> Label:
        """"flagged" or "clean" for the post in `prompt.material`; a post without any words is clean."""
        evidence = self.weigh(prompt.material)
        value = "flagged" if evidence.score > 0 else "clean"
        return Label(value, self._choices(prompt.instruction), evidence.difficulty)

    def _choices(self, instruction: str) -> dict[str, tuple[str, ...]]:
        """The words that prompts use. "No" is one of them, except in "no other words"."""
        refusal = () if _SAYS_NO.search(instruction) and not _SAYS_YES.search(instruction) else ("no",)
        return {"flagged": (*self.flagged, *_FLAGGED), "clean": (*self.clean, *_CLEAN, *refusal, "false")}


class HateSpeech(_Check):
    """Put-downs, exclusion and comparisons with animals, of people for the group they belong to."""

    name = "hate speech"
    cues = Cues(asked=(
        r"\bhate[-_ ]?speech\b|\bhateful\b|\bhatred\b",
        r"\b(?:is_)?hate\b(?! (?:it|this|that|the|about|to|us|our|when|how))",
        r"\bharass\w*|\bbigot\w*|\bdehumani[sz]\w*|\bdiscriminat(?:es|ory|ing)\b",
        r"\bput-?downs?\b|\bdemean\w*|\btoxic(?:ity)?\b",
    ))
    weigh = staticmethod(weigh_hate)
    flagged = ("hate speech", "hate", "hateful", "harassment", "toxic", "offensive")
    clean = (
        "no hate speech", "not hate speech", "no hate", "not hate", "not hateful", "non-hate", "not harassment",
        "not toxic", "not offensive", "neutral",
    )


class SpamOrAdvertising(_Check):
    """Spam as forums know it: advertising for somebody's profit, and scams. E-mails are read by the `spam` skill."""

    name = "spam"
    cues = Cues(asked=(
        Spam.cues.pattern,
        r"\bspam\w*|\b(?:contains?|is) (?:an )?ads?\b|\badvert(?!ently)\w*|\b(?:self-)?promotion(?:s|al)?\b|"
        r"\bsolicit(?:s|ation|ing)\b|\Aads?\Z",
    ))
    weigh = staticmethod(weigh_advertising)
    flagged = (
        "spam", "advertising", "advertisement", "advert", "ad", "promotion", "promotional", "commercial", "scam",
        "junk",
    )
    clean = (
        "not spam", "no spam", "ham", "not advertising", "no advertising", "not an ad", "not promotional", "legitimate",
        "genuine",
    )

    def decide(self, prompt: Prompt) -> Label:
        """"flagged" or "clean" where the prompt speaks of posts or advertising, else "spam" or "not spam"."""
        about_mail = bool(_ABOUT_MAIL.search(prompt.instruction))
        if _ABOUT_POSTS.search(prompt.instruction) and not about_mail:
            return super().decide(prompt)
        mail = Spam().decide(prompt)
        choices = {
            "spam": tuple(dict.fromkeys((*mail.choices["spam"], "flagged", *_FLAGGED))),
            "not spam": tuple(dict.fromkeys((*mail.choices["not spam"], *_CLEAN))),
        }
        if mail.value == "spam" or about_mail or _MAIL_LOOK.search(prompt.material):
            return Label(mail.value, choices, mail.difficulty)
        advertises = self.weigh(prompt.material)
        if advertises.score <= 0:
            return Label(mail.value, choices, mail.difficulty)
        return Label("spam", choices, advertises.difficulty)


class PersonalInformation(_Check):
    """Ways to reach or identify a private person: numbers, home addresses, accounts, passwords."""

    name = "personal information"
    cues = Cues(asked=(
        r"\b(?:personal|private|sensitive|personally identifiable|identifying)[-_ ]"
        r"(?:info\w*|data|details?|phone|address(?:es)?)\b",
        r"\bpii\b|\bdoxx?\w*|\bprivacy (?:check|violations?|breach\w*|leaks?|risks?)\b",
        r"\A(?:is )?(?:personal|private|privacy)\Z|\b(?:personal|privacy)(?=[\"'`]?\s*:)|[\"'`](?:personal|privacy)[\"'`]",
        r"\b(?:contain|reveal|leak|publish|expos|shar|giv)\w* (?:away )?(?:\w+(?:'s)? ){0,3}"
        r"(?:contact details|phone numbers?|(?:home )?address(?:es)?|identity)\b",
    ))
    weigh = staticmethod(weigh_personal)
    flagged = (
        "personal information", "personal info", "personal data", "private information", "private data", "pii",
        "private", "doxxing", "leak",
    )
    clean = (
        "no personal information", "no personal info", "no personal data", "no private information", "no private data",
        "no pii", "not pii", "not personal", "not private", "public",
    )


class Copyright(_Check):
    """Somebody's work passed on without permission: pasted passages, pirated films, scans, cracked programs."""

    name = "copyright"
    cues = Cues(asked=(
        r"\bcopyright\w*|\bpirac\w*|\bpirated\b|\binfring\w*|\bintellectual property\b|\bcracked software\b",
    ))
    weigh = staticmethod(weigh_copyright)
    flagged = (
        "copyright violation", "copyright infringement", "copyright", "infringement", "infringing", "infringes",
        "piracy", "pirated", "protected",
    )
    clean = (
        "no copyright violation", "no copyright infringement", "no infringement", "not infringing", "no piracy",
        "not pirated", "fair use", "original",
    )


SKILLS = (HateSpeech(), SpamOrAdvertising(), PersonalInformation(), Copyright())
