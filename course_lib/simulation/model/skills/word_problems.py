"""Word problems of a few plain steps, read clause by clause: who has how much of what, and what happens to it.

A problem counts as understood only when every number in it has found its place and the question points
to one of the amounts; otherwise `NotUnderstood` says what was not.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from course_lib.simulation.model.skills.sentences import stem
from course_lib.simulation.model.skills.sums import Operand, Sum

_ODD_PLURALS = {
    "shelves": "shelf",
    "knives": "knife",
    "loaves": "loaf",
    "wolves": "wolf",
    "halves": "half",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
}


def _root(word: str) -> str:
    return stem(_ODD_PLURALS.get(word, word))


_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_WORDS = {word: number for number, word in enumerate(_SMALL)} | _TENS
_GAIN = (
    "get gets got buy buys bought receive receives received find finds found pick picks picked earn "
    "earns earned add adds added collect collects collected win wins won bake "
    "bakes baked make makes made gain gains gained catch catches caught join joins joined arrive "
    "arrives arrived come comes came board boards boarded enter enters entered "
    "save saves saved borrow borrows borrowed plant plants planted grow grows grew print prints "
    "printed return returns returned draw draws drew read reads write writes wrote "
    "drive drives drove walk walks walked run runs ran cycle cycles cycled produce produces produced "
    "sleep sleeps work works worked type types typed fill fills filled lay lays laid "
    "score scores scored cook cooks cooked swim swims swam travel travels travelled traveled ride "
    "rides rode pack packs packed hire hires hired lands land landed"
).split()
_LOSS = (
    "give gives gave lose loses lost eat eats ate eaten sell sells sold use uses used spend spends "
    "spent break breaks broke broken donate donates donated leave leaves left drink "
    "drinks drank throw throws threw pay pays paid burn burns burned burnt remove removes removed "
    "take takes took fly flies flew die dies died lend lends lent taken sold given occupied stolen "
    "drop drops dropped "
    "melt melts melted burst bursts wilt wilts wilted escape escapes escaped hatch hatches hatched "
    "exit exits exited cancel cancels cancelled mail mails mailed rot rots rotted"
).split()
_HAVE = (
    "has have had is are was were owns own owned holds hold held contains contain contained keeps "
    "keep kept starts start started begins begin began there sits stand stands weighs weighed costs cost"
).split()
_TIME = frozenset(map(_root, "second minute hour day week month year".split()))
_MONEY = frozenset(map(_root, "euro dollar pound cent crown franc".split()))
_DISTANCE = frozenset(map(_root, "km kilometre kilometer mile metre meter".split()))
_MEASURED = "litre liter kilogram kg gram hour page cup".split()
_UNNAMED = "everything"
_STOPS = (
    frozenset(
        "of to for at in on from with and or per a an each every the than as by is are was were has have "
        "had does do did how many much more fewer less then so if when who that which them her his "
        "their its it he she they left equally evenly among between into away altogether total together "
        "apiece old older younger times after before later during he's she's out off up down over "
        "but".split()
    )
    | frozenset(_GAIN)
    | frozenset(_LOSS)
    | frozenset(_HAVE)
)
_N = r"(\d+(?:\.\d+)?|\d+/\d+)"
_NOUN = r"((?:[a-z][a-z'-]* ){0,3}?[a-z][a-z'-]*)"
_EACH = r"(?:each|apiece|a piece|per \w+|(?<=s )an? \w+)"


_VERBS = re.compile(
    rf"\b(?:{'|'.join([*_GAIN, *_LOSS, *_HAVE])}|shar\w+|divid\w+|split\w*|distribut\w+|hands?|"
    rf"lent|lays?|seats?|carr\w+|need\w*|doubles?|triples?|rest)\b",
    re.I,
)


class NotUnderstood(Exception):
    """A problem that these rules do not reach; the message says where they stop."""


@dataclass
class _Reading:
    working: Sum = field(default_factory=Sum)
    amounts: dict[tuple[str, str], Operand] = field(default_factory=dict)
    rates: dict[str, tuple[Operand, str]] = field(default_factory=dict)
    shares: tuple[Operand, str] | None = None
    subject: str = _UNNAMED
    sign: str = "="
    noun: str = ""
    numbers_left: int = 0
    opens: bool = True
    went: bool = False
    last: Operand | None = None

    @property
    def may_be_uneven(self) -> bool:
        """Money and distances come in halves; pencils do not."""
        nouns = {noun.split()[0] for _, noun in self.amounts} | {noun for _, noun in self.rates.values()}
        return bool(nouns & (_MONEY | _DISTANCE | frozenset(map(_root, _MEASURED))))


def read_problem(text: str) -> tuple[Sum, Operand]:
    """The steps of a word problem and the operand that answers it. Raises: NotUnderstood.

    >>> working, answer = read_problem("Anna has 3 boxes of 12 pencils and gives away 7. How many pencils are left?")
    >>> working.way(answer)
    Telling(value=29, steps=('3 × 12 = 36', '36 − 7 = 29'))
    """
    sentences, question = _clauses(_with_digits(text))
    reading = _Reading()
    for clauses in sentences:
        if clauses and not _VERBS.search(clauses[0]):
            raise NotUnderstood(f"I know no verb in «{clauses[0]}»")
        for number, clause in enumerate(clauses):
            reading.opens = number == 0
            _read_clause(clause, reading)
    answer = _answer(question, reading)
    told = reading.working.way(answer)
    if told is not None and isinstance(told.value, float) and not reading.may_be_uneven:
        raise NotUnderstood("it does not come out even")
    return reading.working, answer


def _with_digits(text: str) -> str:
    """Number words as digits, "$5" as "5 dollars", and the names of fractions and multiples made plain."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.replace("’", "'"))
    text = re.sub(
        r"([$€£]) ?(\d+(?:\.\d+)?)", lambda m: f"{m[2]} " + {"$": "dollars", "€": "euros", "£": "pounds"}[m[1]], text
    )
    text = re.sub(r"(\d) ?€", r"\1 euros", text)
    text = re.sub(r"\bhalf a dozen\b", "6", text, flags=re.I)
    text = re.sub(
        rf"\b({'|'.join(_TENS)})[- ]({'|'.join(_SMALL[1:10])})\b",
        lambda m: str(_TENS[m[1].lower()] + _WORDS[m[2].lower()]),
        text,
        flags=re.I,
    )
    text = re.sub(r"\b(?:twice|double)\b", "2 times", text, flags=re.I)
    text = re.sub(r"\b(?:triple|thrice)\b", "3 times", text, flags=re.I)
    text = re.sub(
        rf"\b({'|'.join(_WORDS)})\b(?! of (?:them|which|these|those) (?:is|are)\b)",
        lambda m: str(_WORDS[m[1].lower()]),
        text,
        flags=re.I,
    )
    text = re.sub(r"(\d+) hundred\b", lambda m: str(int(m[1]) * 100), text)
    text = re.sub(r"\b(?:a |1 )?hundred\b", "100", text, flags=re.I)
    text = re.sub(r"(\d+) dozen\b", lambda m: str(int(m[1]) * 12), text)
    return re.sub(r"\b(?:a )?dozen\b", "12", text, flags=re.I)


