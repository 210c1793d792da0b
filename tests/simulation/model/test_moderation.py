import asyncio
import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.claude import connect, run_simulated
from course_lib.data.emails import emails
from course_lib.data.posts import CHECKS, posts
from course_lib.data.reviews import reviews
from course_lib.simulation.model import simulated_model
from course_lib.simulation.model.decisions import Label, Prompt
from course_lib.simulation.model.formats import Format, read_format, say, spelling
from course_lib.simulation.model.mistakes import Mistakes
from course_lib.simulation.model.skills.charges import ChargeEvidence, sign, strength
from course_lib.simulation.model.skills.moderation import SKILLS
from course_lib.simulation.model.skills.moderation_copyright import weigh_copyright
from course_lib.simulation.model.skills.moderation_hate import weigh_hate
from course_lib.simulation.model.skills.moderation_personal import weigh_personal
from course_lib.simulation.model.skills.moderation_spam import weigh_advertising
from course_lib.simulation.model.skills.spam import Spam
from course_lib.voting import majority_vote
from tests.simulation.model.skills.fresh_posts import HELD_OUT, PRACTICE

HATE, SPAM, PERSONAL, COPYRIGHT = SKILLS
BY_CHECK = dict(zip(CHECKS, SKILLS, strict=True))


def flags(text: str, instruction: str = "Check this post.") -> tuple[str, ...]:
    prompt = Prompt(instruction, text)
    return tuple(check for check, skill in BY_CHECK.items() if skill.decide(prompt).value == "flagged")


def decide(skill, text: str, instruction: str = "Check this post.") -> Label:
    return skill.decide(Prompt(instruction, text))


# --- how well it reads --------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS)
def test_agrees_with_the_author_on_the_data(check):
    right = sum((decide(BY_CHECK[check], post.text).value == "flagged") == getattr(post, check) for post in posts())
    assert right / 200 >= 0.95


def labels_right(examples) -> tuple[float, float]:
    """(share of all labels that are right, share of the failed checks that are found)."""
    pairs = [(check in truth.split(), check in flags(text)) for truth, text in examples for check in CHECKS]
    return statistics.mean(a == b for a, b in pairs), statistics.mean(found for truth, found in pairs if truth)


def test_reads_posts_that_it_has_never_seen():
    """A reader made of patterns misses what is only hinted at: a third of the held-out violations."""
    right, found = labels_right(HELD_OUT)
    assert right >= 0.92
    assert found >= 0.6


def test_remembers_what_practice_taught_it():
    right, found = labels_right(PRACTICE)
    assert right >= 0.98 and found >= 0.95


def test_fresh_posts_are_not_in_the_data():
    known = {post.text for post in posts()}
    assert len(HELD_OUT) == 40 and len({text for _, text in PRACTICE + HELD_OUT}) == len(PRACTICE) + 40
    assert not any(text in known for _, text in PRACTICE + HELD_OUT)


def test_raises_few_false_alarms_on_texts_that_are_no_posts():
    alarms = [(check, review.id) for review in reviews() for check in flags(review.text)]
    assert len(alarms) <= 5, alarms


