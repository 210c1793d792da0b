"""Eleven mistakes that were published, each re-created here, seen failing, and held against our own way.

Every file holds one of them: `broken_…`, the mistake in a few lines of our own, and `ours`, the same task by the library.
One test pins the wrong result, another shows that the same demand that the broken way fails is met by ours.

| Where it was seen | What goes wrong | File |
|---|---|---|
| a timeline figure | launch-order starts paired with completion-order ends | test_timeline_of_mixed_up_ends.py |
| a beginner's `is_spam` | SPAM elected with 2 votes of 5 | test_spam_elected_by_two_of_five.py |
| a substring normaliser | "unacceptable" counts as acceptable | test_substring_normaliser.py |
| a framework's default normaliser | "A" vanishes as an article, "5.0" becomes "50" | test_article_that_was_an_answer.py |
| a moderation solution | fails open; a human review is lost; a NameError; a check too late | test_moderation.py |
| a retry helper | a slot is held while backing off: 0.71 s instead of 0.50 s | test_slot_held_while_backing_off.py |
| a failed `gather` | siblings run on, and are billed | test_siblings_of_a_failed_call.py |
| "first to respond" | the first listed answers: 2.0 s instead of 0.1 s | test_first_listed_instead_of_first.py |
| a parallel ensemble | its members run one after another | test_ensemble_one_by_one.py |
| a token limiter | acquires without the token count | test_token_limiter_without_tokens.py |
| `mode()` as a vote | ties are broken by order, silently | test_mode_breaks_ties.py |
"""
