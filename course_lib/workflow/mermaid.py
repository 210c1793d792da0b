"""The workflow as Mermaid text. JupyterLab draws it in a Markdown cell, offline."""

from itertools import pairwise

from course_lib.workflow.estimate import critical_path, seconds_of

_SHAPES = {
    "input": ('(["', '"])'),
    "step": ('["', '"]'),
    "vote": ('[["', '"]]'),
    "fan-out": ('[["', '"]]'),
    "join": ('[/"', '"\\]'),
    "router": ('{"', '"}'),
    "guardrail": ('{{"', '"}}'),
}


def mermaid(flow) -> str:
    """A flowchart from left to right: a node for every part, an arrow for everything that is read; the critical path is thick."""
    ids = {name: f"n{number}" for number, name in enumerate(dict.fromkeys(part.name for part in flow.parts))}
    edges = [edge for edge in edges_of(flow) if edge[0] in ids and edge[1] in ids]
    lines = ["flowchart LR", f"    accTitle: {_safe(flow.name)}", f"    accDescr: {_safe(in_words(flow))}"]
    lines += [f"    {ids[part.name]}{_node(part)}" for part in {part.name: part for part in reversed(flow.parts)}.values()][::-1]
    lines += [f"    {ids[start]} {_arrow(kind, label)} {ids[end]}" for start, end, kind, label in edges]
    if not flow.circle:
        path = critical_path(flow, seconds_of(flow, 1.0))
        lines.append("    classDef critical stroke-width:4px")
        lines.append(f"    class {','.join(ids[name] for name in path)} critical")
        steps = set(pairwise(path))
        thick = [str(number) for number, (start, end, *_) in enumerate(edges) if (start, end) in steps]
        lines += [f"    linkStyle {','.join(thick)} stroke-width:4px"] if thick else []
    return "\n".join(lines)


def edges_of(flow) -> list[tuple[str, str, str, str]]:
    """(from, to, "reads" | "route" | "guards", label) for every arrow of the diagram, in the order of the steps."""
    edges = []
    for step in flow.steps:
        edges += [(name, step.name, "reads", "") for name in step.inputs]
        edges += [(step.name, name, "route", answer) for answer, name in getattr(step, "routes", {}).items()]
        edges += [(step.name, step.guards, "guards", "guards")] if getattr(step, "guards", "") else []
    return edges


def in_words(flow) -> str:
    """The workflow in one sentence, wave by wave.

    >>> from course_lib.workflow import Input, Step, Workflow
    >>> in_words(Workflow("w", Input("text"), Step("facts", "{text}"), Step("style", "{text}")))
    'text → facts and style side by side.'
    """
    if flow.circle:
        return f"{' → '.join(flow.circle)}, in a circle."
    waves = [_wave(flow, wave) for wave in flow.generations]
    return " → ".join([*filter(None, [", ".join(flow.inputs)]), *waves]) + "."


def _wave(flow, names) -> str:
    steps = [_flat(flow[name]) for name in names]
    if len(steps) == 1:
        return steps[0]
    together = any(len(case & set(names)) > 1 for case in flow.cases)
    return f"{', '.join(steps[:-1])} {'and' if together else 'or'} {steps[-1]}{' side by side' if together else ''}"


def _flat(step) -> str:
    name, _, more = step.label.partition("\n")
    return f"{name} ({more})" if more else name


def _node(part) -> str:
    opening, closing = _SHAPES[part.kind]
    return opening + "<br/>".join(map(_safe, getattr(part, "label", part.name).split("\n"))) + closing


def _arrow(kind, label) -> str:
    if kind == "guards":
        return "-. guards .->"
    return f'-- "{_safe(label)}" -->' if label else "-->"


def _safe(text: str) -> str:
    """One line, without the characters that mean something to Mermaid."""
    line = " ".join(text.split())
    return "".join(f"#{ord(letter)};" if letter in '"#;{}<>&' else letter for letter in line)
