"""How a customer's text sounds: praise and blame weighed clause by clause.

Words carry weights; negation turns them round ("not bad"), intensifiers stretch them, "but" moves
the weight to what follows, "the first week" is outweighed by "then", and irony turns praise into blame.
"""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Tone:
    """Praise and blame found in a text (sums of at least 0), and what makes it hard to read.

    irony: weight of the irony markers; 1 and more means that the praise isn't meant.
    negations: how many words were turned round. contrast: whether a "but" joins praise and blame.
    """

    praise: float
    blame: float
    irony: float = 0.0
    negations: int = 0
    contrast: bool = False
    turned: bool = False

    @property
    def lean(self) -> float:
        """From -1, all blame, to 1, all praise; 0 without either."""
        total = self.praise + self.blame
        return (self.praise - self.blame) / total if total else 0.0


def _words(weight: float, text: str) -> dict[str, float]:
    return dict.fromkeys(text.split(), weight)


WORDS = {
    **_words(2.2, """
        adore adored amazed amazing astonishing awesome best brilliant brilliantly delicious delighted
        delightful ecstatic excellent exceptional exceptionally fabulous fantastic faultless flawless flawlessly
        gorgeous incredible love loved loves magnificent marvellous outstanding perfect perfectly phenomenal
        spectacular stunning superb terrific thrilled treasure unbeatable wonderful wonderfully"""),
    **_words(1.5, """
        accommodating attentive bargain beautiful beautifully blessing charming comfortable comfortably comfy
        convenient courteous crisp dependable durable effective efficient effortless elegant enjoy enjoyable
        enjoyed enjoying exceeded excellently fair favourite friendly fun generous glad gladly grateful great
        handy happier happily happy helpful impressed impresses impressive impressively intuitive kind lovely
        nice nicely painless patient pleasant pleasantly pleased pleasure polite positively practical pretty
        professional recommend recommendable recommended relaxing reliable reliably robust satisfied satisfying
        sleek stylish super sweet tasty trustworthy useful versatile winner won worthwhile"""),
    **_words(1.0, """
        accurate accurately affordable better bright calm care careful carefully cheap clean clear clearly
        clever compact cosy decent early easier easily easy enough even fast faster fine fresh gentle good
        graceful grown handsome hassle-free helped helps holds light lightweight like liked likes modern natural
        neat nicer ok portable powerful precise prompt promptly punctual quick quickly quiet quieter quietly
        responsive safe saves secure sharp silent silently simple simply smart smooth smoothly soft solid
        spacious speedy spotless stable steady strong sturdy swift swiftly thank thanks tidy uncomplicated warm
        well worked works"""),
    **_words(-2.2, """
        abysmal appalling atrocious awful catastrophe catastrophic cheated crap dangerous disaster disastrous
        disgrace disgraceful disgusted disgusting dreadful fraud furious garbage hate hated hates horrendous
        horrible horribly horrid horror infuriating junk livid nightmare outrage outrageous pathetic regret
        regretted ridiculous rip-off rubbish ruined scam scandal shame shameful shoddy terrible terribly trash
        unacceptable unbearable useless worst worthless"""),
    **_words(-1.5, """
        angry annoyance annoyed annoying awkwardly bad badly bother broke broken burning burnt clogged clogs
        collapsed complain complained complaint complaints crack cracked crash crashed crashes damaged dead
        deceived defect defective defects died disappoint disappointed disappointing disappointingly
        disappointment disappoints dishonest exploded fail failed failing fails failure faulty fiddly flicker
        flickering flickers frustrated frustrating frustration garish headache headaches ignored inaccurate
        incompetent infuriates jammed jams joke lame leak leaked leaking leaks letdown lied lies lousy lukewarm
        malfunctioned mediocre melted mess messy misleading mistake moody nasty nuisance overheated overheating
        overheats overpriced painful poor poorly problem problems refuse refused refuses rejected rip rude
        rusted rusty screams shame shamefully shattered shock smoke snapped sparks stuck stupid swelling tears
        terrifying tinny tore torn trouble troubles ugly unfair unfriendly unhappy unhelpful unpleasant
        unreliable unresponsive unsafe unusable upset upsetting useless waste wasted wobbly"""),
    **_words(-1.0, """
        absurd afraid aggressive bitter blurry boring bothers bulky bumpy burns cheaply clumsy clunky cold
        complicated confused confusing creaks crooked crude crushed dark delay delayed delays dies difficult dim
        dirty doubt doubts drips dull dusty empty error errors expensive false flaw flaws flimsy fragile fuss
        greasy hard hardly harsh heavy hums incomplete inconvenient irritating lack lacks late limited locked
        lost loud louder misses missing noise noisy odd pale peeling pity pricey questionable rattles rattling
        rough sadly scratch scratched scratches screeches shaking shaky sharp-edged slow slower slowly smells
        smelly soaked squeaks squeaky steep sticky stiff stopped strange tedious thin tiny tired tiring
        troublesome unclean unclear uncomfortable uneven unfortunately unstable weak weaker weird wet wobble
        wobbles worn worries worry worse wrong"""),
}
WORDS.update(well=1.2, sharp=0.8, fine=0.9, even=0.3, fresh=0.6, light=0.6, enough=0.0, tiny=-0.6, hard=-0.7, heavy=-0.6)
PHRASES = tuple(
    (re.compile(pattern, re.I), weight)
    for pattern, weight in (
        (r"\bhate (?:how much|that) i (?:like|love|need|enjoy)\b", 2.6),
        (r"\b(?:can't|cannot|couldn't) (?:recommend|praise|thank|fault|complain)\b[^.!?]*", 2.4),
        (r"\b(?:5|five|four) stars\b|\b10/10\b|\bthumbs up\b", 2.4),
        (r"\b(?:0|1|zero|one|no|minus) stars?\b|\bthumbs down\b", -2.4),
        (r"\b(?:would be|would have been|it'd be|were it) (?:nice|great|good|lovely|helpful) (?:if|to have|"
         r"had)\b", -1.6),
        (r"\b(?:fine|great|good|lovely|well|works) (?:until|till|as long as)\b", -1.8),
        (r"\b(?:lets?|letting) (?:me|us|you|one) down\b|\blet-?down\b", -1.8),
        (r"\b(?:replaced|fixed|solved|repaired|sorted out|took care of|resolved) (?:(?:my|the|our|it|this|"
         r"that|a|every|all|broken|faulty|defective|missing|damaged) ?){1,4}(?:problems?|issues?|"
         r"trouble)?\b", 1.4),
        (r"\bsorry for the (?:trouble|inconvenience|delay|late)\b|\bno (?:answer|reply) needed\b|"
         r"\bwithout (?:any )?(?:discussion|hesitation|ado)\b", 0.4),
        (r"\b(?:won|wins) me over\b|\blike a (?:charm|dream)\b|\bout of (?:their|her|his) way\b|"
         r"\bgame[- ]changer\b|\bfills the room\b|\bwhat a (?:lovely|great|beautiful|nice)\b|"
         r"\bmade my (?:day|life)\b|"
         r"\bexceeded (?:my|our|all) expectations\b|\bworth it\b|\bevery penny\b|\btop (?:quality|notch|"
         r"marks)\b|\bfirst[- ]class\b", 2.2),
        (r"\b(?:don't|do not|never) (?:\w+ )?(?:buy|order|trust|bother|waste)\b|\bsave your (?:money|time|"
         r"nerves)\b|\bsend(?:ing)? (?:it|this|them) back\b|\bgoes? back\b|\bkeep away\b|\bwill never\b", -2.2),
        (r"\b(?:gave up|packed up|fell apart|falls apart|came off|comes off|fell off|falls off|"
         r"broke (?:off|down)|gives? up)\b", -1.8),
        (r"\b(?:does|do|did|will|would|can|could|is|are)(?:n't| not) (?:even )?(?:do anything|do what|help|"
         r"listen|care|answer|reply|respond|drain|heat|cool|last|stay|close|stick|clean|suck|print|ring|"
         r"play|stop|seal|stand|spin|pair|recogni[sz]e|switch)\b", -1.7),
        (r"\bcould(?:n't| not) be (?:happier|better|more \w+)", 3.0),
        (r"\b(?:can't|cannot) go wrong\b", 2.0),
        (r"\bwould(?:n't| not) (?:want to )?(?:give|miss|swap|be without|change)\b", 2.0),
        (r"\b(?:would not|wouldn't|will not|won't|never) (?:ever )?(?:buy|order|shop)\b[^.!?]{0,20}", -2.2),
        (r"\b(?:would|will|i'll)\b[^.!?]{0,12}\b(?:buy|order) (?:it |here |this )?again\b", 2.0),
        (r"\b(?:worth (?:every|the|its|it)\b)[^.,!?]{0,12}", 1.6),
        (r"\bgood value\b|\bvalue for money\b|\bthe cheapest shop\b|\bno fuss\b", 1.5),
        (r"\bhow it should be\b|\bas it should(?: be)?\b|\bnow that's (?:service|what)\b", 1.6),
        (r"\bstill (?:runs|works|going|has its first|as good|like new)\b|\b(?:one|"
         r"it) is (?:\w+ )?years old and still\b", 1.8),
        (r"\b(?:lasts|lasted|runs|ran) (?:for )?(?:\w+ )?(?:years|all day|the whole|a whole|for ever|forever)\b", 1.2),
        (r"\blasted (?:only |just |barely )?(?:\w+ )?(?:days?|weeks?|hours?|minutes?)\b", -2.2),
        (r"\bafter (?:only |just )?(?:\w+ )?(?:minutes?)\b", -0.6),
        (r"\bsleep better\b|\bwon't sleep without\b|\bgoes with me everywhere\b|\bhow much i (?:like|love)\b", 2.4),
        (r"\bsecond (?-i:[A-Z])\w+[^.!?]{0,15}\bin the family\b|\bbought (?:a|another|the) second\b", 1.5),
        (r"\bfree of charge\b|\bday early\b|\bdays early\b|\ba (?:real|true) (?:gem|treasure)\b", 1.2),
        (r"\bdelivered on (?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\bthe (?:very )?next (?:day|morning)\b", 0.6),
        (r"\bnever again\b|\bmoney down the drain\b|\bwaste of (?:money|time)\b|\bstay away\b|\bhands off\b", -2.4),
        (r"\b(?:my|the) (?:money|\d+ euros|\w+ euros) back\b(?! guarantee)", -1.2),
        (r"\bexpected (?:more|better)\b|\bgave up\b|\bhung up on\b|\bpromised\b|\bfar too\b|\bmuch too\b", -1.6),
        (r"\b(?:doesn't|does not|don't|didn't|did not|won't|no longer|can't|cannot) (?:\w+ )?(?:work|"
         r"charge|start|connect|turn on|switch on|fit|open|log in|weigh|move|heat|arrive|respond|hold)\w*\b", -1.8),
        (r"\bnever (?:\w+ )?(?:arrives?|arrived|got|came|works?|worked|ordered|made|reached)\b", -1.6),
        (r"\bstill (?:hasn't|haven't|not|waiting|no|in your warehouse|open)\b|\bhasn't (?:moved|come|"
         r"arrived)\b|\b(?:have|have been|been) waiting\b", -1.6),
        (r"\bi waited (?:\w+ )?(?:minutes|hours|days|weeks)\b|\btook (?:\w+ )?(?:days|weeks|forever|"
         r"half an hour|for ever)\b|\btakes (?:forever|ages)\b", -1.0),
        (r"\bshould have (?:arrived|come|been)\b|\bwhere is it\b|\bnobody (?:told|answers|answered|replied|"
         r"cares)\b", -1.5),
        (r"\bit (?:isn't|wasn't|doesn't|didn't)\s*[,.!]", -1.6),
        (r"\b(?:locked out|charged my card|charged (?:me )?(?:twice|three times)|never made|are gone|"
         r"never ordered|didn't order|owed? me|is numb|still numb|turned brown|so hot)\b", -1.6),
        (r"\b(?:smell(?:s|ed)? (?:of|like) (?:\w+ )?(?:burnt|burning|smoke|plastic)|burnt wire|gets? stuck|"
         r"in circles|different (?:weight|result) every)\b", -1.6),
        (r"\b(?:third|second|fourth) (?:message|time|e-?mail|call|one|attempt|request)\b|"
         r"\bto another country\b|\baddress in another\b|\bevery single day\b", -1.0),
        (r"\bfor half the price\b|\bthe full price\b|\bno padding\b|\bi'd rather\b|\bi wish\b|"
         r"\bonly wish\b|\bsays '?arriving\b|\beither way\b", -1.0),
        (r"\bmissed (?:appointments?|deliver\w+)\b|\bwrong (?:colour|color|size|item|model)\b|"
         r"\bput a towel\b|\bon oxygen\b", -1.2),
        (r"\bin (?:the )?middle of the night\b|\ball night\b", -0.8),
        (r"\b(?:thanks|thank you) in advance\b|\bgood (?:morning|afternoon|evening|day)\b|\bkind regards\b|"
         r"\bbest regards\b|\bfeel like\b|\blooks? like\b|\blike (?:a|an|the|my|our|this|that)\b|"
         r"\b(?:i'd|i would|we'd|would you|would) (?:just |only )?like\b|\b(?:doesn't|don't|"
         r"didn't) (?:bother|matter|mind)\b|\bno emergency\b|\b(?:do|would|can) you recommend\b|"
         r"\bnothing is (?:burning|broken)\b|\bas well\b|\bas fast as\b|\bmake a fuss\b|\bhome address\b", 0.0),
        (r"\bcheap plastic\b|\bcheaply made\b|\b(?:feels?|looks?|seems?|sounds?) cheap\b", -1.4),
        (r"\b(?:loses?|losing|lost|drops?|dropped) (?:its|the|every|my) (?:connection|signal|settings|"
         r"shape|colour)\b|\bdrives? (?:me|us) (?:mad|crazy)\b", -1.4),
        (r"\bmy doubts\b|\bat first\b", -0.2),
    )
)
_NEUTRAL = re.compile(
    r"\b(?:okay|average|ordinary|standard|nothing special|neither better nor worse|no more, no less|"
    r"does what|haven't tried|within the stated|about what|"
    r"according to|measures|weighs \d+|contains|comes in|nicer, the|compared|as fast as)\b", re.I)
