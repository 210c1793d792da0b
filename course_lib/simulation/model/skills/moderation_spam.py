"""Does a post advertise for somebody's profit? Offers, pushes and hidden recommendations against everyday life.

Posts are not e-mails: nobody is greeted and nobody signs, so these signs are others than those of the `spam` skill.
"""

import re
from functools import lru_cache

from course_lib.simulation.model.skills.charges import ChargeEvidence, any_of, sign, straight, sums
from course_lib.simulation.model.skills.spam import weigh

BIAS = 1.3
"""What a post without any sign is short of."""

MAIL_SHARE = 0.4
"""How much the signs of unwanted e-mail count in a post: scams read alike everywhere."""

_PRICE = r"(?:[$€£] ?\d[\d.,]*|\b\d[\d.,]* ?(?:euros?|eur|dollars|pounds|crowns|€|£|\$))"
SIGNS = (
    sign("tells to buy", 1.6,
         r"\b(?:order|buy|book|join|subscribe|sign up|apply|play|call|act|click|register|download|type|enter|pay|"
         r"visit|grab yours?|get yours?)[^.!?\n]{0,25}?\b(?:now|today|here|at [\w-]+\.\w+)\b|\bshop (?:now|today|"
         r"online)\b|\border by message\b|\bbuy \d|\bclick (?:here|below|the link)"),
    sign("a discount", 1.4,
         r"\b\d{1,3} ?% off\b|\b\d{1,3} ?% discount|\bhalf price\b|\b(?:special|introductory|limited|exclusive|"
         r"unbeatable) (?:offer|price|deal)s?\b|\bbest price\b|\bbest deal|\bfor the price of\b|\bpay for (?:one|"
         r"two|three|four|five|six)\b|\bbulk discount|\bfree (?:shipping|fitting|inspection|trial|spins|gift|"
         r"delivery|sample)|\binstead of \d|\bold price\b|\bnormally \d|\bship for free\b|\bfirst (?:hour|month|"
         r"session|lesson|week)[^.!?\n]{0,12}\b(?:free|costs nothing|on us)|\b\d for \d+\b|\bget \d free|"
         r"\bfree juice|\bsurprise \w+ with the first"),
    sign("a code or a link for customers", 1.5,
         r"\b(?:code|coupon|voucher code) (?-i:[A-Z]{3,}\d*)\b|\blink (?:is )?in (?:my|the) (?:profile|bio)|"
         r"\b(?:use|with) (?:my|the) code\b|\bget you in\b|\b(?:through|via|with|use) my link\b|\breferral|"
         r"\baffiliate|\byou(?:'ll| will) get the (?:link|download)"),
    sign("an offer", 1.2,
         r"\b(?:big|great|autumn|summer|winter|spring|clearance|huge) (?:\w+ )?sale\b|\bsecond (?:pair|one) (?:half|"
         r"free)|\bno (?:joining|sign-?up|setup) fee\b|\btry (?:it|us) (?:for )?free\b|\bfirst (?:one|two) (?:is |"
         r"are )?free\b|\bwe buy (?:any|your|old)\b|\bcash (?:on the spot|in hand)\b|\ba (?:bottle|box|set|jar|pack|"
         r"tube) for \d|\bi can get you\b|\bnew in town:|\bsee you at \w+\.|\bfollow @|\b(?:courses?|class(?:es)?|"
         r"workshops?) starts?\b|\bfor (?:forum )?members\b|\bcheap (?:\w+ )?lessons\b|\b\d+ (?:euros )?an hour\b|"
         r"\bfirst one free\b|\bany age, any\b|\bhelped me (?:from|lose|to)\b|\bbook (?:us|me|your)\b|"
         r"\bfree (?:quote|consultation|estimate)\b"),
    sign("a fortune to share", 2.2,
         r"\brich (?:uncle|widow|aunt)\b|\b(?:customs|processing|handling|release|registration) fee of \d|"
         r"\bin confidence\b|\bmillion\b[^\n]{0,60}\bpercent\b|\bhelp me (?:move|transfer) (?:it|the|some)"),
    sign("scarce", 1.0,
         r"\b(?:only|just) \w+ (?:\w+ )?left\b|\blast chance\b|\bwhile stocks last\b|\bthis week only\b|"
         r"\bonly (?:today|until|this week)\b|\buntil \w+(?:day| moon)\b(?: only)?|\bhurry\b|\boffer ends|"
         r"\bif you sign today\b|\bfirst \w+ (?:buyers|customers|members)\b|\b(?:has|have) (?:\w+ )?(?:two|three|"
         r"\d+) places|\bplaces (?:left|free)|\beverything must go|\bends (?:tonight|soon|on)\b|\bbefore (?:they're|"
         r"it's) (?:gone|sold out)|\bdelivery today\b|\bwhile they last\b"),
    sign("a shop speaks", 1.4,
         r"\bour (?:seo|expert|sales|professional|dedicated) team\b|\bour (?:\w+ )?(?:shop|store|warehouse|studio|"
         r"service|experts|salon|happy customer|products?|new collection|webshop)\b|\bmy (?:little |online |"
         r"new )?(?:shop|store|e-?book|course|channel)\b|\bat (?-i:[A-Z]\w*[a-z][A-Z]\w+)\b|\bis your new\b|"
         r"\bwe have just (?:the thing|what)|\bthe online shop\b|\bhire (?!that)\w+|\b(?:check out|visit|"
         r"follow) (?:my|our|us|me)\b|\bwe (?:offer|sell|deliver|repair|clean)\b|\bmy (?:own line|website|services?|"
         r"brand)\b|\b(?-i:[A-Z][a-z]+[A-Z][a-z]+) (?:pays?|sells?|makes?|brings?|delivers?|helps?|cleans?|does)\b|"
         r"\btop prices\b|\bvisit us\b|\bi (?:switched|changed) (?:with|to) (?-i:[A-Z])|\bsmall business\b|"
         r"\bhas already helped\b|\bpackages from\b|\bkit for\b|\b(?-i:[A-Z][a-z]+[A-Z][a-z]+) (?:are|is|has|"
         r"offers)\b|\bat (?:café|cafe) \w+ we\b"),
    sign("a price", 0.7,
         rf"(?:only|just|from|for(?: only)?|costs?) (?:only )?{_PRICE}|\b(?:for |only |from )\d+[.,]\d\d\b|"
         rf"{_PRICE} (?:each|for the set)"),
    sign("offers by message", 1.1,
         r"\b(?:send|write|drop|text) (?:to )?me\b[^.!?\n]{0,40}\b(?:get|now|link|word|message)\b|\bmessage me\b|"
         r"\bask for (?-i:[A-Z])\w+ on\b|\bcontact (?:me|us)\b|\bdm me\b|\bask me,|\bwrite back for\b|"
         r"\bwrite to me\b"),
    sign("easy money", 2.4,
         r"\bfrom your sofa\b|\bno experience\b|\b(?:own|be your) (?:own )?boss\b|\bguaranteed\b|\bno risk\b|"
         r"\bdoubled? (?:my|your)|\bpassive income|\btrading\b|\bearn (?:up to |money|\d|extra)|"
         r"\bmade \d[\d,.]* (?:euros )?(?:last|this|in|a) |\bturned my \d|\bbrokers?\b|\binvest(?:ed|ing)? (?:only|"
         r"just|with)|\bpays? for itself|\bbonus\b|\bmake \d+ a (?:week|day|month)\b|\bloan of\b|"
         r"\bno questions asked\b|\bstarter kit\b|\bcrypto|\bbitcoin"),
    sign("typical wares", 2.2,
         r"\b(?:sleeping pills|no prescription|hair growth|burns? fat|lose \d+ ?(?:kg|kilos|pounds)|miracle|"
         r"followers|free spins|casino|no deposit|first page of|seo|replica|cheap (?:pills|watches|loans)|"
         r"lifetime keys|mobile numbers, |for your newsletter|doctors hate)\b"),
    sign("shouts", 0.6, r"!!|🔥|(?-i:\b[A-Z]{5,} [A-Z]{4,})"),
    sign("a shop's address", 0.5,
         r"(?<![@.\w-])(?!quillbridge\.)[\w-]{1,40}\.(?:example|com|shop|biz|store|net)\b|\bhttps?://|\bwww\."),
    sign("a grateful customer", 1.3,
         r"\bnothing (?:worked|beats)|\beverything under the sun\b|\bthen we found\b|\bi owe it all to\b|"
         r"\bwhat helped (?:our family|us|me)\b|\bif you want it too\b|\bgive something back\b|\bchanged (?:my|"
         r"our) li(?:fe|ves)\b|\buntil i (?:tried|found|discovered|met)\b|\b(?:unbelievable|amazing|"
         r"incredible) (?:difference|results?|effect)|\bi (?:usually|normally) don't (?:share|post|recommend)|"
         r"\btrial (?:pack|offer|month|lessons?)|\bby the way still\b|\bcancel any ?time\b|\ba friend showed me\b|"
         r"\bwas sceptical\b|\bposting this again\b|\btell (?:everybody|your friends|everyone)\b|"
         r"\bread your lovely\b|\bfor you, dear\b|\bwhy (?:should you )?pay (?:more|for)\b"),
    sign("cheap work at home", 1.2, r"\bcheap \w+|\bfreshly copied|\bperfect gift"),
    sign("sells copies", 1.0,
         r"\bcracked\b[^.!?\n]{0,60}(?:\d|price|order)|\bscanned\b[^\n]{0,80}\d+ euros|\bno subscription\b"),
    # everyday life
    sign("a warning", -3.0,
         r"\ba warning\b|\bsave your money\b|\bis this (?:real|a scam|an advert|spam)\b|\bi've never entered\b|"
         r"\bcareful\b|\bbeware\b|\bsmall print\b|\bdon't fall for\b|\ba (?:scam|trick|con)\b|\brip-?off\b|"
         r"\btook my money\b"),
    sign("for nothing or for all", -1.8,
         r"\bgiving away\b|\bto give away\b|\bfree (?:to|for) (?:whoever|a good home)|\bwhoever can\b|"
         r"\bjumble sale\b|\bbake sale\b|\bcharity\b|\bkindergarten\b|\bfood bank\b|\bvolunteers?\b|\bno ads\b|"
         r"\bopen source\b|\bcode is open\b|\bfree concert\b|\blibrary\b|\btown hall\b|\bparish hall\b|"
         r"\bour school\b|\bgoes (?:into|to) the\b|\bdonations?\b|\bno money in it\b|\bcommunity garden\b|"
         r"\bentry is free\b|\bfree with your card\b"),
    sign("a neighbour's own thing", -1.6,
         r"\bselling my\b|\bmy (?:son|daughter|kid|grandma|mother|father)'s (?:old|outgrown)\b|\boutgrown\b|"
         r"\bscratches\b|\bor best offer\b|\bor (?:two|a) (?:really )?good\b|\bmoving (?:out|house)\b|\blost:|"
         r"\bfound:"),
    sign("asks or tells", -0.9,
         r"\bcan (?:anyone|anybody|someone) recommend\b|\bdoes (?:anyone|anybody)\b|\bif you ask me\b|\bwhat (?:do|"
         r"would) you\b|\bhow do you\b|\bthey don't pay me\b|\bi finally tried\b|^i tried\b|\bi tried (?:that|"
         r"those)\b|\bthank-?you to\b|\bwhich \w+ do you use\b|\bis it (?:legal|worth|true)\b"),
)
_PLAIN = ("easy money", "typical wares", "shouts", "tells to buy")
_PERSONAL = re.compile(
    r"\b(?:i|we|my|our (?:son|daughter|family|kids))\b|\?|\bcommunity\b|\bgrateful\b|\bbirthday\b|\blovely\b|"
    r"\bfriend\b|\bask me\b", re.I)