def _clauses(text: str) -> tuple[list[list[str]], str]:
    """The clauses of every statement in order, and the question."""
    sentences = [part.strip() for part in re.split(r"(?<=[.?!])\s+|\n+", text.strip()) if part.strip()]
    questions = [part for part in sentences if part.endswith("?")]
    if len(questions) != 1:
        raise NotUnderstood("I expect one question" if not questions else "there is more than one question")
    statements: list[list[str]] = []
    for part in sentences:
        if part == questions[0]:
            before, asked = (
                re.fullmatch(r"(?is)(.*?)((?:in total,? |altogether,? |then,? |and )?(?:how|what)\b.*)", part).groups()
                if re.search(r"(?i)\b(?:how|what)\b", part)
                else ("", part)
            )
            statements.append(_split(re.sub(r"(?i)^if\b", "", before.strip(" ,"))))
            question = asked
        elif re.search(r"\d", part) or re.search(
            rf"(?i)\bhalf\b|\bthird\b|\bquarter\b|\bshar|\bsplit|\bdivid|\b(?:{'|'.join(_HAVE[:3])})\b.*\bnone\b", part
        ):
            statements.append(_split(part))
    return statements, question


def _split(sentence: str) -> list[str]:
    pieces = re.split(
        r"\s*;\s*|\s*,?\s+(?:and then|and|then|but|while)\s+(?=(?:\w+'?\w* ){0,6}?(?:\d|half\b|the "
        r"rest|shares?\b|splits?\b|divides?\b))|,\s+(?=(?:(?!each)\w+ ){0,4}(?:\d|half\b))",
        sentence.strip(" .!?"),
    )
    return [piece for piece in pieces if piece and re.search(r"\d|half|third|quarter", piece, re.I)]


