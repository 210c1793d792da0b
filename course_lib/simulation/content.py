"""What a message holds, in whichever of its forms the API takes it, and how many tokens that is."""


def text_of(content: object) -> str:
    """The text of a message's or system prompt's content, whichever of its two forms it has."""
    if isinstance(content, list):
        return "\n".join(str(block.get("text") or "") for block in content if isinstance(block, dict))
    return content if isinstance(content, str) else ""


def prompt_of(body: dict) -> str:
    """The text of a request's last message; "" if it has none.

    >>> prompt_of({"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]})
    'Hello'
    """
    messages = body.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return text_of(last.get("content")) if isinstance(last, dict) else ""


def count_tokens(text: str) -> int:
    """Tokens in `text`, at least 1.

    Real tokenizers are not public; four characters a token is the usual rule of thumb for English. The simulation
    counts with it everywhere, so ratios between prompts hold.

    >>> count_tokens("Summarize this chapter in one sentence.")
    10
    """
    return max(1, (len(text) + 3) // 4)
