"""The simulated model: a statistical model of an LLM that really reads its prompt.

    prompts     what is asked, and about which text
    skills/     what is true of that text
    mistakes    when the answer is wrong all the same
    formats     how it is said: labels, lists, JSON, `KEY: value` lines, sentences

It is no language model. It knows the skills that are listed in `skills`, says plainly
when a prompt asks for anything else, and its error rates are set, not learnt.
"""
