#!/usr/bin/env bash
# A message, a stream, an error and a batch with nothing but curl; python reads the JSON that came.
set -euo pipefail

post() {
  curl --silent --show-error --no-buffer "$ANTHROPIC_BASE_URL$1" --header "x-api-key: $ANTHROPIC_API_KEY" \
    --header "anthropic-version: 2023-06-01" --header "content-type: application/json" "${@:2}"
}
read_json() { python3 -c "import json, sys; said = json.loads(sys.stdin.read()); print($1)"; }

asked() { printf '{"model": "%s", "max_tokens": 100, "stream": %s, "messages": [{"role": "user", "content": "Is this spam? Answer '"'spam' or 'not spam'"' only. <email>%s</email>"}]}' "$1" "$2" "$3"; }
lunch="Hi Ann, lunch at noon?"
prize="You WON a prize! Click http://win.example now to claim your free money!!!"

echo "message: $(post /v1/messages --data "$(asked claude-haiku-5-5 false "$lunch")" | read_json 'said["content"][0]["text"]')"
echo "stream: $(post /v1/messages --data "$(asked claude-haiku-5-5 true "$lunch")" | grep text_delta | cut -c 7- |
  python3 -c 'import json, sys; print("".join(json.loads(line)["delta"]["text"] for line in sys.stdin))')"
echo "error: $(post /v1/messages --write-out '\n%{http_code}' --data "$(asked claude-none false "$lunch")" |
  python3 -c 'import json, sys; body, status = sys.stdin.read().rsplit("\n", 1); print(status, json.loads(body)["error"]["type"])')"
requests="{\"requests\": [{\"custom_id\": \"lunch\", \"params\": $(asked claude-haiku-5-5 false "$lunch")},
  {\"custom_id\": \"prize\", \"params\": $(asked claude-haiku-5-5 false "$prize")}]}"
id=$(post /v1/messages/batches --data "$requests" | read_json 'said["id"]')
until [ "$(post "/v1/messages/batches/$id" | read_json 'said["processing_status"]')" = ended ]; do sleep 0.05; done
post "/v1/messages/batches/$id/results" | python3 -c '
import json, sys
results = {entry["custom_id"]: entry["result"] for entry in map(json.loads, sys.stdin)}
succeeded = sum(result["type"] == "succeeded" for result in results.values())
print("batch: {} succeeded, {}".format(succeeded, results["prize"]["message"]["content"][0]["text"]))'
