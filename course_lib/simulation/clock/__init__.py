"""Simulated time: clocks that jump instead of waiting.

    virtual_time    an asyncio loop; interrupts: where ■ may reach it; handed_over: its threads
    notebook_time   plain `await` in cells on that loop
    thread_clock    the same clock for threads; busy_threads: whom it must wait for; blocked_threads: who waits in the system
"""
