"""The fake of Anthropic's API as a pure core: a request and a moment go in, a reply and its duration come out.

    messages      which request gets which answer; batches: many at once, at half the price
    validation    what is refused, with schema_rules and refusals
    rate_limits   requests and tokens per minute; faults: what goes wrong on purpose
    replies       what goes over the wire, and after how many seconds; streaming: as server-sent events
    seeded        chance that is the same on every machine
"""