PAIRS = (
    ("hate_speech", "Cyclists are stupid, all of them.", "Cyclists and drivers met yesterday to plan the new lane."),
    ("hate_speech", "Newcomers don't belong here.", "My sandwich doesn't belong in your locker."),
    ("hate_speech", "People from the coast are like rats.", "The rats by the coast path are getting bold."),
    ("hate_speech", "Gamers are lazy liars.", "I'm a gamer, and yes, I'm lazy."),
    ("hate_speech", "Those fans should be locked up.", "Please lock up the bicycles at night."),
    ("hate_speech", "Keep the villagers out, they're dirty.",
     "He wrote: \"Keep the villagers out, they're dirty.\" I told him to stop saying that."),
    ("spam", "Sunglasses 50% off, order now at shades.example!", "I sat on my sunglasses, who can repair them?"),
    ("spam", "Earn 500 a week from your sofa, no experience needed!", "Our sofa needs 500 pillows, says my wife."),
    ("spam", "Our shop has a special offer for you, only until Sunday.", "Which shop is open until Sunday evening?"),
    ("personal_information", "Call my neighbour Jo at home: 555-0101.", "Call the fire brigade if you smell gas."),
    ("personal_information", "She lives at 12 Bell Lane.", "The museum is at 12 Bell Lane, tickets at the door."),
    ("personal_information", "His e-mail is jo.ray@example.org.", "Write to the town hall: office@town.example."),
    ("personal_information", "My bank account is XX00 0000 1111 0000 2222.", "My bank has closed its branch."),
    ("personal_information", "Ring me on +49 555 0100000, it's my private number.", "It's 1234567 steps to the top."),
    ("copyright", "Full film for free: free-films.example, before it's in the cinema.", "Film night for free in the school gym."),
    ("copyright", "I've scanned the whole book, here's the folder.", "I've read the whole book in one night."),
    ("copyright", "Here's a cracked version of the game, no licence needed.", "My cup is cracked, and so is the saucer."),
    ("copyright", "Key generator for the photo program, works fine.", "The generator at the campsite works fine."),
)


@pytest.mark.parametrize(("check", "violation", "innocent"), PAIRS)
def test_a_violation_and_its_innocent_twin(check, violation, innocent):
    assert check in flags(violation)
    assert flags(innocent) == ()


def test_one_persons_fault_is_no_hate_speech():
    assert "hate_speech" not in flags("My brother is lazy and rude.")
    assert "hate_speech" in flags("Students are lazy and rude.")


def test_a_put_down_counts_in_the_sentence_after_its_group():
    assert "hate_speech" in flags("I know the islanders. They are liars.")
    assert "hate_speech" not in flags("I know the island. It was raining. Weather reports are liars.")


def test_a_pasted_passage_counts_by_its_length_and_its_author():
    verse = "the lamp is low and the road is long and nobody knows the end of the song\n" * 5
    short, long = f'A line from "Low Lamp" by Ann Ray:\n\n{verse[:70]}', f'The full lyrics of "Low Lamp" by Ann Ray:\n\n{verse}'
    assert "copyright" not in flags(short)
    assert "copyright" in flags(long)
    assert "copyright" not in flags(f"I wrote this song last night:\n\n{verse}")


def test_several_checks_fail_at_once():
    text = ("Don't hire that hill woman, Rosa Temm, 9 Ropewalk, mobile 555-0133. They are lazy, all of them. "
            "Hire SparkleClean instead, first hour free, book now at sparkleclean.example!")
    assert flags(text) == ("hate_speech", "spam", "personal_information")


# --- how hard it finds them ---------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS)
def test_easy_posts_are_easy_and_some_are_hard(check):
    difficulties = [decide(BY_CHECK[check], post.text).difficulty for post in posts()]
    assert statistics.median(difficulties) < 0.05
    assert 0.03 <= statistics.mean(difficulties) <= 0.15
    assert sum(difficulty > 0.25 for difficulty in difficulties) >= 6


def test_hate_speech_has_traps_on_both_sides():
    traps = [post.hate_speech for post in posts() if decide(HATE, post.text).difficulty > 0.5]
    assert 4 <= len(traps) <= 15
    assert set(traps) == {True, False}


def test_difficulty_ranks_as_the_author_ranks():
    mine = [max(decide(skill, post.text).difficulty for skill in SKILLS) for post in posts()]
    assert rank_correlation(mine, [post.difficulty for post in posts()]) > 0.4


def rank_correlation(first: list, second: list) -> float:
    def ranks(values):
        return [sum(other < value for other in values) + sum(other == value for other in values) / 2 for value in values]

    return statistics.correlation(ranks(first), ranks(second))


