"""A fake of Anthropic's API on simulated time: what stands behind `connect()` when there is no key.

    ways     how a request gets here: the real SDK's transports, the direct way without the SDK, the replay
    api      the Messages API as a pure function of the request and the moment
    model    the simulated model: it reads its prompt, decides, errs now and then, and says it as asked
    clock    simulated time: for asyncio, for threads, for the cells of a notebook

`protocols` says what these hand each other, and what they expect of a caller; `content` reads a message in any of its forms.

Only `course_lib.claude` knows this room.
"""