_NEGATOR = re.compile(r"(?:not|no|never|nobody|nothing|none|neither|nor|without|cannot|hardly|barely|\w+n't)\Z", re.I)
_DENIED = re.compile(r"(?:\bnot|n't|\bnever|\bhardly)\W+(?:\w+\W+){0,2}\Z", re.I)
_STRONGER = {
    "very": 1.4, "really": 1.3, "so": 1.3, "extremely": 1.6, "incredibly": 1.6, "absolutely": 1.5, "totally": 1.4,
    "truly": 1.3, "most": 1.3, "far": 1.3, "such": 1.2, "certainly": 1.1, "slightly": 0.6, "somewhat": 0.6,
    "rather": 0.8, "quite": 0.9, "fairly": 0.8, "hardly": 0.5,
}
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_CLAUSE = re.compile(r"[,;:()]|\s[-–—]\s|\b(?:and|but|although|though|however|yet|while|whereas|except|"
                     r"because|when)\b", re.I)
_TURN = re.compile(r"\b(?:but|although|though|however|yet|on the other hand|whereas|sadly|unfortunately|"
                   r"only wish|at least|now that)\b", re.I)
_TOKEN = re.compile(r"\w+(?:['’]\w+)?")
_FIRST = re.compile(r"\b(?:the first (?:week|day|days|month|parcel|weeks|time|try|one)|at first|initially|"
                    r"in the beginning|to begin with)\b", re.I)
