"""Run by the old SDK's own Python: a message with a temperature, a stream, an error and a batch (then still in beta)."""

import time

import anthropic

QUESTION = "Is this spam? Answer 'spam' or 'not spam' only. <email>{}</email>"
LUNCH, PRIZE = "Hi Ann, lunch at noon?", "You WON a prize! Click http://win.example now to claim your free money!!!"


def params(text, model="claude-haiku-4-5"):
    return {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": QUESTION.format(text)}]}


def main():
    client = anthropic.Anthropic()
    print("message:", client.messages.create(temperature=1.0, **params(LUNCH)).content[0].text)
    with client.messages.stream(**params(LUNCH)) as stream:
        print("stream:", "".join(stream.text_stream))
    try:
        client.messages.create(**params(LUNCH, model="claude-none"))
    except anthropic.NotFoundError as error:
        print("error:", error.status_code, error.body["error"]["type"])
    batch = client.beta.messages.batches.create(requests=[
        {"custom_id": "lunch", "params": params(LUNCH)}, {"custom_id": "prize", "params": params(PRIZE)},
    ])
    while client.beta.messages.batches.retrieve(batch.id).processing_status != "ended":
        time.sleep(0.05)
    results = {line.custom_id: line.result for line in client.beta.messages.batches.results(batch.id)}
    succeeded = sum(result.type == "succeeded" for result in results.values())
    print(f"batch: {succeeded} succeeded, {results['prize'].message.content[0].text}")


if __name__ == "__main__":
    main()
