// Run by node: a message, a stream, an error and a batch, with the TypeScript SDK as it comes from its registry.
import Anthropic from "@anthropic-ai/sdk";

const question = (text) => `Is this spam? Answer 'spam' or 'not spam' only. <email>${text}</email>`;
const lunch = "Hi Ann, lunch at noon?";
const prize = "You WON a prize! Click http://win.example now to claim your free money!!!";
const params = (text, model = "claude-haiku-5-5") => ({
  model, max_tokens: 100, messages: [{ role: "user", content: question(text) }],
});

const client = new Anthropic();
console.log("message:", (await client.messages.create(params(lunch))).content[0].text);
console.log("stream:", await client.messages.stream(params(lunch)).finalText());
try {
  await client.messages.create(params(lunch, "claude-none"));
} catch (error) {
  console.log("error:", error.status, error.error.error.type);
}
const batches = client.messages.batches;
const batch = await batches.create({
  requests: [{ custom_id: "lunch", params: params(lunch) }, { custom_id: "prize", params: params(prize) }],
});
while ((await batches.retrieve(batch.id)).processing_status !== "ended") {
  await new Promise((done) => setTimeout(done, 50));
}
const results = {};
for await (const line of await batches.results(batch.id)) results[line.custom_id] = line.result;
const succeeded = Object.values(results).filter((result) => result.type === "succeeded").length;
console.log(`batch: ${succeeded} succeeded, ${results.prize.message.content[0].text}`);