_THEN = re.compile(r"\b(?:then|now|since|after that|later|one call|afterwards|meanwhile)\b", re.I)
_FEARED = re.compile(r"\b(?:was|were|had been) (?:afraid|worried|sceptical|skeptical)\b|\bfeared\b|"
                     r"\bhad (?:my|our|some) doubts\b", re.I)
_HOPED = re.compile(
    r"\b(?:could|should|would|might) have been\b|\b(?:had expected|i expected|expected it|thought it would|"
    r"supposed to|on paper|promised to be|"
    r"i hoped|had hoped|wanted to (?:like|love)|if (?:only )?it|as advertised|the advert\w*)\b", re.I)
_ANOTHER_THING = re.compile(r"\b(?:my|our|the) (?:old|previous|last|former|(?:mother|father|grandmother|"
                            r"neighbour|friend|sister|brother)'s) \w+\b[^.!?,]*", re.I)
_NONE_OF = re.compile(r"\bnone of (?:these|those|that|this|them|it)\b|\bnothing of the (?:sort|kind)\b|"
                      r"\bi was wrong\b", re.I)
_IRONY = tuple(
    (re.compile(pattern, re.I | re.M), weight)
    for pattern, weight in (
        (r"\bbravo\b|\bslow clap\b|\bcongratulations to (?:the|whoever|your)\b", 1.0),
        (r"(?:^|[.!?]\s+)(?:oh,? |well,? |ah,? )?(?:great|wonderful|perfect|fantastic|brilliant|lovely|"
         r"super|amazing)\s*[,:]\s*(?:a|an|another|the (?:second|third|fourth|fifth)|yet|my|now|it)\b", 1.0),
        (r"(?:^|[.!?]\s+)(?:oh|wow),? (?:great|wonderful|perfect|fantastic|brilliant|lovely|super|joy|good)\b", 1.0),
        (r"\b(?:what a|such a) (?:joy|pleasure|delight|treat|surprise) to (?:spend|wait|pay|read|find|"
         r"clean|hear|stand)\b", 1.0),
        (r"\b(?:thanks|thank you)(?: so much| a lot| very much)? for (?:the (?:\w+ )?(?:minutes|hours|"
         r"weeks|days|bill|noise|nothing)|nothing|making me|letting me|the .{3,30} (?:that )?i never)", 1.2),
        (r"\bif you (?:love|like|enjoy|adore|fancy)\b[^.!?]{0,150}\b(?:perfect|ideal|made|right|"
         r"just)\b[^.!?]{0,150}\b(?:you|thing)\b", 1.2),
        (r"\b(?:perfect|ideal|great|wonderful|made) for (?:people|anyone|everyone|those|all) who (?:miss|"
         r"like|love|enjoy|hate|never|always|want|have too much)\b", 1.2),
        (r"\b(?:needed|took|takes|needs) only (?:\w+ )?(?:weeks|months|hours)\b|\bonly (?:needed|took|"
         r"takes) (?:\w+ )?(?:weeks|months|hours)\b", 0.8),
        (r"\bwho needs\b|\bi always wanted\b|\bjust what i (?:asked for|needed|wanted|"
         r"always)\b(?=[^.!?]*[.!?]?\s*not\b|[^.!?]*$)|[.!?]\s*not[.!]|\bmade of money\b|\bwhy not \d+", 1.0),
        (r"\bi know every\b[^.!?]{0,150}\bnow\b|\b(?:the )?(?:planet|trees?|climate|environment) says? thank\w*|"
         r"\bdo you test\b|\bspends its life\b", 0.7),
        (r"(?:^|[.!?]\s+)impressive:|[\"“](?:fast|quick|easy|premium|silent|quiet|service|new|express|"
         r"waterproof)[\"”]", 0.8),
        (r"\bthe size of a (?:fridge|house|car|wardrobe)\b|\b(?:sound|"
         r"noise) of a (?:helicopter|jet|train|chainsaw|tractor)\b|/s\b", 0.6),
        (r"(?:[.!?]\s+)(?:genius|bravo|brilliant|fantastic|great|wonderful|perfect|charming|lovely|"
         r"how (?:nice|lovely|thoughtful|practical|original))[.!]", 0.5),
        (r"\b(?:\w+) (?:hours|days|weeks) of \w+ (?:for|to get) (?:\w+ )?(?:minutes|seconds|hour)\b|"
         r"\banother (?:update|form|hotline|queue|delay|e-?mail|robot) that\b|\b(?:lucky me|how lucky|"
         r"silly me|aren't i lucky)\b", 0.6),
        (r"\bso (?:kind|nice|good) of you to\b|\b(?:well done|good job|nice work),? (?:everyone|team|again|"
         r"really|guys)\b|\bmy favou?rite (?:part|pastime|hobby)\b|\bcan't wait to (?:wait|pay|call|"
         r"queue)\b", 1.0),
    )
)