def test_a_smile_makes_a_put_down_harder_to_see():
    blunt = "The families from the hills should not be allowed here."
    polite = "Lovely evening, so peaceful without the families from the hills. Thank you all!"
    assert flags(blunt) == flags(polite) == ("hate_speech",)
    assert decide(HATE, polite).difficulty > decide(HATE, blunt).difficulty + 0.2


def test_a_quoted_put_down_makes_an_innocent_post_harder():
    plain = "Somebody was unkind to my daughter on the bus."
    quoted = "Somebody said to my daughter on the bus: \"Islanders are stupid, go back to your island!\""
    assert flags(plain) == flags(quoted) == ()
    assert decide(HATE, quoted).difficulty > decide(HATE, plain).difficulty + 0.2


def test_difficulty_grows_towards_the_border():
    values = [ChargeEvidence(charge, 2.0).difficulty for charge in (0.0, 1.0, 1.9)]
    assert values == sorted(values) and values[0] < 0.02 < 0.3 < values[-1]
    assert ChargeEvidence(9.0, 0.0).difficulty < 0.02
    assert ChargeEvidence(5.0, 1.0, trap=1.0).difficulty > 0.5


def test_a_second_match_of_a_sign_counts_half_and_a_third_nothing():
    fruit = sign("fruit", 1.0, r"apple|pear|plum")
    texts = ("", "apple", "apple Apple", "apple pear", "apple pear plum")
    assert [strength(fruit, text) for text in texts] == [0, 1, 1, 1.5, 1.5]


# --- how it is asked ----------------------------------------------------------------------------


ASKED = (
    ("hate_speech", "Is this hate speech?"), ("hate_speech", "Does the comment contain hateful content?"),
    ("hate_speech", "Check for harassment."), ("hate_speech", "hate_speech"), ("hate_speech", "HATE or OK?"),
    ("spam", "Is this post spam?"), ("spam", "Does it advertise something?"), ("spam", "Any self-promotion or ads? Is it an ad?"),
    ("spam", "spam/advertising"), ("spam", "Is this unsolicited?"),
    ("personal_information", "Does it reveal personal information?"), ("personal_information", "Is there PII in it?"),
    ("personal_information", "Check for private data."), ("personal_information", "Is it doxxing?"),
    ("personal_information", "Does it give away somebody's phone number?"), ("personal_information", "personal_information"),
    ("personal_information", "PERSONAL: yes or no"),
    ("copyright", "Is there a copyright violation?"), ("copyright", "Could this be piracy?"),
    ("copyright", "Does it infringe anything?"),
)


@pytest.mark.parametrize(("check", "instruction"), ASKED)
def test_cues_find_the_one_that_is_asked(check, instruction):
    assert [name for name, skill in BY_CHECK.items() if skill.cues.search(instruction)] == [check]


def test_a_prompt_about_all_rules_asks_all_four():
    prompt = "Moderate this post. Our rules: no hate speech, no spam, no personal information, no copyright violations."
    assert all(skill.cues.search(prompt) for skill in SKILLS)


@pytest.mark.parametrize("instruction", [
    "Summarize this.", "What is the sentiment? positive or negative", "Review this code for security.",
    "Do customers love or hate it?", "How urgent is this ticket?", "Which product is named?", "Give your personal opinion.",
    "What is the phone for?", "Add a short headline.",
])
def test_cues_leave_other_tasks_alone(instruction):
    assert not any(skill.cues.search(instruction) for skill in SKILLS)


