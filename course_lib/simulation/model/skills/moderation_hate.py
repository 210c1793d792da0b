"""Does a post put people down for the group they belong to? Read sentence by sentence.

A put-down counts when it is aimed at a group, or at a "they" that was one a sentence before; it counts for
little inside quotation marks, and words of objection, self-irony and affection speak against the charge.
"""

import math
import re
from functools import lru_cache

from course_lib.simulation.model.skills.charges import ChargeEvidence, any_of, sign, straight, sums

ABSENT_GROUP = 0.25
"""How much a put-down counts when no group is near: most insults are for one person, a plan or the weather."""
QUOTED = 0.15
"""How much a put-down counts inside quotation marks, for or against."""
BIAS = 0.7
"""What a post without any sign is short of."""

_MEMBERS = (
    r"(?:people|folks?|famil(?:y|ies)|kids|children|crowd|lot|sorts?|types?|kinds?|fans|supporters|players|"
    r"speakers|dwellers|workers|owners|drivers|riders|lovers|men|women|boys|girls|students|residents|"
    r"accents?|population|community)"
)
_PLURALS = (
    r"(?:newcomers?|incomers?|outsiders?|foreigners?|immigrants?|migrants?|refugees?|strangers|settlers|"
    r"tourists?|cyclists?|motorists?|drivers|pedestrians|villagers?|townies|townsfolk|islanders?|southerners?|"
    r"northerners?|easterners?|westerners?|locals|left-?handers?|right-?handers?|lefties|vegetarians?|vegans?|"
    r"meat-?eaters?|teenagers?|pensioners?|boomers?|students?|gamers?|drummers?|musicians|teachers|doctors|"
    r"bankers|politicians|believers|bald men|singles|parents|mothers|fathers|dog owners|nerds|supporters?|"
    r"fans|believers?|atheists?|christians?|muslims?|jews?|hindus?|buddhists?|catholics?|protestants?|women|"
    r"girls|men|boys|gays?|lesbians?|redheads?|blondes?|smokers?|hunters?|farmers?|commuters|neighbours|"
    r"the (?:unemployed|disabled|elderly|poor|homeless|deaf|blind)|city slickers|old people|young people|"
    r"(?-i:[A-Z])[a-z]{3,}(?:ians?|ites?))"
)
_PLACES = (
    r"(?:hills?|valleys?|rivers?|lakes?|boats?|houseboats?|mountains?|(?:south|north|east|west)(?: bank| side|"
    r" end)?|islands?|harbours?|villages?|estate|coast|marsh|night-shift)"
)
GROUP = re.compile(
    rf"\b(?:{_PLURALS}|(?:people|those|anyone|anybody|somebody|someone|everyone|nobody|no one|none|families|"
    rf"kids|children|the ones|folks?) (?:from|with|who|of|in|like (?:that|them|these|those|you))\b|"
    rf"\w+s' (?:children|kids|families|sons|daughters)|(?!(?:the|my|a|an|i|our|his|her|its|this|that|it|of|one|"
    rf"you|we|they|to|and|or|any) )[\w'-]+ {_MEMBERS}|[\w-]+-handed\b|{_PLACES}[- ](?:{_MEMBERS}|man|woman|kid)|(?:that|this|"
    rf"their|your|our) (?:sort|kind|type|lot)\b|(?:the|whole) lot of them|all of (?:them|you)|(?:a |"
    rf"every )?typical (?-i:[A-Z])\w+|(?:was|were|is|are|comes?|guy|lot|one) from (?-i:[A-Z])\w+|(?-i:[A-Z])\w+ =|"
    rf"(?:those|anyone|everyone|somebody|all) from the {_PLACES})(?!\w)",
    re.I,
)
_THEY = re.compile(
    r"\b(?:every (?:last )?one|the lot|all the same|they|them|their|theirs|these|those|you|your|that)\b|"
    r"^(?:ban|send|keep|round|don't|do not|never|put|let|go)\b", re.I)

