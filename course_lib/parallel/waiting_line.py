"""The items of a run, standing in line: drawn one at a time by whichever worker is free, never ahead of time."""

import asyncio
from collections.abc import AsyncIterable, Iterable
from typing import Any


class WaitingLine:
    """An asynchronous iterator that many workers may share, over a list, a generator or an async iterator."""

    def __init__(self, items: Iterable[Any] | AsyncIterable[Any]):
        self._size = len(items) if hasattr(items, "__len__") else None
        self._asynchronous = hasattr(items, "__aiter__")
        self._items = aiter(items) if self._asynchronous else iter(items)
        self._turn = asyncio.Lock()  # an asynchronous iterator may be asked by one at a time
        self.since = asyncio.get_running_loop().time()
        self.drawn = 0

    def workers(self, max_at_once: int) -> int:
        return max_at_once if self._size is None else min(max_at_once, self._size)

    def __aiter__(self):
        return self

    async def __anext__(self) -> Any:
        if self._asynchronous:
            async with self._turn:
                item = await anext(self._items)
                self.drawn += 1
                return item
        for item in self._items:
            self.drawn += 1
            return item
        raise StopAsyncIteration