BAD = "All islanders are liars. Ring Jo Ray at home, 555-0101. Cracked games, 5 euros, order now at games.example!"
GOOD = "My sourdough starter is called Gerald and he has doubled overnight."
WORDS = (
    (HATE, "Is this hate speech? Answer yes or no.", "yes", "no"),
    (HATE, "Is this hate speech? Answer FLAG or OK only.", "FLAG", "OK"),
    (HATE, "Hate speech? FLAGGED or CLEAN.", "FLAGGED", "CLEAN"),
    (HATE, "Answer HATE or NOT HATE.", "HATE", "NOT HATE"),
    (HATE, "Answer hate_speech or not_hate_speech.", "hate_speech", "not_hate_speech"),
    (HATE, "Does it pass or fail the hate speech check?", "fail", "pass"),
    (HATE, "Say REJECT if it is hateful, otherwise APPROVE. No explanation.", "REJECT", "APPROVE"),
    (HATE, "Is this hate speech?", "flagged", "clean"),
    (SPAM, "Is this post SPAM or HAM?", "SPAM", "HAM"),
    (SPAM, "Is the post an AD or NOT AN AD?", "AD", "NOT AN AD"),
    (PERSONAL, "Personal information: VIOLATION or NONE?", "VIOLATION", "NONE"),
    (PERSONAL, "Is there PII? true or false", "true", "false"),
    (PERSONAL, "Answer PII or NO PII.", "PII", "NO PII"),
    (COPYRIGHT, "Copyright violation or no violation?", "Copyright violation", "no violation"),
    (COPYRIGHT, "Block or allow, with copyright in mind?", "Block", "allow"),
)


@pytest.mark.parametrize(("skill", "instruction", "flagged", "clean"), WORDS)
def test_says_it_in_the_words_of_the_prompt(skill, instruction, flagged, clean):
    assert spelling(decide(skill, BAD, instruction), instruction) == flagged
    assert spelling(decide(skill, GOOD, instruction), instruction) == clean


def said(instruction: str, text: str, output_config: dict | None = None) -> str:
    """What a model that makes no mistakes would say."""
    prompt = Prompt(instruction, text)
    answers = [(skill, skill.decide(prompt)) for skill in SKILLS]
    mistakes = Mistakes(seed=0, model="claude-opus-5-5", wording=instruction, material=text, sample=0)
    return say(answers, read_format(instruction, output_config), prompt, mistakes)


ALL = "Check the post for hate speech, spam, personal information and copyright."


def test_four_answers_each_say_whose_they_are():
    assert said(ALL, BAD).splitlines() == [
        "Hate speech: flagged", "Spam: flagged", "Personal information: flagged", "Copyright: flagged"]
    assert {line.split(": ")[1] for line in said(f"{ALL} FLAG or OK for each.", GOOD).splitlines()} == {"OK"}


def test_key_lines_and_json():
    lines = f"{ALL}\nHATE: yes or no\nSPAM: yes or no\nPERSONAL: yes or no\nCOPYRIGHT: yes or no"
    assert said(lines, BAD) == "HATE: yes\nSPAM: yes\nPERSONAL: yes\nCOPYRIGHT: yes"
    keys = "JSON with keys hate_speech, spam, personal_information, copyright. Say yes or no."
    assert said(f"{ALL} {keys}", GOOD) == (
        '{"hate_speech": "no", "spam": "no", "personal_information": "no", "copyright": "no"}')


def test_a_schema_with_booleans():
    schema = {"type": "object", "properties": {check: {"type": "boolean"} for check in CHECKS}}
    config = {"format": {"type": "json_schema", "schema": schema}}
    assert said(ALL, BAD, config) == '{"hate_speech": true, "spam": true, "personal_information": true, "copyright": true}'
    assert "true" not in said(ALL, GOOD, config)
    assert read_format(ALL, config) == Format("schema", CHECKS, schema, False)


# --- through the API, with its mistakes ----------------------------------------------------------


@pytest.fixture
def only_moderation(monkeypatch):
    """A model that knows moderation and nothing else, so that another skill's taste for the words doesn't matter."""
    for name, skills in (("TASKS", ()), ("SKILLS", SKILLS), ("GENERAL", ())):
        monkeypatch.setattr(simulated_model, name, skills)