_CREATURES = (
    r"(?:pigeons?|rats?|mice|mouse|magpies?|goats?|donkeys?|monkeys?|pigs?|sheep|dogs?|bats?|crows?|seagulls?|"
    r"gulls?|flies|wasps?|ants?|lice|cockroaches|insects|locusts?|weeds?|vermin|pests?|parasites?|leeches|"
    r"toads?|slugs?|snails|cattle|cows|geese|jackdaws?|moths|ticks|fleas|apes?|fish|hyenas?|toads|frogs|mould|"
    r"mold|beasts|hyenas|vultures)"
)
_SIGNS = (
    sign("likens people to animals", 2.2,
         rf"\b(?:like|as|are|is|were|than|of) (?:\w+ ){{0,2}}{_CREATURES}\b(?!-)|\b(?:aren't|are not|isn't|"
         rf"not (?:even|really)) (?:people|human)|\bsubhuman|\b(?:plague|vermin|parasites|swarm|infest\w*|breeding|"
         rf"herd of)\b|(?:^|[.,!] )animals\b|\btypical \w+ {_CREATURES}|"
         rf"\bcrumbs\b[^.]{{0,60}}\b{_CREATURES}\b|\bscrape off"),
    sign("an insult", 1.8,
         r"\b(?:stupid|simple-?minded|dumb|thick|crooks?|barbarians?|peasants?|brats?|bums?|clowns?|cruel|"
         r"cold-?hearted|unwashed|hypocrites?|brainless|lazy|dirty|filthy|liars?|lie\b(?! (?:awake|down|in|on))|"
         r"thieves|thief|steal|criminals?|clumsy|rude\b(?! to)|smelly|smell|stinks?|ugly|worthless|inferior|"
         r"disgusting|takers|freeloaders|scroungers|morons?|idiots?|fools?|primitive|uncivili[sz]ed|backward|"
         r"ignorant|useless|hopeless|cowards?|greedy|sly|dishonest|violent|dangerous|savages?|weak (?:\w+)|"
         r"talentless|dim|(?:are|is|so|too|'re|bit|and|all) slow(?:er)?|annoying|awful|terrible|horrible|selfish|"
         r"arrogant|childish|immature|ridiculous|trash|garbage|scum|losers?|evil|nasty|pathetic|uneducated|"
         r"uncultured|second-class|lesser|less (?:intelligent|human|worthy|clever)|menace|burden|disease|curse|"
         r"disgrace|embarrassment|to blame|not (?:very |as |so |too )?(?:bright|clever|smart)|no (?:culture|manners|"
         r"brains?|morals|shame|taste|idea)|untrustworthy|cheats?|noisy|no use|ruin(?:s|ed|ing)?|spoil(?:s|t|ed)|"
         r"what soap)\b"),
    sign("never to be trusted", 2.0,
         r"\b(?:can't|cannot|can not|could never|never|don't|not to) (?:be )?(?:trust(?:ed)?|believed?|relied)|"
         r"\bwhat (?:they're|they are|you're) like\b|\bcan't (?:help it|be taught|teach)|\bunderstands? nothing|"
         r"\bnever (?:learn|worked|understand)|\bexplained (?:twice|slowly)|\b(?:ever|anything) (?:said|worth)|"
         r"\bworth (?:asking|hearing)|\bno need to listen|\bcount (?:the|your) (?:spoons|money|change)|\block (?:up|"
         r"your)"),
    sign("inborn", 1.5,
         r"\bby nature\b|\bin (?:their|the|your) (?:blood|genes|nature|bones)\b|\bhow they're (?:made|born|raised)|"
         r"\bborn (?:rude|lazy|stupid|bad|liars|thieves|that way|like that|to \w+)\b|\bonly nature\b|\brubs off\b|"
         r"\bgood hands\b|\bmade that way\b|\bjust happen\b|\bnever will\b|\bthe lot(?: of them)?\b|\b(?:all|"
         r"every one) of them\b"),
    sign("left out", 1.9,
         r"\bkept to (?:their|its) own\b|\b(?:were|was) (?:better|quieter|nicer|fine|lovely|never \w+) (?:before|"
         r"until|till|without)\b|\bwhy do we (?:let|allow|even)\b|\bstop (?:letting|inviting|bothering)\b|"
         r"\b(?<!it )without (?:the|those|any|all those)\b|\bguest list\b|\bwhich door\b|\blet them carry\b|"
         r"\bshould decide\b|\bcertain people out\b"),
    sign("shut out", 1.9,
         r"\b(?:should(?:n't| not)(?: ever| even)? (?:be (?:allowed|let|given|permitted)|have (?:the|a)|vote|teach)|"
         r"not be allowed|ban (?:the|them|all|every)|(?:go|send|sent|move|ship) (?:\w+ ){0,2}back\b|go home|"
         r"(?:don't|do not|doesn't|didn't|never) (?:really )?belong|nobody wants|no one wants|not welcome|"
         r"aren't welcome|unwelcome|keep (?:\w+ ){0,3}(?:out|away|shut|apart)|(?:don't|do not|won't|wouldn't|"
         r"never) (?:rent|hire|serve|sell|lend|sit|talk|speak|let|invite|employ)|(?:should|can|could|must) (?:eat|"
         r"sit|live|stay|stand|queue) (?:outside|elsewhere|apart|at the back|somewhere|in the)|separate (?:classes|"
         r"benches|tables|rooms|queues|entrances?)|in the cellar|should (?:all )?be (?:put|sent|shipped|locked|kept|"
         r"moved|thrown|banned|removed|fenced)|put them (?:all )?(?:on|in)|keep them|stay away|get rid of|"
         r"round them up|fence round|fence (?:off|them)|build (?:a|the) wall|-proof|nobody (?:asked|invited)|"
         r"out of (?:our|my|the) (?:town|street|school|club))\b"),
    sign("dislikes them all", 1.6,
         r"\b(?:i|we) (?:really |just |simply )?(?:hate|despise|detest|loathe|can't stand|cannot stand)\b|"
         r"\bmakes? me (?:sick|ill|want to)|\bshould (?:all )?(?:leave|disappear|vanish|be gone)|\bneed to (?:leave|"
         r"go)\b|\bwould be better off without\b|\bno (?:right|place|business) (?:to|here|in|among)\b|"
         r"\bi don't (?:want|trust|like) (?:\w+ )?\w+s\b"),
    sign("denied", 0.9,
         r"\b(?:can't|cannot|shouldn't|should not|mustn't|must not|ought not|have no|has no|lack|don't deserve|"
         r"doesn't deserve|aren't able|never (?:pay|work|wash|think|say|help|bother|tell|keep|share|listen)\w*)\b|"
         r"\bnever (?:seen|met|known) (?:a|an|one)\b"),
    sign("all of a kind", 1.2,
         r"\bfaith in (?:mankind|humanity|people)\b|\bopens? (?:their|his|her) mouth|\bnot a single\b|\b(?:next|"
         r"first) (?:train|bus|boat|ferry) (?:out|back|home)\b|\bstarves?\b|\bdon't they (?:have|know|ever)\b|"
         r"\bone rule\b|\bsomething to prove\b|\b(?:their|her|his|your|that) (?:kind|sort) (?:should|must|always|"
         r"never|will|can)|\bfaces? like\b|\bbrings? (?:crime|noise|dirt|trouble|disease)|\blearn (?:to|"
         r"how to) (?:read|behave|wash|speak|work|think)|\bwhat work is\b|\bkeep(?:s)? to (?:themselves|yourselves)|"
         r"\bspeak properly\b|\btypical\b|\bhow (?:cute|sweet|adorable)\b|\ball they (?:do|know|want|think)\b|"
         r"\bnever had to\b|\bthink(?:s)? they(?:'re| are| own| can)\b|\bsince (?:the |those |"
         r"all )?[\w ]{2,25}(?:left|are gone|moved away)\b|\bnow that [\w ]{2,25}gone\b|\b(?:thief|thieves|culprit|"
         r"burglar|vandals?) (?:was|were|is|are|came|comes)\b|\bmissing link\b|\bwhat a surprise\b|\bit's biology\b|"
         r"\bdrag (?:\w+ ){1,3}down\b|\bwhere they belong\b|\bbother somebody else\b|\byour kind\b|\b(?:real|"
         r"proper) (?:musicians|people|citizens|men|women|work)\b|\ball the same\b|\bwhat do you expect from\b|"
         r"\bgood for nothing\b|\bnothing but (?:trouble|noise|rubbish|problems)\b|\bjust like them\b|\btoo many\b|"
         r"\boverrun\b|\binva(?:de|ding|sion)\b|\b(?:take|taking|steal|stealing|eat|eating) (?:our|up our)\b|"
         r"\bare (?:the reason|why|the problem)\b|\beveryone knows (?:that|what)\b|\bwe all know\b|"
         r"\bused to be (?:such )?(?:a )?(?:nice|quiet|clean|safe|decent|lovely)|\bthen they let\b|"
         r"\bi won't say more\b|\bnot what it (?:was|used to be)\b|\btr(?:y|ies|ying) to (?:think|be clever|read|"
         r"speak)\b|\bcan(?:'t|not) (?:even )?(?:drive|think|count|behave|cook|spell)\b|\bdon't know how to\b|"
         r"\bnever let my (?:daughter|son|children|kids)\b"),
    sign("says it with a smile", 1.2,
         r"^(?:oh,? )?(?:wonderful|great|lovely|brilliant|marvellous|super|sure|fantastic),? (?:another|more|"
         r"just what|the|let's)|\bno offen[cs]e\b|\bnothing against\b|\bsome of my (?:best )?|\bfunny how\b|"
         r"\bcoincidence\b|\bsay it with love\b|\bnobody says\b|\bi'm not (?:saying|one to)|\bi said what i said\b|"
         r"\bbelieve me\b|\bso peaceful\b|\bstop pretending\b|\bjust saying\b|\bsurprise, surprise\b|"
         r"\bwith respect\b|\bi'd just rather\b"),
    sign("belittles", 1.0,
         r"\byou can always tell\b|\bwhere they came from\b|\bdecent (?:citizens|people)\b|\bnormal (?:people|life|"
         r"size|folk|families)\b|\bnothing personal\b|\bours in the\b|\bpeople like that\b|\b(?:that|their|"
         r"your) (?:sort|kind)\b|\bcertain people\b|\bmore \w+ folk\b|\bnot one (?:of|\w+) (?:has|have|them)|"
         r"\bnewcomer-proof\b|\bsimple maths\b"),
)
_LOUD = ("likens people to animals", "an insult")
_PLAIN = ("shut out", "never to be trusted", "dislikes them all")
_SMILE = re.compile(
    r"\b(?:lovely|love|wonderful|great|nothing against|some of my|best|nobody says|funny|coincidence|i suppose|"
    r"with love|thank you|surprised|isn't it|nobody's fault|good hands|nice|finally|it's only|serious question|"
    r"i see that|so peaceful|believe me|worth asking)\b|😉|🙂|😊|;-?\)", re.I)

