"""Does a post pass on somebody's work without permission? Pasted passages, links to copies and cracked programs.

A long passage counts when the post calls it the whole of somebody's text; one's own, a free or an old one doesn't.
"""

import re
from functools import lru_cache

from course_lib.simulation.model.skills.charges import ChargeEvidence, any_of, sign, straight, sums

BIAS = 1.1
"""What a post without any sign is short of."""
LONG = 45
"""Words from which a passage is more than a quotation."""

SIGNS = (
    sign("a cracked program", 2.6,
         r"\bcracked (?:version|copy|copies|software|games?|apps?|programs?|licen[cs]es?|keys?|and ready|(?-i:[A-Z])\w+)|"
         r"(?-i:\bCRACKED\b)|\bcrack for\b|\w-crack\b|\bkey ?gen(?:erator)?\b|\bserial (?:number|key)|\b(?:licen[cs]e|activation|"
         r"copy protection) (?:check )?(?:taken out|removed|bypass\w*|disabled)|\basks? for activation\b|"
         r"\bno licen[cs]e needed\b|\bthinks? (?:that )?you(?:'ve| have| are)? paid\b|\ball unlocked\b|"
         r"\bfile called licen[cs]e|\b(?:licen[cs]e|activation) (?:file|\w+\.dll)|\bactivat\w+ (?:it )?without\b|"
         r"\bfull version (?:for )?free\b|\bpatch(?:ed)? (?:the|version|so)|\bset your clock back\b|\btrial (?:file|"
         r"period|version)\b[^.!?\n]{0,40}\b(?:rename|reset|again|forever|never)|\brename the trial|"
         r"\bnever expires\b|\bmodded apk\b|\blifetime keys\b|\bmade with a generator\b|\bpatched exe\b|"
         r"\bswap the start file|\bwithout (?:buying|paying for) it\b"),
    sign("a pirated copy", 2.4,
         r"\b(?:torrent|seeding|seeders|magnet link|ripped|(?-i:\w+-rip)\b|camrip|pirat\w*box|streampirate)\b|"
         r"\bin full (?:hd|length)\b[^\n]{0,60}\b(?:no|free|without)\b|\bno cinema ticket|\bbefore (?:it's|the|"
         r"it is) (?:in )?(?:on tv|in the cinemas?|cinemas?)\b|\bbefore the cinema\b|"
         r"\bstreams? (?:it )?for (?:nothing|free)\b|\bpay tv\b|\bfree-films\b|\bno subscription\b|"
         r"\bwhy pay for the cinema\b|\bfreshly copied\b|\b\d[\d,]* songs\b|\bearly copy\b|\bnot (?:exactly |quite |"
         r"really )?(?:official|legal)\b|\bevery (?:\w+ )?match(?:es)?\b[^.!?\n]{0,20}\b(?:live|free)\b|"
         r"\bbefore (?:anyone|anybody|everybody) else\b|\bleaked\b|\bbootleg\w*|\b(?:rip|ripped|filmed) (?:it |"
         r"from |in |of )|\ball seasons\b|\bevery (?:big |new )?(?:series|film|movie|season)\b|\b(?:films|movies|"
         r"series|songs|books|games) on (?:one|a) (?:hard drive|stick|usb)"),
    sign("copies a whole work", 2.2,
         r"\b(?:scan(?:ned|s)?|photograph(?:ed)?|photocop\w+|typed? out|copied|upload(?:ed)?|"
         r"pdf)\b[^.!?\n]{0,50}\b(?:whole|all|every|entire|complete|full|\d+ pages|everyone|each)\b|\b(?:whole|all|"
         r"every|entire|complete)\b[^.!?\n]{0,70}\b(?:scan(?:ned|s)?|photograph(?:ed)?|copied|upload(?:ed)?|(?:as|a|"
         r"made a|clean) pdf)\b|\bmade a pdf for\b|\bclean pdf\b|\bbooks? as pdfs?\b|\bbought them once\b|"
         r"\bcan be copied\b|\bput it on yours\b|\bcopied them neatly\b|\bcopied from the copy\b|"
         r"\bcopied it from the book\b|\bmy scan of\b|\banswer key\b|\bpdfs? of (?:all|every|the)\b"),
    sign("a full text", 1.6,
         r"\b(?:full|complete|entire|whole) (?:text|lyrics|script|article|title poem|first scene|film of)\b|"
         r"\b(?:here(?:'s| is| are)|copied|typed|past(?:e|ed|ing)|upload(?:ed|ing)?|shar(?:e|ed|ing))\b[^.!?\n]{0,60}\b"
         r"(?:full|complete|entire|whole) (?:poem|chapter|film|movie|book|novel|story|game|album|scene|short story)\b|"
         r"\ball (?:of )?the lyrics\b|\bevery verse\b|\bword for word\b|\bthe whole (?:of|film|"
         r"article|title)|\bpaste any entry\b|\btype out a chapter\b|\bpart one of\b|\bhere is the complete\b|"
         r"\bfrom (?:the first|cover) to\b|\bthe rest comes tomorrow\b|\bto be continued\b|\bpage \d+ tomorrow\b|"
         r"\bnext (?:chapter|entry|page) tomorrow\b"),
    sign("a free download", 1.9,
         r"\b(?:download|watch|read|listen to|get|grab)\b[^.!?\n]{0,50}\b(?:movies?|films?|albums?|books?|novels?|"
         r"seasons?|songs?|games?|textbooks?|software|episodes?)\b[^.!?\n]{0,40}\b(?:for free|free|"
         r"without paying)\b|\b(?:pdf|epub|mp3|rip|copy) of (?:the )?(?:whole|entire|full|complete|new)\b|"
         r"\bfree (?:movies|films|pdfs? of|download of)\b|\buploaded the (?:whole|entire|full|complete)\b"),
    sign("spares the price", 1.4,
         r"\bdoesn't want to pay\b|\bdon't want to pay\b|\bsaves you \d|\bpaywall\b|\bcosts (?:extra|\d+)|"
         r"\bwants? \d+ euros\b|\bonly on pay\b|\bnever found the time to buy\b|\bwhy should you pay\b|\bwhy pay\b|"
         r"\binstead of \d{3}|\bwe bought one copy\b|\bnot in the shops before\b|\bwouldn't call it stealing\b|"
         r"\bno idea if that's allowed\b|\bwaiting list\b|\bout of print\b|\bwithout (?:buying|paying)\b|"
         r"\bdon't have to buy\b|\bnobody (?:needs|has) to buy\b|\bwants money for\b|\bbefore (?:they|"
         r"somebody) takes? it down\b|\b(?:days?|weeks?|months?) before it's out\b|\bas mp3s?\b|"
         r"\bin the usual channel\b|\bevery child should have\b|\buntil you've all read"),
    sign("a place to fetch it", 0.9,
         r"\b(?:here's|here is) the (?:folder|link)\b|\bdownload it from\b|\b[\w-]*(?:crack|rip|drop|share|free|"
         r"pages|goals|torrent|keys)[\w-]*\.(?:example|com|net|org)\b|\bmost of you have the link\b|"
         r"\bclass folder\b|\bserial number for\b|\bprint them\b|\bcached\b|\busb sticks?\b"),
    # what may be passed on
    sign("one's own", -3.0,
         r"\bi wrote\b|\bi've written\b|\bwe wrote\b|\bwritten by (?:us|me|our|\d)|\bevery word written by\b|"
         r"\bmy own (?:poem|song|story|recipe|text)\b|\bour (?:petition|school magazine|school paper|leaflet|"
         r"newsletter|statement)\b|\bour own\b"),
    sign("free to copy", -3.0,
         r"\bopen source\b|\brights have expired\b|\bpublic domain\b|\bnobody knows (?:any more )?who\b|"
         r"\bcreative commons\b|\blicen[cs]e for\b|\bwe've bought the\b|\bcopy and use\b|\bcopy it and pass it on\b|"
         r"\blibrary\b(?! cds?)(?! is long)|\bborrow\b|\babove board\b|\bwith (?:the )?permission\b|"
         r"\bthe author (?:allowed|agreed)|\bthe band itself\b|\bfree with your card\b|\bold (?:counting )?rhyme\b|"
         r"\btraditional\b"),
    sign("objects", -3.0,
         r"\bstop (?:uploading|copying|sharing)\b|\bis it legal\b|\bis that legal\b|\bno need for a cracked\b|"
         r"\blives on it\b|\bplease buy\b|\bi paid for\b|\breport(?:ed)? the (?:link|upload)\b|\bnot allowed to\b"),
    sign("repairs", -1.5, r"\brepair\w*\b|\bscreen is\b"),
    sign("a quotation with its source", -0.8,
         r"\b(?:writes|says|wrote) (?-i:[A-Z])\w+|\blast line\b|\bhow do you understand\b|\bi've had that line\b|"
         r"\bfinished\b|\bstars? out of\b|\bout of five\b"),
)
_PLAIN = ("a cracked program", "a pirated copy")
_KINDLY = re.compile(
    r"\b(?:every child|you're welcome|for you all|isn't this beautiful|beautiful|so that everyone|everybody|"
    r"learn their part|wedding|friends?|kind stranger|hurts nobody|the library|teacher|choir|my cousin|"
    r"to be continued|ask|pop in|out of print)\b", re.I)