def _read_clause(clause: str, reading: _Reading) -> None:
    clause = clause.strip(" ,.")
    reading.numbers_left = len(re.findall(r"\d+(?:\.\d+)?", clause))
    low = re.sub(
        r"^(?:then|later|after that|afterwards|next|first|now|in the (?:morning|afternoon|evening)|on "
        r"\w+day|yesterday|today)\b,? ?",
        "",
        clause,
        flags=re.I,
    )
    _find_subject(low, reading)
    _find_sign(low, reading)
    for rule in (_compared, _shared, _packed, _rate, _rate_of_many, _part_of, _product, _per_time, _plain):
        if rule(low, reading):
            if reading.numbers_left > 0:
                raise NotUnderstood(f"I lost a number in «{clause}»")
            return
    raise NotUnderstood(f"I did not understand «{clause}»")


def _find_subject(clause: str, reading: _Reading) -> None:
    found = re.match(r"(?:(?:the|a|an|in the|his|her|my) )?([A-Za-z][\w'-]*)", clause, re.I)
    word = found.group(1) if found else ""
    if (
        re.match(
            r"(?:half|(?:a |one )?(?:half|third|quarter|fifth|tenth)|there|she|he|they|it|i|we|you|each|"
            r"every|another|of|for|at)\b|\d",
            clause,
            re.I,
        )
        or not word
    ):
        return
    if (
        found.group(0)[0].isupper()
        and word.lower() not in _STOPS
        and not re.match(r"[A-Z][a-z]+s? (?:cost|weigh)", clause)
    ):
        reading.subject = word.lower()


def _find_sign(clause: str, reading: _Reading) -> None:
    """What the clause does to an amount: "=" sets it, "+" and "-" change it; a clause without a verb does as the last one."""
    for word in re.findall(r"[a-z]+", clause.lower()):
        if word in _GAIN or word in _LOSS:
            gone = word in _LOSS or re.search(r"\b(?:gets?|got|getting) (?:off|out)\b", clause)
            reading.sign = "-" if gone else "+"
            if re.search(r"\bleft\b", clause) and re.search(r"\bare left|\bhas left|\bhave left\b", clause):
                continue
            return
        if word in _HAVE:
            reading.sign = "="
            # "are sold", "were eaten": the verb that matters follows.
            if re.search(rf"\b{word}\b(?: \w+)? (?:{'|'.join(_LOSS)})\b", clause, re.I):
                continue
            if re.search(r"\badded|\bgiven\b", clause):
                reading.sign = "+"
            return


def _noun(words: str, reading: _Reading) -> str:
    """The head of what was counted; nothing counted, the last thing that was."""
    kept = []
    for word in words.lower().split():
        if word in _STOPS:
            if kept or word not in ("more", "of", "the", "her", "his", "their", "them", "a"):
                break
            continue
        if word in ("extra", "additional", "other", "new", "additional"):
            continue
        kept.append(word.strip("'"))
    money = [word for word in kept if _root(word) in _MONEY]  # "a 20 euro note"
    if kept:
        kept = money or kept
        reading.noun = _root(kept[-1])
    return reading.noun


def _fraction(text: str) -> Fraction:
    return Fraction(text)


def _change(reading: _Reading, noun: str, by: Operand, subject: str | None = None, sign: str | None = None) -> None:
    subject, sign = subject or reading.subject, sign or reading.sign
    key = _key(reading, subject, noun)
    reading.last = by
    if sign == "=" and key not in reading.amounts:
        reading.amounts[(subject, noun)] = by
    elif sign == "=" and reading.opens:
        raise NotUnderstood(f"the amount of «{noun}» is told twice")
    elif key in reading.amounts and reading.went:
        reading.amounts[key] = reading.working.add(reading.amounts[key], "+", by)
    elif key in reading.amounts:
        reading.amounts[key] = reading.working.add(reading.amounts[key], "-" if sign == "-" else "+", by)
    elif sign == "-" and not reading.amounts and not reading.rates:
        reading.amounts[(subject, noun)] = by  # "A shop sells 12 lamps": what went is what is counted
        reading.went = True
    elif sign == "-" and reading.went and key not in reading.amounts:
        raise NotUnderstood(f"I do not know how much {subject} had")
    elif sign == "-":
        taken = _converted(reading, subject, noun)
        if taken is None:
            raise NotUnderstood(f"something is taken from {subject}, of which I know no amount")
        reading.amounts[(subject, noun)] = reading.working.add(taken, "-", by)
    else:
        reading.amounts[(subject, noun)] = by


