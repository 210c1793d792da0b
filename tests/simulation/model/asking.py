"""One prompt, one reply: how the tests of the simulated model ask."""

from course_lib.simulation.model.simulated_model import reply

MAIL = "<email>You won a free prize, click here!!!</email>"
REVIEW = "<review>The kettle broke after two days and nobody answers my mails.</review>"


def body(prompt, *, model="claude-opus-5-5", schema=None, **more):
    messages = prompt if isinstance(prompt, list) else [{"role": "user", "content": prompt}]
    if schema is not None:
        more["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return {"model": model, "max_tokens": 500, "messages": messages} | more


def ask(prompt, *, seed=0, sample=0, **more):
    return reply(body(prompt, **more), seed=seed, sample=sample)


def usual(prompt, seeds=9, **more):
    """What most of nine seeds say."""
    said = [ask(prompt, seed=seed, **more) for seed in range(seeds)]
    return max(sorted(set(said)), key=said.count)