_WORKS = re.compile(
    r"\b(?:book|novel|song|album|film|movie|comic|article|poem|script|magazine|music|lyrics|pages|chapters?|"
    r"download\w*|pdf|cop(?:y|ies|ied)|cracked|pirates?|stream\w*|e-book|licen[cs]e|scans?|uploading|"
    r"photographs|full text|free)\b", re.I)
_AUTHOR = re.compile(
    r"\bby (?:the )?(?-i:[A-Z])\w+|'(?-i:[A-Z])[^'\n]{3,40}'|\"(?-i:[A-Z])[^\"\n]{3,40}\"|"
    r"\b(?-i:[A-Z])\w+ (?-i:Courier|Times|Post|Herald|News|Gazette)\b", re.I)


@lru_cache(maxsize=4096)
def weigh_copyright(text: str) -> ChargeEvidence:
    """The evidence that a post passes on somebody's work.

    >>> weigh_copyright("Full film before it's in the cinemas: free-films.example/harbour").score > 0
    True
    >>> weigh_copyright("Has anybody read the new book about the harbour?").score > 0
    False
    """
    text = straight(text)
    charge, defence = sums(SIGNS, text)
    pasted = _pasted(text)
    charge += pasted
    trap = _kindly(text) if charge > defence + BIAS else _suspicious(text, pasted)
    return ChargeEvidence(min(charge, 7.0), defence + BIAS, trap)


def _kindly(text: str) -> float:
    """How generous a copyist sounds: most where none of the words is plain."""
    motives = len({match.group().lower() for match in _KINDLY.finditer(text)})
    return 0.07 * min(motives, 3) if any_of(SIGNS, _PLAIN, text) else 0.3 + 0.2 * min(motives, 3)


def _suspicious(text: str, pasted: float) -> float:
    """How much an innocent post looks like a copy: a long passage, or many words of films and downloads."""
    words = len({match.group().lower() for match in _WORKS.finditer(text)})
    return 0.13 * max(0, min(words, 5) - 1) + 0.3 * min(pasted, 2.0)


def _pasted(text: str) -> float:
    """What a passage set off from the post itself weighs: more with its length, and with a work or an author named."""
    blocks = re.split(r"\n[ \t]*\n", text)
    if len(blocks) < 2:
        return 0.0
    words = max(len(block.split()) for block in blocks[1:])
    if words < LONG:
        return 0.3
    return 1.2 + (0.8 if _AUTHOR.search(blocks[0]) else 0.0)