def _key(reading: _Reading, subject: str, noun: str) -> tuple[str, str]:
    """Where an amount is kept: under the subject, or under the only one that has such things."""
    if (subject, noun) in reading.amounts:
        return subject, noun
    same_noun = [key for key in reading.amounts if key[1] == noun]
    return (
        same_noun[0]
        if len(same_noun) == 1 and (subject == _UNNAMED or same_noun[0][0] == _UNNAMED)
        else (subject, noun)
    )


def _converted(reading: _Reading, subject: str, noun: str) -> Operand | None:
    """An amount in another unit: boxes that hold 12 pencils each, as pencils."""
    for (owner, thing), amount in list(reading.amounts.items()):
        if owner == subject and thing in reading.rates and reading.rates[thing][1] == noun:
            del reading.amounts[(owner, thing)]
            return reading.working.add(amount, "*", reading.rates[thing][0])
    return None


def _compared(clause: str, reading: _Reading) -> bool:
    more = re.search(
        rf"{_N} (?:{_NOUN} )?(more|fewer|less|older|younger|taller|shorter)(?: {_NOUN})? than (?:the )?(\w+)",
        clause,
        re.I,
    )
    times = re.search(rf"(?:{_N} times|(half)) as (?:many|much|old)(?: {_NOUN})? as (?:the )?(\w+)", clause, re.I)
    again = re.search(rf"(?:{_N} times|(half)) as (?:many|much)\b", clause, re.I)
    if again and not times and reading.last is not None:
        by = (
            reading.working.add(reading.last, "/", Fraction(2))
            if again[2]
            else reading.working.add(reading.last, "*", _fraction(again[1]))
        )
        reading.numbers_left -= 0 if again[2] else 1
        _change(reading, reading.noun, by)
        return True
    if not more and not times:
        return False
    other = (more or times)[5 if more else 4].lower()
    words = (more[2] or more[4] or "") if more else (times[3] or "")
    noun = _noun(words, reading) if words.strip() else reading.noun
    base = _amount_of(other, noun, reading)
    if base is None:
        raise NotUnderstood(f"I do not know how much {other} has")
    if more:
        sign = "+" if more[3].lower() in ("more", "older", "taller") else "-"
        value = reading.working.add(base, sign, _fraction(more[1]))
    else:
        value = (
            reading.working.add(base, "/", Fraction(2))
            if times[2]
            else reading.working.add(base, "*", _fraction(times[1]))
        )
    reading.amounts[(reading.subject, noun)] = value
    reading.numbers_left -= 0 if times and times[2] else 1
    return True


def _amount_of(subject: str, noun: str, reading: _Reading) -> Operand | None:
    if (subject, noun) in reading.amounts:
        return reading.amounts[(subject, noun)]
    own = [amount for (owner, _), amount in reading.amounts.items() if owner == subject]
    return own[0] if len(own) == 1 else None


def _shared(clause: str, reading: _Reading) -> bool:
    match = re.search(
        rf"\b(?:shar|divid|split|distribut|hand)\w*\b(.*?)\b(?:among|between|into|with|to)\b "
        rf"(?:her |his |their |the )?{_N} {_NOUN}",
        clause,
        re.I,
    )
    if not match:
        return False
    amount = re.search(rf"{_N}(?: {_NOUN})?", match[1])
    if amount:
        noun = _noun(amount[2] or "", reading)
        total: Operand = _fraction(amount[1])
        reading.numbers_left -= 1
    else:
        noun = reading.noun
        total = _only(reading, match[1])
    reading.shares = (reading.working.add(total, "/", _fraction(match[2])), noun)
    reading.numbers_left -= 1
    return True


def _packed(clause: str, reading: _Reading) -> bool:
    """ "packs them in boxes of 6": what one box holds."""
    match = re.search(rf"\b(?:in|into) (\w+) of {_N}(?: {_NOUN})?(?: each)?$", clause, re.I)
    if match and len(re.findall(r"\d+", clause)) == 1:
        reading.rates[_root(match[1].lower())] = (_fraction(match[2]), _noun(match[3] or "", reading))
        reading.numbers_left -= 1
        return True
    return False


def _only(reading: _Reading, words: str) -> Operand:
    named = [
        amount
        for (_, noun), amount in reading.amounts.items()
        if noun in {_root(word) for word in re.findall(r"[a-z]+", words.lower())}
    ]
    amounts = (
        named
        or [amount for (owner, _), amount in reading.amounts.items() if owner == reading.subject]
        or list(reading.amounts.values())
    )
    if len(amounts) != 1:
        raise NotUnderstood("I do not know what is shared")
    return amounts[0]


