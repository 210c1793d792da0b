"""How a request reaches the fake API, and how its reply comes back.

    sdk_clients   the real SDK's clients, and errors that they pass on; transports: where its bytes would leave
    direct        the way without the SDK, for thousands of calls
    delivery      one attempt between take-off and landing, the same on every way
    replay        the API's core, answering from recorded replies
"""
