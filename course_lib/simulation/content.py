"""What a message holds, in whichever of its forms the API takes it."""


def text_of(content: object) -> str:
    """The text of a message's or system prompt's content, whichever of its two forms it has."""
    if isinstance(content, list):
        return "\n".join(str(block.get("text") or "") for block in content if isinstance(block, dict))
    return content if isinstance(content, str) else ""