@lru_cache(maxsize=4096)
def read_tone(text: str) -> Tone:
    """Praise and blame of a text.

    >>> read_tone("The sound is not good.").lean
    -1.0
    >>> read_tone("Not bad at all!").lean
    1.0
    """
    text = text.replace("’", "'")
    irony = sum(weight for pattern, weight in _IRONY if pattern.search(text))
    sentences = [_read_sentence(sentence) for sentence in _SENTENCE.findall(text)]
    turned = _turn_round(sentences, text)
    praise = sum(max(0.0, value) for sentence in sentences for value in sentence.values)
    blame = sum(max(0.0, -value) for sentence in sentences for value in sentence.values)
    dampen = 0.5 if _NEUTRAL.search(text) else 1.0
    contrast = bool(_TURN.search(text)) and praise > 0 < blame
    return Tone(praise * dampen, blame * dampen, irony, sum(s.negations for s in sentences), contrast, turned)


@dataclass
class _Sentence:
    text: str
    values: list[float]
    negations: int


def _turn_round(sentences: list[_Sentence], text: str) -> bool:
    """What was expected, or was so at first, gives way to what came; says whether something did."""
    turned = False
    for position, sentence in enumerate(sentences):
        rest = sentences[position + 1:]
        if _FIRST.search(sentence.text) and any(_THEN.search(later.text) for later in rest):
            sentence.values, turned = [0.25 * value for value in sentence.values], True
        if _FEARED.search(sentence.text):
            imagined = "would" in sentence.text
            sentence.values = [0.1 * value if value < 0 or imagined else value for value in sentence.values]
        if _HOPED.search(sentence.text):
            turned = turned or any(value > 0 for value in sentence.values)
            sentence.values = [-0.5 * value if value > 0 else value for value in sentence.values]
        if _ANOTHER_THING.match(sentence.text.strip()):
            sentence.values = [0.2 * value for value in sentence.values]
        if _NONE_OF.search(sentence.text) and position:
            before = sum(sentences[position - 1].values)
            sentence.values.append(2.0 if before < 0 else -2.0)
            turned = True
    return turned


