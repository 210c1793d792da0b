"""Is an e-mail spam? Decided by weighing what speaks for it against what speaks for an honest sender.

Every sign below is a pattern with a weight. The sum decides, and its distance from the border,
with the amount of evidence on the losing side, says how easily a reader is fooled.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from course_lib.simulation.model.decisions import Label, Prompt

BIAS = -0.6
"""Where an e-mail without any sign stands: most mail that looks like nothing is honest."""
QUOTED_SHARE = 0.25
"""How much a sign counts when it stands in a forwarded or quoted mail only."""


@dataclass(frozen=True)
class SpamSign:
    """A pattern and its weight: positive speaks for spam, negative for an honest sender.

    A second, different match adds half of the weight; more add nothing. With `deniable`, a "not"
    or "never" shortly before takes the match away.
    """

    about: str
    weight: float
    pattern: re.Pattern
    deniable: bool = False


def _sign(about: str, weight: float, pattern: str, deniable: bool = False) -> SpamSign:
    return SpamSign(about, weight, re.compile(pattern, re.I | re.M), deniable)


_SECRET = (
    r"(?:passwords?|pins?|card (?:details|number|data)|bank details|credentials|log-?in data|"
    r"security code|user name)"
)
_HAND_OVER = r"(?:verify|confirm|enter|submit|update|provide|send|give|validate|type|re-?enter)"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"

SIGNS = (
    # what unwanted mail promises
    _sign("a prize", 1.6,
          r"\b(?:you(?:'ve| have)? (?:been selected|won)|has won|winnings?|(?:you're|you are) (?:a|the|"
          r"our) (?:lucky )?winner|were chosen|been chosen|jackpot|grand prize|lucky (?:winner|customer|visitor)|"
          r"(?:claim|collect) (?:your|the)|second prize|(?:international|online|national|euro) (?:\w+ )?lottery|"
          r"lottery (?:prize|draw|agent|winner)|won the lottery|address was drawn)\b", deniable=True),
    _sign("a gift", 0.9,
          r"\b(?:free (?:gifts?|bonus|spins?|trial|iphone|phone|money)|gifts? left|choose your free|reward|"
          r"pills free|get \d+ free)\b"),
    _sign("pay to receive", 1.2,
          r"\b(?:pay|only|just) (?:only |just )?[$€£]?\d[\d.]* ?(?:eur|euros?|usd|dollars|"
          r"gbp)? (?:for )?(?:shipping|handling|postage|delivery)\b|\bbrand new (?:i?phone|tablet|car|laptop)\b"),
    _sign("a tip for the market", 1.8,
          r"\b(?:penny stocks?|hot stock|stock tip|triple your|will explode|(?:to the moon)|insider tip|forex)\b"),
    _sign("a wonder device", 1.4,
          r"\b(?:don't want you to know|want you to know|little device|secret (?:trick|berry|method|formula)|"
          r"selling out|proven system|scientifically proven|this one trick)\b"),
    _sign("a trapped attachment", 2.4, r"\benable (?:macros|content|editing)\b|\w\.(?:zip|exe|scr|js|iso|vbs)\b"),
    _sign("congratulations", 0.6, r"\bcongratulations\b"),
    _sign("easy money", 1.5,
          r"\b(?:guaranteed (?:profits?|returns?|income)|(?:no|without) (?:any )?risk|risk[- ]free|double (?:your|"
          r"the) \w+|get rich|earn (?:up to )?[\d$€£]|passive income|financial freedom|trading (?:robot|signals)|"
          r"(?:crypto|trading) (?:robot|bot)|your bitcoin|extra cash|turn (?:your )?[\d$€£][\d.,]* ?(?:eur|usd|"
          r"dollars|euros)? into)"),
    _sign("guarantee", 0.7, r"\b(?:guaranteed?|100 ?% (?:natural|verifiable|safe|free|legal)|money[- ]back)\b"),
    _sign("credit", 1.4,
          r"\b(?:pre-?approved|bad credit|cash fast|fast cash|consolidate your debts?|no questions asked|"
          r"loan of up to|loan approved)\b"),
    _sign("a stranger's fortune", 2.0,
          r"\b(?:inheritance|barrister|next of kin|beneficiary|late (?:client|husband|father)|(?:million|"
          r"m) (?:us )?(?:dollars|usd|euros|pounds)|strictly confidential|sum of (?:money|[\d$€£]))"),
    _sign("medicine and beauty", 2.0,
          r"\b(?:viagra|cialis|(?:slimming|sleeping|diet|miracle) pills?|lose \d+ ?(?:kg|kilos|pounds)|burns? fat|"
          r"hair (?:growth|loss) (?:formula|cure)|(?:doctors|dentists) hate|(?:no|without) (?:a )?prescription|"
          r"miracle (?:cure|cream|formula)|enlarge\w*)\b"),
    _sign("gambling", 1.8, r"\b(?:casino|free spins|no deposit|betting tips|poker room|sure bets?)\b"),
    _sign("adult", 2.0,
          r"\b(?:singles? (?:ladies|women|men|near)|beautiful singles|hot (?:girls|women|singles)|private photos|"
          r"lonely tonight|in your area want)\b"),
    _sign("fakes", 1.9,
          r"\b(?:replica|designer (?:bags|copies)|(?:university|bachelor|diploma)\b.{0,25}\b(?:in \d+ days|degree)|"
          r"no exams|real followers|followers for|\d followers)\b"),
    _sign("home job", 1.3,
          r"\b(?:work from home|from your sofa|no experience (?:needed|required)|registration fee|starter kit|"
          r"be your own boss)\b"),
    _sign("web services for strangers", 1.6,
          r"\b(?:seo|backlinks|(?:first|1st) page of (?:google|every)|off page one|website owner|"
          r"page[- ]one ranking|thousand visitors|web design offer)\b"),
    _sign("cold call", 1.3,
          r"\b(?:(?:companies|businesses|firms|teams) (?:like|such as) yours|did not hear back|didn't hear back|"
          r"trying once more|following up on my (?:last|previous)|right person|short call|quick call|(?:ten|10|15|"
          r"fifteen) minutes (?:on|this|next)|win more customers|send you a price list)\b"),
    _sign("vanity press", 1.6,
          r"\b(?:esteemed|eminent|your valuable (?:work|contribution|research)|publication fee|acceptance within|"
          r"submit a paper|guest of honou?r)\b"),
    # how it pushes
    _sign("sales push", 1.0,
          r"\b(?:order now|buy now|act now|apply now|call now|join (?:now|free)|click (?:here|below|now)|shop now|"
          r"sign up now|subscribe now|play now|order today|buy \d)\b"),
    _sign("bargain", 0.7,
          r"(?:\b\d{1,3} ?% (?:off|discount)|\bup to \d{1,3} ?%|\bextra \d+ ?%|\bhalf price|\bbest price|"
          r"\bspecial offer|\bfree shipping|\bsave big|\bbulk discount|\bbonus of|\bcheap\b|\bfor (?:only|"
          r"just) [$€£]|\bfrom \$\d|\bfor \$\d)"),
    _sign("scarcity", 0.9,
          r"\b(?:hurry|limited (?:stock|time|offer|places|spots)|positions are limited|only \d+ (?:\w+ )?left|"
          r"last chance|offer (?:ends|expires)|ends (?:at midnight|today|tonight)|while stocks last|today only|"
          r"this week only|countdown|expires? in \d+|final notice)\b"),
    _sign("pressure", 0.8,
          r"\b(?:urgent|immediately|at once|within (?:\d+|twenty-four|twelve|two|three) (?:hours?|days)|(?:in|"
          r"under) \d+ hours|expired? (?:today|tomorrow)|expires tomorrow|asap|without delay)\b"),
    _sign("threat", 1.3,
          r"\b(?:(?:has been|is|was|been) (?:suspended|blocked|limited|locked|deactivated|on hold)|"
          r"will be (?:closed|deleted|suspended|terminated|lost|returned to the sender|blocked|deactivated)|"
          r"closed permanently|access (?:will|has)|avoid (?:suspension|closure)|may be held back|(?:was|"
          r"been) declined|payment failed)\b"),
    _sign("blackmail", 2.6,
          r"\b(?:recorded you|your webcam|all your contacts|access to your (?:computer|device)|"
          r"do not contact the police|send .{0,25}(?:in )?bitcoin)\b"),
    _sign("false alarm", 1.5,
          r"\b(?:infected with|virus(?:es)? (?:found|detected)|your (?:antivirus|protection|"
          r"licen[cs]e) (?:has )?expired|unusual activity|suspicious (?:sign-?in|activity|login)|"
          r"unauthori[sz]ed (?:login|access))\b"),
    # what it wants to be handed
    _sign("asks for secrets", 2.2,
          rf"\b{_HAND_OVER}\b[^.!?\n]{{0,70}}?\b{_SECRET}\b|\b(?:sign|log) in\b[^.!?\n]{{0,40}}\b{_SECRET}\b", deniable=True),
    _sign("asks to confirm an account", 1.5,
          r"\b(?:verify|validate|confirm|update|re-?activate|unlock) (?:your|the) (?:account|mailbox|identity|"
          r"billing|payment|details|card)\b", deniable=True),
    _sign("asks for a fee", 1.5,
          r"\b(?:processing|customs|registration|handling|release|administration|transfer) fee\b"),
    _sign("gift-card errand", 2.6,
          r"\bgift cards?\b[\s\S]{0,80}\b(?:codes?|scratch|buy|each)\b|\b(?:buy|purchase|"
          r"get)\b[^.\n]{0,40}\bgift cards?\b", deniable=True),
    _sign("secrecy", 1.2,
          r"\b(?:keep (?:it|this) (?:between us|quiet|confidential|to yourself)|can(?:no|')t talk|in a meeting and|"
          r"don't tell|small favou?r)\b"),
    _sign("a new bank account", 2.4,
          r"\b(?:bank|payment|account) (?:details|information|account) (?:have|has) (?:been )?(?:changed|updated)|"
          r"change of (?:bank|account|payment) (?:details|account)|\bto (?:the|our|this) new (?:bank )?account\b|"
          r"\bold account\b"),
    _sign("no call back", 1.0,
          r"\b(?:phones? (?:are|is) (?:out of order|down)|confirm by return mail|do not call|only reply by)\b"),
    _sign("a claim without a sender", 1.2,
          r"\b(?:tax refund|eligible for a|refund of [\d$€£]|compensation (?:fund|payment)|unclaimed)\b"),
    _sign("free or overfull mailbox", 1.3,
          r"\bmailbox (?:is|has|size|limit|quota|almost)|\bmailbox has reached|\bexceeded (?:your|the) (?:storage|"
          r"quota)"),
    # how it is addressed
    _sign("no name", 1.0,
          r"^\s*(?:dear|hello|hi|attention),? (?:valued |lucky |esteemed |dear )?(?:customer|user|client|friend|"
          r"winner|member|sir|madam|sir/madam|beneficiary|account holder|website owner|researcher|handsome|shopper|"
          r"subscriber|beloved|e-?mail user)\b"),
    _sign("bare link", 0.9, r"\bhttp://\S+|https?://\d{1,3}(?:\.\d{1,3}){3}|\bbit\.ly/\S+"),
    _sign("bought address", 1.3,
          r"\b(?:public directory|write remove|to be removed|if you (?:do not|don't) want these e-?mails|not spam)\b"),
    _sign("protected document", 1.1,
          r"\b(?:document is protected|open the document|view the document|link works for you only|"
          r"shared a (?:document|file) with you)\b"),
    # what honest mail has
    _sign("a person's name", -0.9,
          r"^\s*(?:hi|hello|hey|dear|good morning|good evening),? (?:(?:ms|mr|mrs|dr|prof|"
          r"professor)\.? )?(?-i:[A-Z])[a-zà-ÿ]+(?: (?-i:[A-Z])[a-zà-ÿ]+)?\s*[,!]|\bdear (?:ms|mr|mrs|dr|"
          r"professor)\b"),
    _sign("a known circle", -1.2,
          r"^\s*(?:hi|hello|dear|good morning),? (?:all|team|everyone|students|parents|tenants|neighbours|folks|"
          r"both)\b|\bdear (?:parents|students|tenants|members|reader)\b"),
    _sign("a signature", -0.6,
          r"(?:^|[.!?,] )(?:best|kind regards|with kind regards|love|cheers|thanks|see you|best wishes|sorry|"
          r"your),? ?\n?(?-i:[A-Z])[a-z]+(?: (?-i:[A-Z])[a-z]+)?\s*\Z|\n\n(?-i:[A-Z])[a-z]{2,9}\s*\Z|\b(?:mum|dad|"
          r"grandma|grandpa)\s*\Z"),
    _sign("daily life", -1.0,
          r"\b(?:meeting|minutes of|dinner|lunch|birthday|homework|seminar|lesson|concert|appointment|practice|"
          r"classroom|school|kitchen|cake|heating|plants?|photos? (?:from|of) (?:our|the)|hike|train|holiday|keys?|"
          r"grandma|grandpa|mum|dad|kids|weekend|coffees?|rota|shift|garage|cellar|tonight, then|neighbour|thesis|"
          r"essay|fever|plumber|swimming|football|choir|babysitter|dentist)\b"),
    _sign("shared work", -1.0,
          r"\b(?:draft|log file|pull request|branch|slides|budget|project folder|chapter|third version|printer|bug|"
          r"test|agenda|deadline for the|second paragraph|data set|spreadsheet|proposal we|as discussed|"
          r"we (?:talked|spoke|met|agreed))\b"),
    _sign("a date or a time", -0.6,
          rf"\b(?:on|until|by|this|next|last) {_WEEKDAY}\b|\b{_WEEKDAY} (?:evening|morning|afternoon|at)\b|"
          rf"\b\d{{1,2}} {_MONTH}\b|\b\d{{1,2}}:\d\d\b|\bbetween \d+ and \d+\b|\bseven o'clock\b"),
    _sign("a real errand", -0.9,
          r"\b(?:pick it up|please call (?:us|the practice|ms|mr|me)|call (?:ms|mr|me|the number on)|give me a ring|"
          r"let me know|tell me if|could you (?:read|look|have a look|check)|shall i|are you (?:two |both )?(?:in|"
          r"free|coming)|have a look|room [a-z]? ?\d+|drop by)\b"),
    _sign("a past order", -1.0,
          r"\b(?:your order \d+|order (?:no\.?|number) ?\d+|left our warehouse|invoice \d+ of|customer account|"
          r"repairing your|for (?:shopping|ordering) with us|your (?:car|bike) is ready)\b"),
    _sign("an agreed mailing", -2.2,
          r"\b(?:because you (?:subscribed|signed up|registered)|you (?:subscribed|signed up) (?:on|to|for)|"
          r"unsubscribe at any time|our subscribers|your membership card|you asked us)\b"),
    _sign("no pressure", -1.4,
          r"\b(?:(?:just|please) ignore (?:this|it)|nothing will change|nothing to worry|perhaps it was overlooked|"
          r"within (?:ten|fourteen|10|14|30|thirty) days|if you have already paid|no need to (?:hurry|do anything)|"
          r"no hurry|whenever (?:you|it) (?:have|suits?)|valid until)\b"),
    _sign("warns of fraud", -2.6,
          r"\b(?:never ask (?:you )?(?:for|to)|holds no link|contains no link|fraudsters|(?:one of those|is (?:this|"
          r"it|that)) (?:phishing|spam|a scam)|beware of|back of your card|report (?:phishing|suspicious)|"
          r"didn't click|is this real|looks like (?:spam|phishing))\b"),
    _sign("a place to go", -1.1,
          r"\b(?:at (?:the|my|our|your) (?:desk|branch|counter|reception)|to your branch|on the ground floor|"
          r"(?:bridge|church|main|station|mill) (?:street|road) \d+|third floor|second floor|at the door|"
          r"we are open (?:until|from))\b"),
    _sign("a joke", -2.0, r"\b(?:(?:ha){2,}|hehe|got you\b|just kidding|only joking|:-?\)|;-?\))"),
    _sign("a shared past", -1.0,
          r"\b(?:old friend|happy birthday|hugs\b|pay me back|you know me|you took part|asks about you|as always|"
          r"remember when|thanks for (?:the|your|having)|good to see you|your talk|you wrote|heard your talk)\b"),
    _sign("a first-person aside", -0.7,
          r"\b(?:i'm not happy|i fixed|i left|i like the|i looked at the|i have sorted|i stay at home|"
          r"i'm (?:running|thinking|baking|late)|i forgot|i'll (?:bring|do|be))\b"),
    _sign("family matters", -1.6,
          r"\b(?:where are you|picks? up the phone|locked out|call me (?:back|when|immediately))\b"),
)

_BLATANT = frozenset(("a prize", "a gift", "easy money", "credit", "a stranger's fortune", "medicine and beauty", "gambling",
                      "adult", "fakes", "home job", "sales push", "bargain", "scarcity", "blackmail", "false alarm"))
_BAIT = re.compile(
    r"\b(passwords?|invoice|overdue|transfer|lottery|won|prize|offers?|% off|donate|money|security|link|click|bank|card|"
    r"voucher|account|free|newsletter|immediately|payment|euros?|confirm|reset)\b|!!!|https?://|\b\d+ ?%", re.I)

_NOT_BEFORE = re.compile(r"\b(?:not|never|no|didn't|don't|won't|without|nobody|hardly)\b(?:\s+[\w\'-]+){0,4}\s*\Z", re.I)
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.M)
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b")
_SAYS_NO = re.compile(r"\bno\b", re.I)
_SAYS_YES = re.compile(r"\byes\b", re.I)


@dataclass(frozen=True)
class SpamEvidence:
    """The weights found (`spam` and `honest` are sums of at least 0), and how the mail sounds.

    blatant: how many signs of loud advertising it has. bait: how many things it speaks of that
    unwanted mail likes to speak of, such as passwords, winnings and open invoices.
    """

    spam: float
    honest: float
    blatant: int = 0
    bait: int = 0

    @property
    def score(self) -> float:
        """Above 0 is spam."""
        return self.spam - self.honest + BIAS

    @property
    def difficulty(self) -> float:
        """How often a hurried reader is wrong.

        Most near the border; more where strong evidence points both ways, where unwanted mail
        keeps its voice down, and where honest mail speaks of what fraudsters speak of.
        """
        distance = abs(self.score)
        border = 0.5 * math.exp(-distance / 1.1)
        mixed = 0.07 * min(self.spam, self.honest, 3.0) * math.exp(-distance / 5.0)
        if self.score > 0:
            disguise = 0.0 if self.blatant else 0.28 * math.exp(-max(0.0, self.spam - 4.0) / 4.0)
        else:
            disguise = 0.09 * min(max(0, self.bait - 1), 4)
        return round(min(0.62, 0.015 + max(border, 0.3 * border + disguise) + mixed), 3)


class Spam:
    """Spam or not spam; phishing, scams and unsolicited offers count as spam."""

    name = "spam"
    cues = re.compile(r"\b(?:spam|spammy|is_spam|junk|phishing|scam|unsolicited)\b", re.I)

    def decide(self, prompt: Prompt) -> Label:
        """The label of the mail in `prompt.material`; without any text it is not spam, and a guess."""
        evidence = weigh(prompt.material)
        value = "spam" if evidence.score > 0 else "not spam"
        return Label(value, _choices(prompt.instruction), evidence.difficulty)


def _choices(instruction: str) -> dict[str, tuple[str, ...]]:
    """The words that prompts use. "No" is one of them, except in "no other words"."""
    refusal = () if _SAYS_NO.search(instruction) and not _SAYS_YES.search(instruction) else ("no",)
    return {
        "spam": ("junk", "junk mail", "phishing", "scam", "unsolicited", "unwanted", "unsafe", "malicious", "suspicious",
                 "block", "yes", "true"),
        "not spam": ("ham", "legitimate", "legit", "genuine", "safe", "clean", "wanted", "honest", "non-spam", "no spam",
                     "not junk", "not phishing", "not a scam", "allow", *refusal, "false"),
    }


@lru_cache(maxsize=4096)
def weigh(text: str) -> SpamEvidence:
    """The evidence in an e-mail. Quoted lines, such as a forwarded mail, count for a quarter.

    >>> weigh("You have won! Click here to claim your prize within 24 hours.").score > 0
    True
    >>> weigh("Dear Ms Roth, the meeting on Thursday starts at 9:30.").score > 0
    False
    """
    own = _QUOTED_LINE.sub("", text)
    if len(own.split()) < 4:
        own, text = "\n".join(line.lstrip("> \t") for line in text.splitlines()), ""  # the whole mail is a quotation
    quoted = "\n".join(line.lstrip("> \t") for line in _QUOTED_LINE.findall(text))
    mine, others = _sums(own), _sums(quoted)
    return SpamEvidence(
        spam=mine.spam + QUOTED_SHARE * others.spam,
        honest=mine.honest + QUOTED_SHARE * others.honest,
        blatant=mine.blatant,
        bait=mine.bait + others.bait,
    )


def _sums(text: str) -> SpamEvidence:
    found = [(sign, sign.weight * _strength(sign, text)) for sign in SIGNS] if text.strip() else []
    loud = _loudness(text)
    return SpamEvidence(
        spam=sum(weight for _, weight in found if weight > 0) + loud,
        honest=sum(-weight for _, weight in found if weight < 0),
        blatant=sum(weight > 0 and sign.about in _BLATANT for sign, weight in found) + (loud >= 0.6),
        bait=len({match.lower() for match in _BAIT.findall(text)}),
    )


def _strength(sign: SpamSign, text: str) -> float:
    """0 without a match, 1 with one, 1.5 with two different ones."""
    found = []
    for match in sign.pattern.finditer(text):
        denied = sign.deniable and _NOT_BEFORE.search(text[max(0, match.start() - 60):match.start()])
        words = match.group().strip().lower()
        if not denied and words not in found:
            found.append(words)
            if len(found) == 2:
                return 1.5
    return float(len(found))


def _loudness(text: str) -> float:
    """Shouting: words in capitals and rows of exclamation marks, at most 0.9."""
    marks = (0.4 if "!!" in text else 0.0) + (0.2 if text.count("!") > 2 else 0.0)
    return min(0.9, 0.3 * len(_SHOUTED.findall(text)) + marks)


SKILLS = (Spam(),)
