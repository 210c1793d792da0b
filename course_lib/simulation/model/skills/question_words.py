"""The words of a question that its answer should meet, and the words that mean about the same.

A small lexicon of everyday research questions: money, opinion, wildlife, health, time, safety.
"""

import re

from course_lib.simulation.model.skills.sentences import STOP_WORDS, content_words, stem

_FIELDS = {
    "cost": "cost costs price budget euro euros crowns dollars pounds spent spend paid pay bill fee fees expense expenses money loan toll accounts",
    "pay": "paid pay pays bill toll fee fees funded fund loan budget",
    "public": "public residents villagers townspeople households citizens neighbours opinion survey percent shopkeepers complaint complaints voted favour praise mood meeting",
    "opinion": "opinion thinks think thought survey favour against voted mood complaint complaints praise support residents villagers households",
    "wildlife": "wildlife animals animal species birds bird fish otter otters seals seal bats swallows heron kingfishers insects plants nature breed bred nature migration",
    "health": "health healthy hospital doctors doctor patients patient pulse asthma sick illness injuries blood germs medicine prescription lungs disease exercise",
    "safety": "safety safe accident accidents killed injured drowned lost wreck thefts stolen danger dangerous saved",
    "environment": "environment environmental air soot pollution wildlife species water nature climate",
    "job": "job jobs work workers employed wages staff",
    "flood": "flood floods flooded rain cellar cellars overflowed",
}
# What a question is called, and what is asked of its answer, is not what it is about.
_ABOUT_THE_ANSWER = frozenset(
    stem(word)
    for word in (
        "according answer answers source sources text texts document documents report chapter chapters section passage article notes note question questions "
        "please sentence sentences word words bullet bullets points brief briefly short quote quotes only exactly most least using based find found mention "
        "mentioned say says said tell state states stated write reply respond research researcher worker you give list name read careful material following "
        "effect effects impact influence people person happen happened happens thing things know known one two three four five nothing else use your json key keys "
        "information provided contain contains there if explain describe tall high big large old long far often"
    ).split()
)
_GROUPS = {name: frozenset(content_words(words)) for name, words in _FIELDS.items()}
_FIELD_OF = {
    "cost": "cost",
    "price": "cost",
    "expensive": "cost",
    "expens": "cost",
    "money": "cost",
    "budget": "cost",
    "spend": "cost",
    "pay": "pay",
    "fund": "pay",
    "financ": "pay",
    "public": "public",
    "resident": "public",
    "villager": "public",
    "citizen": "public",
    "neighbour": "public",
    "think": "opinion",
    "opinion": "opinion",
    "feel": "opinion",
    "popular": "opinion",
    "view": "opinion",
    "wildlif": "wildlife",
    "animal": "wildlife",
    "nature": "wildlife",
    "natur": "wildlife",
    "health": "health",
    "healthy": "health",
    "medical": "health",
    "illness": "health",
    "safety": "safety",
    "safe": "safety",
    "danger": "safety",
    "accident": "safety",
    "environ": "environment",
    "environmental": "environment",
    "pollution": "environment",
    "job": "job",
    "employ": "job",
    "flood": "flood",
}


def asked_words(instruction: str) -> tuple[str, ...]:
    """The stems of what a question is about, each once, in order.

    >>> asked_words("According to this source, what did the restoration cost? Answer in one sentence.")
    ('restor', 'cost')
    """
    questions = re.findall(r"[^.?!\n:]*\?", instruction)
    text = " ".join(questions) or instruction
    words = tuple(
        dict.fromkeys(word for word in content_words(text) if word not in _ABOUT_THE_ANSWER and word not in STOP_WORDS)
    )
    if not words and questions:
        return tuple(dict.fromkeys(word for word in content_words(instruction) if word not in _ABOUT_THE_ANSWER))
    return words


def related(word: str) -> frozenset[str]:
    """The stems that answer to a stem: itself, and those of its field."""
    return _GROUPS.get(_FIELD_OF.get(word, ""), frozenset()) | {word}
