"""A fake of Anthropic's API on simulated time: what stands behind `connect()` when there is no key.

    ways     how a request gets here: the real SDK's transports, the direct way without the SDK, the replay
    api      the Messages API as a pure function of the request and the moment
    model    the simulated model: it reads its prompt, decides, errs now and then, and says it as asked
    clock    simulated time: for asyncio, for threads, for the cells of a notebook

What they hand each other is declared in protocols; content: what a message holds, for all of them.
Only `course_lib.claude` knows this room.
"""
