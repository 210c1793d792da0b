import dataclasses
import json
from collections import Counter
from importlib.resources import files

import pytest

from course_lib.data.reviews import SENTIMENTS, TOPICS, URGENCIES, reviews


def test_eighty_reviews_and_forty_tickets():
    assert Counter(review.kind for review in reviews()) == {"review": 80, "ticket": 40}


def test_labels_come_from_the_fixed_sets():
    for review in reviews():
        assert review.sentiment in SENTIMENTS
        assert review.urgency in URGENCIES
        assert review.topics and set(review.topics) <= set(TOPICS)
        assert len(set(review.topics)) == len(review.topics)
        assert 0.02 <= review.difficulty <= 0.65


def test_every_label_occurs_often_enough_to_be_measured():
    sentiments = Counter(review.sentiment for review in reviews())
    urgencies = Counter(review.urgency for review in reviews() if review.kind == "ticket")
    topics = Counter(topic for review in reviews() for topic in review.topics)
    assert set(sentiments) == set(SENTIMENTS) and min(sentiments.values()) >= 10
    assert set(urgencies) == set(URGENCIES) and min(urgencies.values()) >= 10
    assert set(topics) == set(TOPICS) and min(topics.values()) >= 5


def test_entities_stand_in_the_text_as_spelled():
    for review in reviews():
        for name in review.entities:
            assert name in review.text, review.id
    assert any(len(review.entities) == 2 for review in reviews())


def test_no_id_or_text_comes_twice():
    assert len({review.id for review in reviews()}) == 120
    assert len({review.text for review in reviews()}) == 120


def test_hard_items_exist_for_both_kinds():
    for kind in ("review", "ticket"):
        assert sum(review.difficulty >= 0.3 for review in reviews() if review.kind == kind) >= 10


def test_the_caller_gets_a_list_of_its_own():
    reviews().clear()
    assert len(reviews()) == 120


def test_a_review_is_frozen_and_hashable():
    review = reviews()[0]
    assert len({review, review}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        review.sentiment = "mixed"


def test_the_file_names_its_licence():
    content = json.loads(files("course_lib.data").joinpath("reviews.json").read_text(encoding="utf-8"))
    assert content["licence"] == "CC BY 4.0, made for this course"
