"""What a customer's review or support ticket says: sentiment, stars, topics, urgency, products.

Everything is read from the words of the text (`tone`, `product_names` and the patterns below), and
every answer's difficulty from how clear those words are.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from course_lib.simulation.model.decisions import Finding, Label, Listing, Prompt
from course_lib.simulation.model.skills.product_names import find_product_names
from course_lib.simulation.model.skills.tone import Tone, read_tone

EASIEST, HARDEST = 0.015, 0.62
SILENCE = 0.9
"""Praise and blame below this are no opinion: neutral."""
BOTH = 0.38
"""Mixed begins where the weaker side has this share of the stronger one."""
MEDIUM, HIGH = 1.5, 3.2
"""Where the urgency scale is cut; see `read_urgency`."""

_HAPPINESS = {"negative": 0.0, "mixed": 0.5, "neutral": 0.5, "positive": 1.0}
_YES_OR_NO = re.compile(r"\byes\b[\s\S]*\bno\b|\bno\b[\s\S]*\byes\b|\btrue\b[\s\S]*\bfalse\b", re.I)


def _bounded(difficulty: float) -> float:
    return round(min(HARDEST, max(EASIEST, difficulty)), 3)


def _offered(instruction: str, choices: dict[str, tuple[str, ...]]) -> list[str]:
    """The values that an instruction offers; all of them when it names fewer than two."""
    masked, found = instruction, set()
    pairs = [(word, value) for value, said in choices.items() for word in (value, *said)]
    words = sorted(pairs, key=lambda pair: -len(pair[0]))
    for word, value in words:
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])", re.I)
        masked, times = pattern.subn(" ", masked)
        if times:
            found.add(value)
    return [value for value in choices if value in found] if len(found) > 1 else list(choices)


class Sentiment:
    """Positive, negative, neutral or mixed, or the nearest of those that the prompt offers."""

    name = "sentiment"
    cues = re.compile(
        r"\b(?:sentiments?|polarity|mood|attitude|tonality|opinion of the (?:customer|writer|author)|"
        r"how (?:happy|satisfied|unhappy|angry)|(?:un|dis)?(?:happy|satisfied) or (?:un|dis|not )?(?:happy|satisfied)|"
        r"positive(?:ly)?,? (?:or |and |/ ?)?(?:neutral,? |mixed,? )*(?:or |and )?negative|"
        r"negative,? (?:or |and )?positive|positive/negative|"
        r"(?:is|are) (?:this|it|these|the \w+)(?: \w+)? (?:positive|negative)|satisfaction)\b", re.I)

    def decide(self, prompt: Prompt) -> Label:
        """The sentiment of `prompt.material`. A text without any opinion is neutral."""
        tone = read_tone(prompt.material)
        choices = _sentiment_choices(prompt.instruction)
        order = _sentiments_by_fit(tone)
        offered = _offered(prompt.instruction, choices)
        fitting = [value for value in order if value in offered]
        forced = 0.2 if fitting[0] != order[0] else 0.0
        difficulty = _bounded(_sentiment_difficulty(tone, order[0]) + forced)
        return Label(fitting[0], choices, difficulty, fitting[1], _HAPPINESS)


def _sentiment_choices(instruction: str) -> dict[str, tuple[str, ...]]:
    choices = {
        "positive": ("happy", "satisfied", "favourable", "favorable", "good", "pos"),
        "negative": ("unhappy", "dissatisfied", "not satisfied", "not happy", "unfavourable", "unfavorable", "angry",
                     "bad", "neg"),
        "neutral": ("indifferent", "factual", "neither", "no opinion"),
        "mixed": ("ambivalent", "both"),
    }
    asked = re.search(r"\b(positive|negative|happy|unhappy|satisfied|dissatisfied)\b", instruction, re.I)
    if asked and _YES_OR_NO.search(instruction):
        about = next(value for value, words in choices.items() if asked.group().lower() in (value, *words))
        other = "negative" if about == "positive" else "positive"
        said = {about: ("yes", "true"), other: ("no", "false")}
        return {value: said.get(value, ()) for value in choices}
    return choices


def _sentiments_by_fit(tone: Tone) -> list[str]:
    """All four values, the best first; the second is what a hurried reader would say."""
    lean = "positive" if tone.praise >= tone.blame else "negative"
    other = "negative" if lean == "positive" else "positive"
    if tone.irony >= 1:
        return ["negative", "positive", "mixed", "neutral"]
    stronger, weaker = max(tone.praise, tone.blame), min(tone.praise, tone.blame)
    if stronger < SILENCE:
        return ["neutral", lean, "mixed", other] if stronger else ["neutral", "negative", "positive", "mixed"]
    if weaker >= 0.9 and weaker >= BOTH * stronger:
        return ["mixed", lean, other, "neutral"]
    second = other if tone.negations else "mixed" if weaker else "neutral"
    return [lean, second, *(value for value in ("mixed", "neutral", other) if value != second)]


def _sentiment_difficulty(tone: Tone, value: str) -> float:
    stronger, weaker = max(tone.praise, tone.blame), min(tone.praise, tone.blame)
    if tone.irony >= 1:
        return 0.56 - 0.1 * min(1.0, max(0.0, tone.irony - 1)) - 0.06 * min(2.0, tone.blame)
    if 0 < tone.irony < 1:
        return 0.3
    extra = 0.035 * min(3, tone.negations) + 0.15 * tone.turned
    if value == "neutral":
        return 0.05 + 0.25 * stronger + extra
    if value == "mixed":
        return 0.12 + 0.25 * math.exp(-3 * (weaker / stronger - BOTH)) * (1 - 0.4 * tone.contrast) + extra
    faint = 0.3 * math.exp(-(stronger - SILENCE) / 0.8)
    divided = 0.3 * (weaker / stronger) if stronger else 0.0
    return 0.01 + faint + divided + extra


class Stars:
    """A star rating from 1 to 5."""

    name = "stars"
    cues = re.compile(r"\b(?:star rating|stars?|(?:customer|review|overall|numeric) rating|rate (?:the|"
                      r"this|each) (?:customer )?review|^rating)\b", re.I)

    def decide(self, prompt: Prompt) -> Label:
        """Stars from "1" to "5"; a neighbour is what a mistake says."""
        tone = read_tone(prompt.material)
        stars = _stars(tone)
        lean = tone.lean if tone.irony < 1 else -1.0
        slip = stars - 1 if (lean > 0 and stars > 1) or stars == 5 else stars + 1
        words = {"1": ("one",), "2": ("two",), "3": ("three",), "4": ("four",), "5": ("five",)}
        difficulty = _bounded(0.08 + _sentiment_difficulty(tone, _sentiments_by_fit(tone)[0]))
        return Label(str(stars), words, difficulty, str(slip), {star: (int(star) - 1) / 4 for star in words})


def _stars(tone: Tone) -> int:
    if tone.irony >= 1:
        return 1
    if max(tone.praise, tone.blame) < SILENCE:
        return 3
    strength = max(tone.praise, tone.blame) >= 2.5
    if tone.lean > 0.45:
        return 5 if strength else 4
    if tone.lean < -0.45:
        return 1 if strength else 2
    return 4 if tone.lean > 0.25 else 2 if tone.lean < -0.25 else 3


TOPIC_SIGNS = {
    topic: (re.compile(clear, re.I), re.compile(hint, re.I))
    for topic, (clear, hint) in {
        "delivery": (
            r"\b(?:deliver(?:y|ed|s|ing|ies)|shipp(?:ed|ing)|shipment|courier|parcel|tracking|in transit|"
            r"postman|pick-up station|by express|in your warehouse|arrived? (?:a day|\w+ days?|\w+ weeks?|"
            r"on time|late|early|yet|last|"
            r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)|should have arrived|when (?:they|it|will it|"
            r"does it) (?:come|arrive)s?|(?:wrong|red|white|black|other) one\b.{0,40}\bordered|you sent me|"
            r"ordered on \w+day|nothing late|dispatch\w*)\b",
            r"\b(?:arriv\w+|package|address|weeks)\b"),
        "price": (
            r"\b(?:prices?|priced|pric(?:e)?y|expensive|overpriced|cheap(?:er|est)?(?! plastic)|bargain|"
            r"discount|good value|value for money|for (?:the )?money(?! back)|worth the|cost|costs|costly|"
            r"\d+ percent off|"
            r"(?:for|paid|pay) \d+ (?:euros?|eur|dollars|pounds)|\d+-euro|sure, \d+ euros|made of money|"
            r"my \d+ euros|sale starts?|on sale|fee|invoice shows)\b",
            r"\b(?:euros?|waste of money|money|affordable)\b"),
        "quality": (
            r"\b(?:quality|broke(?! up)|breaks|broken|sturdy|solid|motor|sound|sounds|suction|coffee from|"
            r"coffee is|fantastic coffee|quiet|loud|nois[ey]|noise|leaks?|leaking|rattles|wobbles|hums|"
            r"ugly|looks? (?:beautiful|cheap|great)|"
            r"boils?|heats|warms?|warm light|like the light|toast|grinder|cleans|picks up|cat hair|"
            r"gets stuck|smoothies|burns one|burnt|still runs|runs perfectly|stopped working|well built|"
            r"plastic|finish|milk foam|flicker\w*|it's dark|"
            r"sparks|smoke|melted|shock|crack|clicking|click all|every time|can't weigh|crushes|whistles|"
            r"drips|lasted|defective|faulty|doesn't start|does what|reliable|easy to clean|beautiful lamp|"
            r"thing i've bought|"
            r"great blender|in circles|out from under|cable of|headache|gas|descale|"
            r"neither better nor worse|handle|finds its way|sleep better|nothing special|sleep without|"
            r"helicopter|worked (?:fine|well)|durable|"
            r"happy with the|happier with the|give my|none of these|no noise|in my kitchen|the glass jug|"
            r"vacuums?\b.{0,20}well|material)\b",
            r"\b(?:works?|runs?|lamp|robot|heater|blender|kettle|weigh\w*|purchase|device|disappointed)\b"),
        "battery": (
            r"\b(?:batter(?:y|ies)|charg(?:es|ing) (?:takes|it|time|cable)|doesn't charge|won't charge|"
            r"keep charging|cordless\b.{0,40}\bon the cord|recharg\w+|power bank|accu)\b",
            r"\b(?:charge[sd]?|cordless|runtime|plug(?:ged)?)\b"),
        "support": (
            r"\b(?:support|hotline|customer (?:service|care)|friendly service|friendly, patient|your team|"
            r"helpdesk|service (?:team|staff|desk)|helpful|third message|waiting for a reply|"
            r"speak to (?:somebody|someone)|"
            r"on the phone|hung up|e-?mails are ignored|minutes of (?:piano )?music|for an answer|"
            r"nobody (?:answers|replies|even tried)|one call|call centre|agent|opening hours|do you test)\b",
            r"\b(?:service|reply|answer(?:ed)?|called|phone|polite|rude|hold)\b"),
        "packaging": (
            r"\b(?:packag(?:ing|ed)|packed|(?:the|soaked|crushed|whole) (?:box|carton)|the box|the carton|"
            r"a carton|padding|foam crumbs|bubble wrap|wrapped|unpack\w*|nothing broken, nothing missing)\b",
            r"\b(?:box|carton|foam crumbs|cardboard|tape)\b"),
        "setup": (
            r"\b(?:set(?:ting)? (?:it |this |them |everything )?up|set-?up|install(?:s|ed|ing|ation)?|"
            r"instructions?|manual|app (?:explains|crashes)|connect(?:s|ed|ing)? to|wifi|wi-fi|"
            r"put together|assembl\w+|mount\w*|pair(?:s|ed|ing)?|won't pair|work with a|step three|"
            r"configur\w+|booklet)\b",
            r"\b(?:app|step|screws?|parts)\b"),
        "refund": (
            r"\b(?:refund(?:s|ed)?|money back(?! guarantee)|give the money back|sent (?:the \w+|it) back|"
            r"return(?:ed)? the|to return|reimburse\w*|my \d+ euros back|voucher instead|charged my card|"
            r"charged me (?:twice|double)|pick it up)\b",
            r"\b(?:return(?:ed)?|money|bill|chargeback)\b"),
        "account": (
            r"\b(?:(?:my|our|your) account|log ?in|log-in|password|locked out|reset mail|"
            r"order confirmation for|sign in|user name|delete my data)\b",
            r"\b(?:account|e-mail address|settings)\b"),
    }.items()
}
_ON_MY_ACCOUNT = re.compile(r"\bon (?:my|our) account\b", re.I)


class Topics:
    """What a customer text is about, from a fixed set; fewer when the prompt offers fewer."""

    name = "topics"
    cues = re.compile(r"\b(?:topics?|themes?|subject matter|what (?:this|the|it) \w*\s?(?:is|talks) about|"
                      r"issues? mentioned|concerns? mentioned)\b", re.I)

    def decide(self, prompt: Prompt) -> Listing:
        """One finding per topic, in the fixed order; hints that are no topic may be reported by mistake."""
        text = _ON_MY_ACCOUNT.sub(" ", prompt.material.replace("’", "'"))
        offered = _topics_offered(prompt.instruction)
        items, false_alarms = [], []
        for topic in offered:
            clear, hint = TOPIC_SIGNS[topic]
            times = len({match.group().lower() for match in clear.finditer(text)})
            if times:
                items.append(Finding({"topic": topic}, _bounded(0.08 / times - 0.01)))
            elif hint.search(text):
                false_alarms.append(Finding({"topic": topic}, 0.06))
        return Listing(tuple(items), "none", tuple(false_alarms))


def _topics_offered(instruction: str) -> tuple[str, ...]:
    named = tuple(topic for topic in TOPIC_SIGNS if re.search(rf"\b{topic}\b", instruction, re.I))
    return named if len(named) > 1 else tuple(TOPIC_SIGNS)


@dataclass(frozen=True)
class UrgencyReading:
    """How much a text presses. `score` is cut at MEDIUM and HIGH.

    quiet: something grave, or a real problem, that is told calmly. noisy: loud words without a reason.
    """

    score: float
    quiet: bool
    noisy: bool


_DANGER = re.compile(
    r"\b(?:sparks?|smoke|smok(?:es|ing)|fire|flames?|caught fire|melted|electric shock|shocks? me|"
    r"swell(?:ing|s)|swollen|thick in the middle|burnt? (?:wire|cable|plug|smell)|smell(?:s)? (?:of|"
    r"like) (?:gas|burn\w*|a burnt)|"
    r"gas leak|so hot|too hot to|turned brown|dangerous|smells? burn\w*|(?:extremely|very|really|terribly|"
    r"gets?|getting|becomes?) hot\b|water\b.{0,40}\bsocket|fuses? (?:keeps?|blows?|blew|trips?)|"
    r"short circuit|electrocuted|poison\w*|carbon monoxide|explod\w+|injur\w+|bleeding|headaches?|numb|"
    r"is it safe)\b", re.I)
_HARMLESS = re.compile(r"\b(?:no emergency|nothing is (?:burning|broken|on fire)|not dangerous|"
                       r"smells? of burnt plastic|saves gas)\b[^.!?]*", re.I)
_MONEY_OR_ACCOUNT = re.compile(
    r"\b(?:never made|orders? (?:that )?i (?:never|didn't|did not) (?:ma[dk]e|place)|didn't order one|"
    r"hacked|stolen|fraud|somebody (?:else )?has (?:placed|used|ordered)|charged (?:my card|me) (?:twice|"
    r"three times|several times|\d+ times)|"
    r"double[- ]charged|debited\b.{0,20}\b(?:twice|three times|again)|logged in(?:to)? (?:to )?my account|"
    r"changed (?:the|my) (?:delivery |e-?mail )?(?:address|password)|did(?:n't| not) authori[sz]e|"
    r"(?:(?:nobody|no one) can|(?:customers?|we|users?) (?:can(?:not|'t| not)|are unable to)) (?:pay|order|check out|log ?in|work)|"
    r"(?:server|web ?site|shop|system|service|network) is down|to an? (?:unknown )?address in another country|without my (?:permission|knowledge)|block (?:it|my|"
    r"the) )", re.I)
_HEALTH = re.compile(r"\b(?:oxygen|medicines?|medication|insulin|inhaler|asthma|hospital|epipen|dialysis|"
                     r"pacemaker|life[- ]saving|ventilator|newborn)\b", re.I)
_DEADLINE = re.compile(
    r"\b(?:(?:must|have to|need|needs to|can you|could you|please)\b[^.!?]{0,150}\b(?:today|tonight|tomorrow)\b|"
    r"due tomorrow|(?:needed|need it|deadline is|due|expires?) (?:by |on )?(?:tonight|today|tomorrow)|"
    r"for tomorrow|(?:by|until|before|at \w+) (?:tomorrow|tonight|noon|this evening)|tomorrow (?:at|"
    r"morning|noon|evening|afternoon)|comes? (?:at \w+ )?tomorrow|by express today|"
    r"today(?: at the latest|\?|!|\.)|(?:leave|leaving|fly|flying|moving|birthday is|wedding is|"
    r"party is) (?:today|tomorrow|tonight)|in (?:two|three|a few|\d) hours)", re.I)
_LOUD = re.compile(r"\b(?:urgent(?:ly)?|immediately|asap|a\.s\.a\.p|right away|at once|as soon as possible|"
                   r"answer fast|emergency|without delay|quickly please)\b", re.I)
_NO_HURRY = re.compile(
    r"\b(?:no hurry|not (?:\w+ )?urgent|isn't urgent|no rush|no emergency|can wait|whenever you|"
    r"when you (?:have|find) (?:the )?time|just (?:a quick|wondering|curious|to (?:say|let|thank))|"
    r"no (?:answer|reply) needed|close this ticket|"
    r"only (?:asking|want to know)|i'd just like to know|before i order|next time|doesn't bother me|"
    r"nothing is burning|in advance|roughly when)\b", re.I)
_REPORTED = re.compile(
    r"\b(?:manual|page|booklet|guide|instructions?|label|app)\b[^.!?]{0,40}?\b(?:says?|said|tells?|reads?)\b[^.!?]*", re.I)
_OBVIOUS = re.compile(r"\b(?:sparks?|smoke|fire|flames?|shock|explod\w+|hacked|stolen|warning|danger\w*)\b|!", re.I)
_PLAYED_DOWN = re.compile(
    r"\b(?:make a fuss|small remark|funny thing|not sure if|it's only|just a thought|by the way|thanks a lot for|"
    r"no big deal|might be nothing|probably nothing)\b", re.I)
_ASKS_FOR_ACTION = re.compile(
    r"\b(?:please|could (?:you|somebody|someone)|can you|would you|what can i|where is it|i(?:'d|"
    r" would) like (?:a|my|to (?:speak|talk|return|get))|i want (?:one|my|a)|when do you (?:intend|plan)|"
    r"need (?:a|my|you|it)|look at this|how (?:do|can) i (?:get|return|replace|claim)|help me|"
    r"what (?:should|shall) i do|"
    r"i (?:can't|cannot|can not) (?:log|access|use|open|reach|get)|get back to me|send a|repair it|come and|"
    r"i've tried|you (?:have )?owed? me|send me)\b", re.I)
_TROUBLE = re.compile(
    r"\b(?:should have arrived|hasn't|haven't|still (?:hasn't|haven't|no|not|waiting)|doesn't (?:charge|"
    r"connect|work|start|turn|open|fit)|won't (?:start|charge|work|connect|open)|can't log|cannot log|"
    r"never (?:arrives?|arrived|came|ordered|got)|"
    r"(?:will|does|did|can) ?not (?!find|tell|see|wait|bother|mind)\w+|(?:can't|won't|doesn't) (?:access|"
    r"heat|cool|drain|pair|move|print|respond|last|switch)|stopped \w+ing|no longer|has failed|"
    r"keeps \w+ing|received (?:only )?one|"
    r"nothing (?:is here|came|arrived|happens|works)|not (?:here|there) yet|"
    r"leaks?|crack(?:ed)?|crushed|broken?|broke|error|wrong|been waiting|third (?:message|time|e-?mail)|"
    r"full price|replacement|owed? me|in circles|defective|faulty|missing|you sent me the|lost|"
    r"stopped working|"
    r"locked out|delete my|overdue|no longer works?|dead|damaged|bill that came)\b", re.I)


class Urgency:
    """Low, medium or high: how soon somebody must act on a text."""

    name = "urgency"
    cues = re.compile(r"\b(?:urgen(?:t|cy)|priority|how soon|triage)\b", re.I)

    def decide(self, prompt: Prompt) -> Label:
        """The urgency of `prompt.material`; a text that asks for nothing is low."""
        reading = read_urgency(prompt.material)
        value = "high" if reading.score >= HIGH else "medium" if reading.score >= MEDIUM else "low"
        choices = _urgency_choices(prompt.instruction)
        offered = _offered(prompt.instruction, choices)
        if value not in offered:
            value = "low" if "low" in offered else offered[0]
        slip = _urgency_slip(value, reading, offered)
        return Label(value, choices, _urgency_difficulty(reading), slip, {"low": 0.0, "medium": 0.5, "high": 1.0})


def _urgency_choices(instruction: str) -> dict[str, tuple[str, ...]]:
    """The words of prompts. "Urgent" is an answer only where "high" is none: "how urgent: low, high?" asks with it."""
    scale = re.search(r"\b(?:high|low)\b", instruction, re.I)
    yes_no = _YES_OR_NO.search(instruction)
    return {
        "low": (("no", "false") if yes_no else ()) if scale or yes_no else ("not urgent", "can wait", "minor"),
        "medium": ("moderate", "mid"),
        "high": ("yes", "true", *(() if scale or yes_no else ("urgent", "critical", "immediate"))),
    }


def _urgency_slip(value: str, reading: UrgencyReading, offered: list[str]) -> str:
    """What a hurried reader says: the calm danger is missed, the loud question is believed, else a neighbour."""
    middle = "medium" if "medium" in offered else ""
    if value == "high":
        return "low" if reading.quiet else middle or "low"
    if value == "low":
        return "high" if reading.noisy else middle or "high"
    return "high" if reading.score > (MEDIUM + HIGH) / 2 and not reading.quiet else "low"


def _urgency_difficulty(reading: UrgencyReading) -> float:
    gap = min(abs(reading.score - MEDIUM), abs(reading.score - HIGH))
    return _bounded(0.01 + 0.25 * math.exp(-gap / 0.4) + 0.3 * (reading.quiet or reading.noisy))


@lru_cache(maxsize=4096)
def read_urgency(text: str) -> UrgencyReading:
    """How much a text presses: danger and lost money most, then deadlines, then a problem that waits for an answer.

    >>> read_urgency("Smoke comes out of the plug!").score > HIGH
    True
    >>> read_urgency("Do you sell gift wrap? No hurry.").score < MEDIUM
    True
    """
    text = text.replace("’", "'")
    harmless = bool(_HARMLESS.search(text))
    text = _HARMLESS.sub(" no hurry ", text)
    trouble, action = bool(_TROUBLE.search(text)), bool(_ASKS_FOR_ACTION.search(text))
    grave = any(sign.search(text) for sign in (_DANGER, _MONEY_OR_ACCOUNT, _HEALTH))
    deadline, calm = bool(_DEADLINE.search(text)), bool(_NO_HURRY.search(text))
    loud_words = bool(_LOUD.search(_NO_HURRY.sub(" ", text)))
    loud = text.count("!") > 4 or bool(_LOUD.search(_REPORTED.sub(" ", _NO_HURRY.sub(" ", text))))
    if grave:
        score = 4.2
    else:
        score = 3.4 * deadline if trouble or action or "tomorrow" in text else 0.6 * deadline
        score += (1.9 if action else 0.5) * trouble + 0.6 * (loud and not calm) - 1.5 * calm
    quiet = not loud and not _OBVIOUS.search(text) and (not action if grave else trouble and bool(_PLAYED_DOWN.search(text)))
    noisy = not grave and (harmless or loud_words and calm or loud_words != loud or loud and not (trouble or deadline))
    return UrgencyReading(score, quiet, noisy)


class Entities:
    """The products that a text names."""

    name = "entities"
    cues = re.compile(
        r"\b(?:entit(?:y|ies)|product names?|names? of (?:the |all |every )?products?|(?:which|what|every|"
        r"all|any) products?|products? mentioned|mentioned products?)\b"
        r"|(?:\b(?:list|find|name|extract)(?: the| all| every)?|,|\band|\bkeys:?|\bfields:?|"
        r"[\"'`]) products?\b(?! (?:review|page|text|description))|[\"'`]products?[\"'`]|^products?$", re.I)

    def decide(self, prompt: Prompt) -> Listing:
        """The names as they stand in the text, in their order. Names without a model sign are easier to miss."""
        names = find_product_names(prompt.material)
        return Listing(tuple(Finding({"product": name.text}, 0.03 if name.sure else 0.15) for name in names), "none")


SKILLS = (Sentiment(), Stars(), Topics(), Urgency(), Entities())
