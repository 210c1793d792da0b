"""Lists that are handed out page by page, as the API does for models and batches."""

from urllib.parse import parse_qs

from course_lib.simulation.api.refusals import invalid


def page_of(entries: list[dict], query: str) -> dict:
    """One page of `entries`: up to `limit` of them, after the id `after_id` or before the id `before_id`.

    >>> page_of([{"id": "a"}, {"id": "b"}, {"id": "c"}], "limit=1&after_id=a")
    {'data': [{'id': 'b'}], 'has_more': True, 'first_id': 'b', 'last_id': 'b'}
    """
    wishes = {name: values[-1] for name, values in parse_qs(query).items()}
    limit = _limit(wishes.get("limit", "20"))
    first, last = 0, len(entries)
    if "after_id" in wishes:
        first = _position(entries, wishes["after_id"], "after_id") + 1
    if "before_id" in wishes:
        last = _position(entries, wishes["before_id"], "before_id")
    backwards = "before_id" in wishes
    data = entries[max(first, last - limit) : last] if backwards else entries[first : min(first + limit, last)]
    return {
        "data": data,
        "has_more": len(data) < last - first,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }


def _limit(text: str) -> int:
    if not text.isdecimal():
        raise invalid("limit: Input should be a valid integer")
    if not 1 <= int(text) <= 1000:
        raise invalid("limit: Input should be between 1 and 1000")
    return int(text)


def _position(entries, wanted, name) -> int:
    for position, entry in enumerate(entries):
        if entry["id"] == wanted:
            return position
    raise invalid(f"{name}: there is no '{wanted}' in this list")
