"""The words by which everyday categories are known: what a text on billing, sport or the weather is likely to say.

A small lexicon for choosing among labels that no skill was made for. A label that is not in it is
known by its own words, and by what the prompt says about it.
"""

from functools import lru_cache

from course_lib.simulation.model.skills.sentences import content_words, stems

_FIELDS = {
    "billing payment payments invoice invoices finance accounting": "bill billed billing invoice charge charged charges card credit debit pay "
    "paid payment payments price euro euros dollar dollars pound pounds cost fee fees subscription "
    "refund refunded twice amount receipt vat tax "
    "discount voucher bank transfer",
    "technical tech it troubleshooting engineering malfunction": "error errors crash crashes crashed bug bugs login log app application install "
    "installed update updated update connect connection wifi network server screen code broken work "
    "works start starts restart load loading "
    "button page website browser device driver freeze frozen freezes slow battery reset firmware "
    "password software printer laptop phone "
    "computer router display black blue",
    "bug defect incident": "bug error errors crash crashes crashed broken wrong fails failed failing exception "
    "traceback freeze freezes stuck 404 "
    "500 glitch incorrect unexpected",
    "feature enhancement suggestion idea wish": "feature add support option would could wish please allow able nice "
    "idea suggest suggestion "
    "improve improvement integrate export dark mode",
    "shipping delivery logistics order orders": "ship shipped shipping deliver delivered delivery parcel package "
    "courier tracking arrive arrived "
    "order ordered warehouse late address transit post",
    "refund refunds return returns cancellation": "refund refunded return returned money back exchange cancel "
    "cancelled cancellation reimburse",
    "account login access profile registration": "account login log password username profile sign register "
    "registration locked e-mail reset "
    "access delete settings two-factor verification",
    "sales purchase purchasing prospect": "buy purchase quote offer demo price pricing licence licenses seats "
    "bulk discount order interested trial "
    "upgrade plan team company",
    "complaint complaints dissatisfaction": "complain complaint disappointed unacceptable terrible awful angry "
    "worst never broken rude poor "
    "refund unhappy waited nobody ignored",
    "praise compliment thanks positive_feedback": "thank thanks great excellent wonderful love lovely perfect happy "
    "fantastic helpful friendly "
    "best amazing recommend",
    "question inquiry enquiry": "what when where how which who why can could does is wondering know tell",
    "sport sports athletics football soccer": "match game goal goals team teams player players league coach score "
    "scored scores won win wins beat "
    "cup final season stadium race runner champion championship tournament tennis football ball "
    "referee marathon medal olympic striker",
    "politics political government policy": "parliament minister president election elections vote voted voters "
    "party government law bill senate "
    "coalition campaign policy mayor council opposition reform democracy",
    "business economy economic market markets": "company companies market markets shares profit profits revenue bank "
    "economy inflation trade sales "
    "investors stock growth quarter ceo merger startup tax jobs percent price",
    "technology computing": "software computer computers chip chips internet app data robot robots ai phone "
    "algorithm digital startup device "
    "smartphone cyber programming cloud quantum",
    "science research scientific": "researchers scientists study experiment laboratory telescope planet species "
    "physics chemistry biology cells "
    "genes discovery journal theory particles university",
    "health medicine medical wellness": "doctor doctors hospital patient patients disease illness vaccine "
    "symptoms medicine drug nurse surgery "
    "health diet pain clinic therapy fever blood sleep exercise",
    "weather climate meteorology": "rain sunny sun snow wind storm temperature degrees forecast cloud clouds "
    "cloudy frost thunder flood heat",
    "culture arts art music film entertainment books": "film films movie actor actress director music song album concert "
    "band novel author book "
    "museum painting theatre play exhibition artist festival poem gallery singer orchestra",
    "travel tourism holiday transport": "hotel flight flights airport beach trip travel tourist train station "
    "luggage passport holiday island tour "
    "city visit booking ticket",
    "food cooking recipe restaurant": "cook bake oven recipe eat ate taste tastes delicious restaurant dish "
    "flour butter sugar salt soup bread "
    "kitchen menu dinner lunch onion garlic cheese waiter meal",
    "education school teaching": "school teacher teachers pupil pupils student students class lesson exam "
    "university course homework grade study",
    "legal law contract compliance": "contract lawyer court judge law legal clause liability sue lawsuit terms "
    "rights licence agreement gdpr",
    "hr personnel recruiting staff": "employee employees salary vacation leave holiday hire job interview "
    "application candidate payroll contract "
    "sick manager",
    "security abuse fraud": "hacked hack password phishing stolen fraud suspicious breach attack malware virus "
    "unauthorised unauthorized login",
    "nature animals environment wildlife": "animal animals bird birds fish tree trees forest river plant plants "
    "species garden dog cat horse bee "
    "bees flower wolf nest",
    "family personal private": "mother father sister brother son daughter family birthday wedding child children "
    "friend love home dinner",
    "work office job professional": "meeting office boss colleague project deadline report client manager team "
    "slides presentation minutes agenda",
    "crime police": "police arrested thief stolen robbery murder court suspect prison burglary crime detective",
    "happy joy joyful cheerful happiness": "happy glad love wonderful great smile smiled laugh laughed laughing "
    "joy celebrate proud lovely "
    "excited delighted birthday won",
    "sad sadness grief": "sad cry cried tears miss missed lonely lost died funeral grief alone unhappy sorry heavy",
    "angry anger furious rage": "angry furious hate shout shouted slammed ridiculous outrageous enough "
    "unacceptable mad rage worst",
    "afraid fear scared anxious anxiety": "afraid fear scared frightened worried worry nervous anxious panic "
    "nightmare dark trembling",
    "history historical": "century king queen war empire ancient medieval built founded castle battle dynasty",
}
CATCH_ALL = frozenset(
    "general other others misc miscellaneous none neither unknown unclear rest else something anything default".split()
)
"""Labels for what fits no other."""


@lru_cache(maxsize=1)
def _by_name() -> dict[str, frozenset[str]]:
    fields: dict[str, frozenset[str]] = {}
    for names, words in _FIELDS.items():
        about = frozenset(content_words(words)) | frozenset(words.split())
        for name in names.split():
            for key in {name, *content_words(name)}:
                fields[key] = fields.get(key, frozenset()) | about
    return fields


@lru_cache(maxsize=1024)
def words_of(label: str, described: str = "") -> tuple[frozenset[str], frozenset[str]]:
    """(the label's own stems and those of its description, the stems of its field).

    >>> own, field = words_of("billing")
    >>> "bill" in own, "invoic" in field, "crash" in field
    (True, True, False)
    """
    own = stems(label.replace("_", " ").replace("-", " ")) | stems(described)
    fields = _by_name()
    return own, frozenset().union(*(fields.get(word, frozenset()) for word in (*own, *label.lower().split())))
