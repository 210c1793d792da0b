"""Labels that the prompt itself offers, for texts and words that no skill was made for."""

import pytest

from course_lib.simulation.model.skills.offered_labels import offered_labels
from tests.simulation.model.asking import ask, usual


@pytest.mark.parametrize(
    "instruction, labels",
    [
        ("Is this a billing, technical or general question?", ["billing", "technical", "general"]),
        (
            "Classify this ticket as billing, technical, or general. Answer with one word only.",
            ["billing", "technical", "general"],
        ),
        ("Route this to the sales or the support team.", ["sales", "support"]),
        ("Labels: bug, feature request, question.", ["bug", "feature request", "question"]),
        ("Which department should handle it: HR, IT or Finance?", ["HR", "IT", "Finance"]),
        ("Choose a category:\n- billing: invoices\n- technical: errors\n- other", ["billing", "technical", "other"]),
        ("Is this about sport, politics or the weather?", ["sport", "politics", "weather"]),
        ('Return "urgent" or "not urgent".', ["urgent", "not urgent"]),
        ("Decide whether the message is a complaint, a question or praise.", ["complaint", "question", "praise"]),
        ("Sort the article into one of: sport | culture | business", ["sport", "culture", "business"]),
        ("Is the writer happy or sad?", ["happy", "sad"]),
        ("Answer yes or no only.", []),
        ("In one or two sentences, summarise the text.", []),
        ("What does it say?", []),
    ],
)
def test_the_labels_of_an_instruction_are_found_as_it_writes_them(instruction, labels):
    assert [offer.label for offer in offered_labels(instruction)] == labels


@pytest.mark.parametrize(
    "text, label",
    [
        ("My card was charged twice for one invoice.", "billing"),
        ("I would like my receipt for the last payment.", "billing"),
        ("The app crashes whenever I press the login button.", "technical"),
        ("There is an error when I install the update.", "technical"),
        ("Are you open on Sundays?", "general"),
        ("Just wanted to wave from the Alps.", "general"),
    ],
)
@pytest.mark.parametrize(
    "prompt",
    [
        "Is this a billing, technical or general question? One word only.\n<ticket>{}</ticket>",
        "Classify the ticket into one of these categories: billing, technical, general. Reply with the "
        "category only.\n\nTicket: {}",
        "You route tickets.\n\n{}\n\nAnswer with exactly one of: billing | technical | general",
    ],
)
def test_a_ticket_is_routed(prompt, text, label):
    assert usual(prompt.format(text)) == label


@pytest.mark.parametrize(
    "text, label",
    [
        ("The striker scored two goals and the team won the cup.", "sport"),
        ("Parliament voted on the minister's bill after the election.", "politics"),
        ("Heavy rain and thunder are expected, 12 degrees.", "weather"),
        ("The orchestra opens its season with a new concert at the museum.", "culture"),
    ],
)
def test_news_find_their_section(text, label):
    assert (
        usual(
            f"Which section is this for: sport, politics, weather or culture? One word only. <article>{text}</article>"
        )
        == label
    )


def test_what_the_prompt_says_of_a_label_counts():
    prompt = (
        "Choose one label only:\n- red: anything about boats and harbours\n- green: anything about bread "
        "and bakeries\n\nText: {}"
    )
    assert usual(prompt.format("The ferry left the harbour at nine.")) == "red"
    assert usual(prompt.format("Rolls are fresh from the bakery oven.")) == "green"


def test_where_no_word_points_to_a_label_it_says_so():
    said = ask("Is this alpha or omega? One word only. <text>Blue whales swim.</text>")
    assert said.startswith("I can't tell which of alpha and omega")


def test_an_unclear_text_is_harder_than_a_clear_one():
    prompt = "Is this about sport or business? One word only. <text>{}</text>"
    clear = [
        ask(
            prompt.format("The team won the match and the cup; the coach praised the striker."),
            seed=seed,
            model="claude-haiku-5-5",
        )
        for seed in range(200)
    ]
    torn = [
        ask(
            prompt.format("The team sold its stadium; profit rose, shares fell, the match was won."),
            seed=seed,
            model="claude-haiku-5-5",
        )
        for seed in range(200)
    ]
    assert clear.count("sport") / 200 > 0.94
    assert 0.5 < max(torn.count("sport"), torn.count("business")) / 200 < 0.89


def test_labels_of_an_enumeration_are_chosen_without_any_question():
    schema = {
        "type": "object",
        "properties": {"category": {"type": "string", "enum": ["billing", "technical", "general"]}},
    }
    assert usual("Read this. <ticket>My card was charged twice.</ticket>", schema=schema) == '{"category": "billing"}'
