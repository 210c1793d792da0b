"""A fake of Anthropic's API on simulated time: what stands behind `connect()` when there is no key.

    virtual_time     an asyncio loop whose clock jumps instead of waiting
    notebook_time    plain `await` in cells on that clock
    thread_clock     the same clock for threads
    api              the Messages API as a pure function of the request and the moment
    transports       how the real SDK reaches it; `direct` is the way without the SDK
    model            the simulated model: skills, formats, seeded mistakes

Only `course_lib.claude` knows this room.
"""