def _rate(clause: str, reading: _Reading) -> bool:
    """ "Each box holds 12 pencils", "every ticket costs 8 euros"."""
    match = re.search(
        rf"\b(?:each|every|one|1|an?) (?:of the (?:\d+ )?)?(\w+) (?:has|have|holds?|contains?|"
        rf"costs?|weighs?|gets?|takes?|gives?|lays?|needs?|eats?|seats?|carries|pays|brings?|buys|"
        rf"reads?|is)\b[a-z ]*? {_N}(?: {_NOUN})?",
        clause,
        re.I,
    )
    if (
        not match
        or re.search(_EACH + r"$", clause)
        and not re.match(r"(?:each|every|an?|one)\b", clause, re.I)
        or not re.match(r"(?:each|every|one|1|an?|if (?:each|an?|one)|in (?:each|every))\b", clause, re.I)
        and "each" not in clause
        and "every" not in clause
    ):
        return False
    thing = _root(match[1].lower())
    # "A shop has 120 lamps" tells of one shop; "each shop has" and "a box holds" of any.
    one_of_them = re.match(
        r"an? \w+ (?:has|have|gets?|takes?|gives?|lays|needs?|eats?|pays|brings?|buys|reads?|is)\b", match.group(), re.I
    )
    if thing in _TIME or one_of_them and not re.match(r"if\b", clause, re.I):
        return False
    reading.rates[thing] = (_fraction(match[2]), _noun(match[3] or "", reading))
    reading.numbers_left -= (
        1 + len(re.findall(r"\b1\b", clause[: match.start(2)])) + len(re.findall(r"of the \d+ ", match.group()))
    )
    return True


def _rate_of_many(clause: str, reading: _Reading) -> bool:
    """ "Pencils cost 2 euros each", "tickets are 8 euros per person"."""
    match = re.fullmatch(rf"(?:the )?(\w+) (?:cost|costs|are|is|weigh) {_N} {_NOUN} {_EACH}", clause, re.I)
    if match:
        reading.rates[_root(match[1].lower())] = (_fraction(match[2]), _noun(match[3], reading))
        reading.numbers_left -= 1
        return True
    needed = re.search(rf"{_N} {_NOUN} (?:per|for each|for every|in each|in every) (\w+)$", clause, re.I)
    if needed and _root(needed[3].lower()) not in _TIME and len(re.findall(r"\d+", clause)) == 1:
        reading.rates[_root(needed[3].lower())] = (_fraction(needed[1]), _noun(needed[2], reading))
        reading.numbers_left -= 1
        return True
    return False


