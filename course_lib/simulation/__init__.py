"""A fake of Anthropic's API on simulated time: what stands behind `connect()` when there is no key.

    virtual_time     an asyncio loop whose clock jumps instead of waiting
    notebook_time    plain `await` in cells on that clock; notebook_errors: errors of the course, shown short
    thread_clock     the same clock for threads; busy_threads: whom it must wait for
    api              the Messages API as a pure function of the request and the moment
    validation       what it refuses (with schemas and refusals), rate_limits and faults: what else goes wrong
    streaming        a reply as server-sent events; batches: many requests at once, at half the price
    transports       how the real SDK reaches it; `direct` is the way without the SDK; delivery is what both share
    model            the simulated model: skills, formats, seeded mistakes

Only `course_lib.claude` and the HTTP server, `course_lib.server`, know this room.
"""