_COMMERCE = re.compile(
    rf"{_PRICE}|\b(?:free|voucher|price|sell(?:ing)?|shop|course|sale|app|click here|won|pay|costs?|"
    rf"subscription|advert\w*|best|offer|book|customers?)\b|\d ?%", re.I)


@lru_cache(maxsize=4096)
def weigh_advertising(text: str) -> ChargeEvidence:
    """The evidence that a post advertises.

    >>> weigh_advertising("Phone cases at half price, order now at shiny-cases.example!").score > 0
    True
    >>> weigh_advertising("Can anybody recommend a cheap dentist?").score > 0
    False
    """
    text = straight(text)
    charge, defence = sums(SIGNS, text)
    charge += MAIL_SHARE * max(0.0, weigh(text).score)
    trap = _disguised(text) if charge > defence + BIAS else _commercial(text, charge)
    return ChargeEvidence(min(charge, 8.0), defence + BIAS, trap)


def _disguised(text: str) -> float:
    """How much an advertisement sounds like a neighbour: it tells of itself and pushes nobody."""
    personal = len({match.group().lower() for match in _PERSONAL.finditer(text)})
    return 0.06 * min(personal, 3) if any_of(SIGNS, _PLAIN, text) else 0.17 * min(personal, 5)


def _commercial(text: str, charge: float) -> float:
    """How much an honest post speaks of buying, selling and winning."""
    words = len({match.group().lower() for match in _COMMERCE.finditer(text)})
    return 0.13 * max(0, min(words, 6) - 1) + 0.12 * min(charge, 4.0)