def _part_of(clause: str, reading: _Reading) -> bool:
    """ "gives half of them to Ben", "sells a quarter of the apples", "uses 25 percent of it"."""
    match = re.search(
        rf"\b(?:(half)|(?:a|one|1) (third|quarter|fourth|fifth|tenth)|{_N} ?(?:percent|per cent|"
        rf"%))(?: of)?(?: (?:the|her|his|their|its|those|these))?(?: ([a-z]+))?",
        clause,
        re.I,
    )
    if not match or reading.sign not in "-=" or " as many " in clause:
        return False
    word = (match[4] or "").lower()
    noun = _root(word) if word and word not in _STOPS and word not in ("them", "it", "these", "those") else reading.noun
    key = _key(reading, reading.subject, noun)
    if key not in reading.amounts:
        raise NotUnderstood(f"I do not know of what «{match.group().strip()}» is a part")
    divisor = {"third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}.get((match[2] or "").lower(), 2)
    whole = reading.amounts[key]
    if match[3]:
        part = reading.working.add(reading.working.add(whole, "*", _fraction(match[3])), "/", Fraction(100))
        reading.numbers_left -= 1
    else:
        part = reading.working.add(whole, "/", Fraction(divisor))
        reading.numbers_left -= len(re.findall(r"\b1\b", match.group()))
    if reading.sign == "-":
        reading.amounts[key] = reading.working.add(whole, "-", part)
        _receive(clause, noun, part, reading)
    else:
        says = re.search(r"\b(?:is|are|was|were) (\w+)", clause[match.end(1 if match[1] else 0) :], re.I)
        reading.amounts[(reading.subject, f"{noun} {_root(says[1].lower()) if says else 'part'}")] = part
    return True


def _product(clause: str, reading: _Reading) -> bool:
    """ "3 boxes of 12 pencils", "4 rows with 6 chairs each", "5 tickets at 8 euros each"."""
    match = re.search(
        rf"{_N} {_NOUN},? (?:of|with|containing|holding|at|for|that (?:cost|hold|contain)|which (?:cost|"
        rf"hold|contain)|that each (?:cost|hold|contain)|each (?:with|of|holding|containing|has|have|holds|"
        rf"costs?)|of which each (?:has|holds))"
        rf" {_N}(?: {_NOUN})?(?: ({_EACH}))?(?=$|[ ,.])",
        clause,
        re.I,
    )
    if not match:
        return False
    many, thing, size, what = match[1], match[2], match[3], match[4] or ""
    count_noun = _noun(thing, reading)
    noun = _noun(what, reading) if what.strip() else count_noun
    if noun in _TIME and not match[5]:
        return False
    if noun in _MONEY and not match[5] and re.search(r"\bfor\b", match.group()):
        product: Operand = _fraction(size)  # "buys 3 apples for 6 euros": the price of all
    else:
        product = reading.working.add(_fraction(many), "*", _fraction(size))
    reading.numbers_left -= 2
    if noun in _MONEY:
        _money(clause, noun, product, reading)
        if reading.sign != "-":
            reading.amounts.setdefault((reading.subject, count_noun), _fraction(many))
    else:
        _change(reading, noun, product)
        _receive(clause, noun, product, reading)
    return True


def _money(clause: str, noun: str, product: Operand, reading: _Reading) -> None:
    """Buying takes from the purse, if it is known what is in it, and adds to the bill; selling earns."""
    sells = bool(re.search(r"\b(?:sell|sells|sold|earn\w*|gets?|receive\w*)\b", clause, re.I))
    purse = _key(reading, reading.subject, noun)
    if purse in reading.amounts:
        reading.amounts[purse] = reading.working.add(
            reading.amounts[purse], "+" if sells or reading.subject == "bill" else "-", product
        )
    else:
        bill = (reading.subject, noun + " bill")
        old = reading.amounts.get(bill)
        reading.amounts[bill] = product if old is None else reading.working.add(old, "+", product)


def _per_time(clause: str, reading: _Reading) -> bool:
    """ "reads 20 pages a day for 5 days", "drives 60 km per hour for 3 hours"."""
    match = re.search(
        rf"{_N} {_NOUN} (?:a|an|per|each|every|in (?:a|an|1|each|every)) (second|minute|hour|day|"
        rf"night|week|month|year)\b(?:.*?\b(?:for|in) (?:{_N} |(a) )(\w+))?",
        clause,
        re.I,
    ) or re.search(
        rf"(?:for|in) {_N} (?P<x>\w+),? .*?{_N} {_NOUN} (?:a|an|per|each|every) (second|minute|hour|day|"
        rf"night|week|month|year)\b",
        clause,
        re.I,
    )
    if not match:
        return False
    if "x" in match.groupdict():
        rate, words, unit, many, length = match[3], match[4], match[5], match[1], match["x"]
    else:
        rate, words, unit, many, length = (
            match[1],
            match[2],
            match[3],
            match[4] or ("1" if match[5] else None),
            match[6],
        )
    noun = _noun(words, reading)
    reading.numbers_left -= 1 + bool(
        many
        and re.search(rf"\b{many}\b", clause[match.start() :])
        and not (match.groupdict().get("x") is None and match[5])
    )
    if not many:
        reading.rates[_root(unit.lower())] = (_fraction(rate), noun)
        return True
    count = _fraction(many) * _ratio(unit, length)
    _change(reading, noun, reading.working.add(_fraction(rate), "*", count))
    return True


def _ratio(unit: str, length: str) -> Fraction:
    unit, length = _root(unit.lower()), _root(length.lower())
    if unit == length:
        return Fraction(1)
    table = {
        ("day", "week"): 7,
        ("hour", "day"): 24,
        ("minut", "hour"): 60,
        ("month", "year"): 12,
        ("night", "week"): 7,
        ("week", "year"): 52,
        ("second", "minut"): 60,
    }
    if (unit, length) not in table:
        raise NotUnderstood(f"I do not know how many {unit}s go into the time told")
    return Fraction(table[(unit, length)])


def _plain(clause: str, reading: _Reading) -> bool:
    """One amount, or several of the same kind of verb."""
    times = re.search(rf"\b(?:{_N} times (?:that|the) (?:amount|number)|(?:doubles|triples))\b", clause, re.I)
    found = list(re.finditer(rf"{_N}(?: {_NOUN})?(?= |$|,|\.)", clause))
    if times or not found or re.search(rf"{_N} times\b", clause):
        return False
    for match in found:
        noun = _noun(clause[match.end(1) :].strip(), reading)
        if (
            noun in _TIME
            and not re.search(r"\b(?:old|age)\b", clause)
            and reading.sign == "+"
            and re.search(r"\bfor\b", clause)
            and noun in reading.rates
        ):
            rate, thing = reading.rates[noun]
            _change(reading, thing, reading.working.add(rate, "*", _fraction(match[1])))
        elif noun in _MONEY and reading.sign == "+" and re.search(r"\b(?:buy|buys|bought)\b", clause, re.I):
            _money(clause, noun, _fraction(match[1]), reading)
        elif noun in _MONEY and reading.sign == "-" and _key(reading, reading.subject, noun) not in reading.amounts:
            _money_paid(clause, noun, match[1], reading)
        else:
            amount: Operand = _fraction(match[1])
            _change(reading, noun, amount)
            _receive(clause, noun, amount, reading)
        reading.numbers_left -= 1
    return True


def _money_paid(clause: str, noun: str, number: str, reading: _Reading) -> None:
    """ "pays with a 20-euro note": the bill comes off it; "spends 5 euros": it goes on the bill."""
    bill = (reading.subject, noun + " bill")
    if re.search(r"\bpa(?:y|ys|id)\b.*\bwith\b", clause, re.I) and bill in reading.amounts:
        reading.amounts[(reading.subject, noun + " change")] = reading.working.add(
            _fraction(number), "-", reading.amounts[bill]
        )
    else:
        old = reading.amounts.get(bill)
        reading.amounts[bill] = _fraction(number) if old is None else reading.working.add(old, "+", _fraction(number))


def _receive(clause: str, noun: str, amount: Operand, reading: _Reading) -> None:
    """What one gives, the other has; what one gets from another, that one has no more."""
    other = re.search(
        r"\b(to|from) (?:(?:his|her|their) (?:friend |brother |sister )?)?([A-Z][a-z]+)\b", clause
    ) or re.search(r"\b(gives|gave) ([A-Z][a-z]+)\b", clause)
    if not other or other[2].lower() == reading.subject:
        return
    key = (other[2].lower(), noun)
    if key in reading.amounts:
        reading.amounts[key] = reading.working.add(reading.amounts[key], "-" if other[1] == "from" else "+", amount)
    elif other[1] != "from":
        reading.amounts[key] = amount


def _answer(question: str, reading: _Reading) -> Operand:
    low = question.lower()
    if reading.went and re.search(r"\bleft\b|\bremain", low):
        raise NotUnderstood("I do not know how much there was at first")
    reading.numbers_left = len(re.findall(r"\d+", low))
    more = re.search(
        r"how (?:many|much) (?:more|fewer|less|older)(?: (\w+))?.*?\b(?:does|do|is|has|have)\b "
        r"(\w+).*?\bthan (\w+)",
        low,
    )
    if more and more[3] != "that":
        noun = _root(more[1] or "") if (more[1] or "") not in _STOPS else reading.noun
        one, other = _amount_of(more[2], noun, reading), _amount_of(more[3], noun, reading)
        if one is None or other is None:
            raise NotUnderstood("I do not know both sides of the comparison")
        larger_first = reading.working.way(one).value >= reading.working.way(other).value
        return reading.working.add(one, "-", other) if larger_first else reading.working.add(other, "-", one)
    if reading.shares and re.search(r"\beach\b|\bevery\b|\bper\b|\bone\b", low):
        return reading.shares[0]
    asked = re.search(
        r"how many ((?:\w+ ){0,3}\w+)|how (?:much|far|old|long)(?: (\w+))?|what (?:is|was) the (?:total )?(\w+)", low
    )
    words = next((part for part in (asked.groups() if asked else ()) if part), "")
    noun = _asked_noun(low, words, reading)
    timed = _in_time(low, noun, reading)
    if timed is not None:
        return timed
    priced = _priced(low, noun, reading)
    if priced is not None:
        return priced
    if reading.numbers_left:
        raise NotUnderstood("I do not know what to do with the number in the question")
    return _from_amounts(low, noun, reading)


def _asked_noun(low: str, words: str, reading: _Reading) -> str:
    if re.search(r"how far", low):
        return next(
            (noun for _, noun in reading.amounts if noun in _DISTANCE),
            next((noun for _, noun in reading.rates.values() if noun in _DISTANCE), reading.noun),
        )
    if re.search(r"how old|years old", low):
        return _root("year")
    if re.search(r"how much|\bcost\b|\bprice\b|\bchange\b|\bmoney\b", low) and not re.search(r"how many", low):
        money = [
            noun
            for noun in (*(key[1].split()[0] for key in reading.amounts), *(noun for _, noun in reading.rates.values()))
            if noun in _MONEY
        ]
        return money[0] if money else reading.noun
    kept = []
    for word in words.split():
        if word in _STOPS:
            break
        kept.append(word)
    return _root(kept[-1]) if kept else reading.noun


def _in_time(low: str, noun: str, reading: _Reading) -> Operand | None:
    """ "How many pages in 5 days?" after "20 pages a day"."""
    length = re.search(
        rf"\b(?:in|for|after) (?:{_N}|(a|an)) (seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?)\b", low
    )
    for unit, (rate, thing) in reading.rates.items():
        if unit in _TIME | {"night"} and length and thing == noun:
            reading.numbers_left -= bool(length[1])
            count = _fraction(length[1] or "1") * _ratio(unit, length[3])
            made = reading.working.add(rate, "*", count)
            return made
    return None


def _priced(low: str, noun: str, reading: _Reading) -> Operand | None:
    """ "How much do 4 pencils cost?" after "each pencil costs 2 euros"; "how many boxes are needed?" after what one holds."""
    wanted = re.findall(rf"{_N} (\w+)", low)
    terms = []
    for number, thing in wanted:
        known = reading.amounts.get((_root(thing), noun))  # "A spider has 8 legs. How many legs do 3 spiders have?"
        if known is not None:
            reading.rates[_root(thing)] = (known, noun)
        if _root(thing) in reading.rates and reading.rates[_root(thing)][1] == noun:
            terms.append(reading.working.add(_fraction(number), "*", reading.rates[_root(thing)][0]))
    if terms and len(terms) == len(wanted):
        reading.numbers_left = 0
        return _total(reading, terms)
    if noun in reading.rates and not wanted and not any(key[1] == noun for key in reading.amounts):
        size, content = reading.rates[noun]
        held = [amount for (_, thing), amount in reading.amounts.items() if thing == content]
        if len(held) == 1:
            return reading.working.add(held[0], "/", size)
    return None


def _total(reading: _Reading, terms: list[Operand]) -> Operand:
    total = terms[0]
    for term in terms[1:]:
        total = reading.working.add(total, "+", term)
    return total


def _from_amounts(low: str, noun: str, reading: _Reading) -> Operand:
    for (subject, thing), amount in list(reading.amounts.items()):
        rate = reading.rates.get(thing)
        if rate and (rate[1] == noun or noun in _MONEY and rate[1] in _MONEY):
            del reading.amounts[(subject, thing)]
            product = reading.working.add(amount, "*", rate[0])
            old = reading.amounts.get((subject, rate[1]))
            spent = old is not None and rate[1] in _MONEY
            reading.amounts[(subject, rate[1])] = (
                product if old is None else reading.working.add(old, "-" if spent else "+", product)
            )
    subjects = {subject for subject, _ in reading.amounts}
    asked = [subject for subject in sorted(subjects) if re.search(rf"\b{re.escape(subject)}\b", low)]
    parts = [
        amount
        for (_, thing), amount in reading.amounts.items()
        if " " in thing
        and thing.split()[1] not in ("bill", "change", "part")
        and thing.split()[1] in {_root(word) for word in re.findall(r"[a-z]+", low)}
    ]
    if len(parts) == 1:
        return parts[0]
    special = (
        "change"
        if "change" in low
        else "bill"
        if re.search(r"\b(?:cost|pay|spend|spent|bill|price|owe)\b", low)
        else "part"
        if re.search(r"\bpart\b", low)
        else ""
    )
    exact = {
        key: amount for key, amount in reading.amounts.items() if key[1] == noun and (not asked or key[0] in asked)
    }
    if special or not exact:
        exact = {
            key: amount for key, amount in reading.amounts.items() if key[1].startswith(f"{noun} {special}".strip())
        } or exact
    together = re.search(r"\b(?:together|altogether|in total|in all|total|combined|sum)\b", low)
    if not exact and (together or len(reading.amounts) == 1):
        exact = dict(reading.amounts)
    if len(exact) > 1 and not together:
        last = [key for key in exact if key[0] == reading.subject]
        if len(last) == 1 and re.search(r"\b(?:she|he|it|they|left|remain\w*)\b", low):
            exact = {last[0]: exact[last[0]]}
    if not exact:
        raise NotUnderstood(f"I found no amount of «{noun}»")
    if len(exact) > 1 and not (together or re.search(r"\bthey\b|\bare there\b", low)):
        raise NotUnderstood("I do not know whose amount is asked for")
    return _total(reading, list(exact.values()))
