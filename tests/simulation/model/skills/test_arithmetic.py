"""Sums and word problems: right in steps, wrong in plausible ways, silent where not understood."""

from collections import Counter

import pytest

from tests.simulation.model.asking import ask, usual

PROBLEMS = [
    ("Anna has 3 boxes of 12 pencils and gives away 7. How many pencils are left?", 29),
    ("Tom has 5 apples. He buys 8 more and eats 3. How many apples does Tom have now?", 10),
    ("A baker makes 24 rolls. She sells 15 and bakes another 10. How many rolls does she have?", 19),
    ("There are 4 rows with 6 chairs each. 5 chairs are removed. How many chairs are left?", 19),
    ("Each box holds 12 pencils. Anna buys 3 boxes. How many pencils does she have?", 36),
    ("Anna has 7 marbles. Ben has 4 more marbles than Anna. How many marbles do they have together?", 18),
    ("Anna has seven marbles. Ben has twice as many as Anna. How many marbles does Ben have?", 14),
    ("Lena reads 20 pages a day for 5 days. How many pages does she read?", 100),
    ("Lena reads 20 pages a day. How many pages does she read in a week?", 140),
    ("Sam buys 3 notebooks at 4 euros each and pays with a 20 euro note. How much change does he get?", 8),
    ("Mia has 50 euros. She buys 3 books at 12 euros each. How much money does she have left?", 14),
    ("A farmer has 48 eggs. He packs them in boxes of 6. How many boxes does he need?", 8),
    ("Grandma shares 24 cookies equally among 6 children. How many cookies does each child get?", 4),
    ("A car drives 60 km per hour for 3 hours. How far does it drive?", 180),
    ("There are 30 children in a class. Half of them are girls. How many girls are there?", 15),
    ("A bus has 25 passengers. At the first stop 7 get off and 4 get on. How many passengers are on the bus?", 22),
    ("If one ticket costs 7 dollars, how much do 6 tickets cost?", 42),
    ("A library has 5 shelves. Each shelf holds 40 books. 30 books are lent. How many books are in the library?", 170),
    ("Nina earns $12 an hour. She works 5 hours on Monday and 3 hours on Tuesday. How much does she earn?", 96),
    ("A train has 8 wagons with 40 seats each. 275 seats are taken. How many seats are free?", 45),
    ("A spider has 8 legs. How many legs do 3 spiders have?", 24),
    ("A school buys 15 tables for 80 euros each and 30 chairs for 25 euros each. How much does it pay in total?", 1950),
]
NOT_UNDERSTOOD = [
    "Ella has 18 balloons. 5 flutter. How many balloons are left?",
    "Tom has 20 nuts and packs them in bags of 3. How many bags does he need?",
    "Janet's ducks lay 16 eggs per day. She eats three for breakfast every morning and bakes muffins with four. "
    "She sells the rest for $2 each. How much does she make every day?",
    "A shop sells 35 lamps. How many lamps are left after 2 days?",
]


@pytest.mark.parametrize("problem, answer", PROBLEMS)
def test_word_problems_are_worked_out(problem, answer):
    assert usual(f"{problem} Reply with the number only.") == str(answer)
    assert usual(f"Solve this problem. Answer with the number only.\n\n<problem>{problem}</problem>") == str(answer)


@pytest.mark.parametrize(
    "asked, answer",
    [
        ("What is 17 * 24 + 3?", 411),
        ("What is 2 + 2?", 4),
        ("Calculate 3 times (4 + 5) minus 7.", 20),
        ("12% of 50 = ?", 6),
        ("How much is 1,200 divided by 8?", 150),
        ("2 + 3 * 4", 14),
        ("What is 7 / 2?", 3.5),
        ("What is 2 - 9?", -7),
    ],
)
def test_sums_are_worked_out(asked, answer):
    assert usual(asked).endswith(f"The answer is {answer}.")


@pytest.mark.parametrize("problem", NOT_UNDERSTOOD)
def test_what_it_cannot_read_it_does_not_answer(problem):
    assert ask(problem).startswith("I can't work this out")


def test_dividing_by_zero_has_no_answer():
    assert ask("What is 5 / 0?") == "There is no answer: it would mean dividing by zero."


def test_steps_come_first_where_they_are_asked_for():
    problem = f"{PROBLEMS[0][0]} Think step by step and end with 'The answer is N'."
    assert usual(problem) == "3 × 12 = 36. 36 − 7 = 29.\nThe answer is 29."
    assert usual(f"{PROBLEMS[0][0]} Think step by step, then end with ANSWER: N").endswith("\nANSWER: 29")


def test_wrong_answers_scatter_and_right_ones_agree():
    """What self-consistency lives on."""
    said = Counter(ask(f"{PROBLEMS[17][0]} Number only.", seed=seed, model="claude-haiku-5-5") for seed in range(400))
    (most, times), *others = said.most_common()
    assert most == "170"
    assert 0.75 < times / 400 < 0.95
    assert len(others) >= 4
    assert all(count < 0.5 * (400 - times) for _, count in others)


def test_more_steps_are_harder():
    def wrong(problem, answer):
        return (
            sum(
                ask(f"{problem} Number only.", seed=seed, model="claude-haiku-4-5") != str(answer)
                for seed in range(300)
            )
            / 300
        )

    assert wrong(*PROBLEMS[4]) + 0.05 < wrong(*PROBLEMS[21])


def test_a_question_about_a_text_is_no_word_problem():
    said = ask(
        "According to this source, how many people voted? <source>81 percent of 1,200 people voted in "
        "1999. 40 stayed away.</source>"
    )
    assert said == "81 percent of 1,200 people voted in 1999." or "voted" in said