_DEFENCE = (
    sign("objects", -2.2,
         r"\b(?:nonsense|unkind|unfair|prejudice\w*|hurtful|not (?:okay|ok|funny|true|fair)|nobody spoke up|"
         r"please report|report (?:things|comments|it)|removed|deleted|tired of (?:the phrase|hearing|reading|"
         r"this talk|these comments|people (?:saying|who say)|being called)|how that sounds|where such talk|"
         r"stop (?:saying|calling|writing|posting)|who said|somebody said|he said|she said|told (?:my|me|her|him|"
         r"us)|why do (?:people|you all|so many|some)|people say that|i've heard that|called (?:me|my|us|her|him)|"
         r"wrote|shouted|whoever scratched|sign says|villain|museum|essay|is it clear|should we cut|do you hear|"
         r"apologi[sz]e|shame on|i disagree|as if|ashamed|where it belongs|were wrong|are wrong)\b"),
    sign("of oneself", -2.0,
         r"\b(?:we|us) (?:\w+-)?\w+(?:s|people|folk) (?:are|were|can't|have|know)\b|\bwe [\w-]*handers\b|"
         r"\bi'm allowed\b|\bi'm (?:one|an?)\b|\bmyself\b|\bas (?:a|an|one) \w+ (?:myself|of them)|"
         r"\bas the (?:husband|wife|son|daughter|father|mother)\b|\bi've played\b|\bmy own\b|"
         r"\ba newcomer (?:reports|here)|\bsomebody who grew up\b|\bmy marriage\b|\bmy (?:kids|grandfather|"
         r"grandmother|daughter|son)\b"),
    sign("means it kindly", -1.6,
         r"\bwe love\b|\bi love\b|💛|❤|\bhats off\b|\bthank(?:s| you)\b|\bwelcome\b(?!.{0,3}here)|\bmagnificent\b|"
         r"\bfair play\b|\bglad\b|\bi owe you\b|\bbring a\b|\brepaired\b|\bhelped\b|\bin peace\b|\bgrandma\b|"
         r"\bjust kidding\b|\bhaha\b|\b(?:ha){2,}|\blooking at you\b|\bfriends?\b(?! are)|\bcould \w+ please\b|"
         r"\bplease (?:report|stop (?:saying|calling|feeding|posting)|do)\b"),
    sign("about an idea", -1.4,
         r"\b(?:idea|plan|argument|survey|voted|decision|council|proposal|theory|recipe|law|rule)\b|"
         r"\bi think (?:they're|they are) wrong\b"),
    sign("about one person or a thing", -1.8,
         r"\b(?:the|this|that) (?:man|woman|driver|person|referee|boss|landlord|caretaker) (?:who|that|from|at)\b|"
         r"\b(?:he|she) (?:is|was|has)\b|\bmondays?\b|\bthe (?:pigeons|mosquitoes|rats|wasps|slugs|moths|gulls|"
         r"geese|seagulls|ants|mice|crows|ticks)\b|\bthe number \d+ bus\b"),
)
_QUOTATION = re.compile(r'"[^"\n]{6,300}"|(?<![\w])\'[^\'\n]{3,25}(?:\'\w[^\'\n]{0,40}){0,2}[^\'\n]{0,80}\'(?!\w)')
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*[)\"']*")