def _read_sentence(sentence: str) -> _Sentence:
    values, negations = [], 0
    rest = sentence
    for pattern, weight in PHRASES:
        found = pattern.search(rest)
        if found:
            negated = bool(_DENIED.search(rest[:found.start()]))
            negations += negated
            if weight:
                values.append(-0.8 * weight if negated else weight)
            rest = pattern.sub(" , ", rest)
    for clause in _CLAUSE.split(rest):
        for value, negated in _read_clause(clause or ""):
            values.append(value)
            negations += negated
    if sentence.rstrip().endswith("?"):
        values = [0.3 * value for value in values]
    return _Sentence(sentence, values, negations)


def _read_clause(clause: str):
    """(value, whether it was turned round) of every weighted word of a clause."""
    tokens = [token.lower() for token in _TOKEN.findall(clause)]
    for position, token in enumerate(tokens):
        weight = WORDS.get(token)
        if weight is None:
            continue
        before = tokens[max(0, position - 5):position]
        stretch = 1.0
        for word in before[-2:]:
            stretch *= _STRONGER.get(word, 1.0)
        if "too" in before[-1:] and weight > 0:
            yield -abs(weight), False
        elif any(_NEGATOR.fullmatch(word) for word in before):
            yield (-0.9 * weight if weight > 0 else -0.75 * weight), True
        else:
            yield weight * stretch, False