def votes_on(chosen: list, how_many: int, seed: int) -> list[list[str]]:
    """What simulated Haiku says of each post when asked several times whether it is hate speech."""
    claude = connect(sdk=False, seconds_per_call=3.0, seed=seed)

    async def ask(post) -> list[str]:
        prompt = f"Is this hate speech? Answer FLAG or OK only.\n\n<post>\n{post.text}\n</post>"
        return [await claude.ask(prompt) for _ in range(how_many)]

    async def main() -> list:
        return await asyncio.gather(*(ask(post) for post in chosen))

    return run_simulated(main())


def test_voting_wins_on_hard_posts_and_loses_on_traps(only_moderation):
    hard = [post for post in posts() if decide(HATE, post.text).difficulty >= 0.15]
    won = lost = 0
    for seed in range(6):
        for post, ballots in zip(hard, votes_on(hard, 3, seed), strict=True):
            right = "FLAG" if post.hate_speech else "OK"
            alone, voted = ballots[0] == right, majority_vote(ballots, normalize=str).answer == right
            won, lost = won + (voted and not alone), lost + (alone and not voted)
    assert won > 1.2 * lost
    assert lost >= 3


def test_one_prompt_for_all_rules_makes_more_mistakes_than_four(only_moderation):
    claude = connect(sdk=False, seconds_per_call=3.0)
    chosen = posts()[:60]

    async def wrong(prompt: str) -> int:
        said = await asyncio.gather(*(claude.ask(f"{prompt}\n\n<post>\n{post.text}\n</post>") for post in chosen))
        return sum(("Hate speech: FLAG" in text or text == "FLAG") != post.hate_speech
                   for text, post in zip(said, chosen, strict=True))

    alone = run_simulated(wrong("Is this hate speech? Answer FLAG or OK only."))
    together = run_simulated(wrong(f"{ALL} FLAG or OK for each."))
    assert together > alone


# --- e-mails stay with the skill for e-mails ----------------------------------------------------


@pytest.mark.parametrize("instruction", ["Is this spam?", "Is this e-mail spam? Answer SPAM or HAM only.", "Is this email junk?"])
def test_emails_are_read_as_before(instruction):
    for email in emails():
        before, now = decide(Spam(), email.text, instruction), decide(SPAM, email.text, instruction)
        assert (now.value, now.difficulty) == (before.value, before.difficulty), email.id
        assert spelling(now, instruction) == spelling(before, instruction)


def test_a_post_is_read_as_one_even_when_the_prompt_only_says_spam():
    post = "Happy birthday to our choir! Our shop gives all members 12% off with the code SONG12. Only until Sunday, order now."
    assert decide(SPAM, post, "Is this spam? Answer spam or ham.").value == "spam"
    assert decide(SPAM, GOOD, "Is this spam? Answer spam or ham.").value == "not spam"


# --- any text at all ----------------------------------------------------------------------------


STRANGE = ["", " \n\t", "\0", "🎁" * 50, ">" * 500, "\"" * 300, "'" * 300, "!" * 2000, "0" * 2000, "a" * 5000, "no " * 1000]


@pytest.mark.parametrize("text", STRANGE)
def test_strange_material_gets_a_label(text):
    assert all(decide(skill, text).value in ("flagged", "clean") for skill in SKILLS)


def test_a_post_without_words_is_clean():
    assert flags("") == ()


@given(st.text(max_size=300))
def test_any_text_gets_one_label_always_the_same(text):
    first = [decide(skill, text) for skill in SKILLS]
    for weigh in (weigh_hate, weigh_advertising, weigh_personal, weigh_copyright):
        weigh.cache_clear()
    assert [decide(skill, text) for skill in SKILLS] == first
    assert all(0.012 <= label.difficulty <= 0.62 for label in first)


@pytest.mark.parametrize("words", ["people from ", "'a b ", "555-0101 ", "the whole ", "a ", "since all ", "0"])
def test_a_long_text_takes_no_more_than_a_moment(words):
    """A pattern that looks ahead without a bound takes time that grows with the square of the length."""
    text = words * (10_000 // len(words))
    start = time.process_time()
    for skill in SKILLS:
        decide(skill, text)
    assert time.process_time() - start < 2.0