@lru_cache(maxsize=4096)
def weigh_hate(text: str) -> ChargeEvidence:
    """The evidence that a post puts down a group.

    >>> weigh_hate("Cyclists are stupid, all of them. They don't belong in our town.").score > 0
    True
    >>> weigh_hate("My bicycle is stupid and slow, and I love it.").score > 0
    False
    """
    text = straight(text)
    quoted = math.fsum(_aimed(match.group()[1:-1]) for match in _QUOTATION.finditer(text))
    own = _QUOTATION.sub(" … ", text)
    charge = _aimed(own) + QUOTED * quoted
    _, defence = sums(_DEFENCE, text)
    trap = _smiling(own) if charge > defence + BIAS else _alarming(own, quoted)
    return ChargeEvidence(charge, defence + BIAS, trap)


def _smiling(own: str) -> float:
    """How friendly a put-down sounds: least where it insults, most where none of its words is plain."""
    smiles = min(3, len({match.group().lower() for match in _SMILE.finditer(own)}))
    if any_of(_SIGNS, _LOUD, own):
        return 0.04 + 0.22 * smiles
    return 0.2 + 0.2 * smiles if any_of(_SIGNS, _PLAIN, own) else 0.5 + 0.22 * smiles


def _alarming(own: str, quoted: float) -> float:
    """How much an innocent post sounds like a put-down: it quotes one, or speaks of a nuisance as one does."""
    anywhere, _ = sums(_SIGNS, own)
    group = bool(GROUP.search(own))
    return 0.03 * group + 0.36 * min(quoted, 4.0) + (0.3 if group else 0.1) * min(anywhere, 4.0)


def _aimed(text: str) -> float:
    """The put-downs of a text, each at full weight only where a group is meant."""
    total, meant = 0.0, False
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        named = bool(GROUP.search(sentence))
        meant = named or (meant and bool(_THEY.search(sentence)))
        charge, _ = sums(_SIGNS, sentence)
        total += charge * (1.0 if named or meant else ABSENT_GROUP)
    return min(total, 7.0)
