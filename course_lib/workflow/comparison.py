"""Two workflows side by side: the same structure, or where they differ. Names, wording and order of declaration don't count."""

import difflib
from collections import Counter

from course_lib.workflow.mermaid import edges_of
from course_lib.workflow.steps import FanOut, Guardrail, Join, Step, Vote, strategy_name


class Difference(str):
    """One sentence. about: in a word, "step", "kind", "voters", "strategy", "policy", "parallel" or "reads"."""

    about: str

    def __new__(cls, about: str, sentence: str):
        difference = super().__new__(cls, sentence)
        difference.about = about
        return difference


def differences(flow, other) -> list[Difference]:
    """What `Workflow.differences` gives: how `flow` differs from `other`; [] when one is the other by other names."""
    pairs = _same_graph(flow, other)
    if pairs is not None:
        return []
    pairs = _best_pairs(flow, other)
    found = [Difference("step", f"{other[name].kind.capitalize()} {name!r} of the other graph has no counterpart here.")
             for name in other.waits if name not in pairs.values()]
    found += [Difference("step", f"{flow[name].kind.capitalize()} {name!r} has no counterpart in the other graph.")
              for name in flow.waits if name not in pairs]
    for name, twin in pairs.items():
        found += _step_differences(flow, name, other, twin)
    found += _edge_differences(flow, other, pairs)
    if flow.result in pairs and pairs[flow.result] != other.result:
        found.append(Difference("reads", f"The result is {flow.result!r} here, but {other.result!r} there."))
    return found or [Difference("reads", "The same steps are wired in another way.")]


def _traits(flow, name) -> tuple:
    """What must be equal for two steps to be the same, whatever their names: (about, in words)."""
    step = flow[name]
    traits = [("kind", f"is a {step.kind}"), ("policy", f"has the failure policy {flow.policy_of(name) or 'raise'!r}")]
    if isinstance(step, Join) and not step.calls:
        traits.pop()  # nothing can fail that has not failed before
    if isinstance(step, Vote):
        traits.append(("voters", f"has {step.voters} voters"))
    if isinstance(step, (Vote, Join)):
        traits.append(("strategy", f"goes by {strategy_name(step.strategy)!r}"))
    if isinstance(step, Guardrail):
        traits.append(("kind", f"passes on {sorted(set((step.answers or {}).values()))}"))
    if isinstance(step, FanOut):
        traits.append(("kind", "works on an input" if step.over in flow.inputs else "works on a planned list"))
    return tuple(traits)


def _edges(flow) -> set[tuple[str, str, str]]:
    """(kind, from, to) between steps; which input a step reads is no structure."""
    return {(kind, start, end) for start, end, kind, _ in edges_of(flow) if start in flow.waits and end in flow.waits}


# --- the same graph? -------------------------------------------------------------------------


def _same_graph(flow, other) -> dict[str, str] | None:
    """A renaming that makes `other` out of `flow`, or None."""
    first, second = _colours(flow, other)
    if Counter(first.values()) != Counter(second.values()) or len(_edges(flow)) != len(_edges(other)):
        return None
    candidates = {name: [twin for twin in second if second[twin] == colour] for name, colour in first.items()}
    names = sorted(candidates, key=lambda name: len(candidates[name]))
    return _assign(names, candidates, _edges(flow), _edges(other), {})


def _colours(flow, other) -> tuple[dict[str, int], dict[str, int]]:
    """A number per step of either graph: equal where nothing in its traits and its surroundings tells two apart."""
    graphs = (flow, other)
    keys = [{name: (_traits(graph, name), name == graph.result) for name in graph.waits} for graph in graphs]
    colours = _numbered(keys)
    for _ in range(max(len(graph.waits) for graph in graphs)):
        keys = [
            {name: (colours[side][name], sorted(
                [(kind, "to", colours[side][end]) for kind, start, end in _edges(graph) if start == name]
                + [(kind, "from", colours[side][start]) for kind, start, end in _edges(graph) if end == name]))
             for name in graph.waits}
            for side, graph in enumerate(graphs)
        ]
        finer = _numbered(keys)
        if all(len(set(new.values())) == len(set(old.values())) for new, old in zip(finer, colours, strict=True)):
            break
        colours = finer
    return colours[0], colours[1]


def _numbered(keys) -> list[dict[str, int]]:
    known = {repr(key): None for side in keys for key in side.values()}
    number = {key: place for place, key in enumerate(sorted(known))}
    return [{name: number[repr(key)] for name, key in side.items()} for side in keys]


def _assign(names, candidates, edges, other_edges, pairs) -> dict[str, str] | None:
    if not names:
        return pairs
    name, *rest = names
    for twin in candidates[name]:
        if twin in pairs.values():
            continue
        longer = {**pairs, name: twin}
        if _between(edges, longer, name) == _between(other_edges, {value: value for value in longer.values()}, twin):
            found = _assign(rest, candidates, edges, other_edges, longer)
            if found is not None:
                return found
    return None


def _between(edges, pairs, name) -> set:
    """The edges of `name` with steps that have a twin, in the twins' names."""
    return {(kind, pairs[start], pairs[end]) for kind, start, end in edges
            if name in (start, end) and start in pairs and end in pairs}


# --- if not, what differs --------------------------------------------------------------------


def _best_pairs(flow, other) -> dict[str, str]:
    """Step → its likeliest counterpart: the same name first, then the likest in kind, surroundings and name."""
    pairs = {name: name for name in flow.waits if name in other.waits}
    while True:
        scores = [
            (_likeness(flow, name, other, twin, pairs), name, twin)
            for name in flow.waits if name not in pairs
            for twin in other.waits if twin not in pairs.values()
        ]
        scores = [score for score in scores if score[0] >= 1]
        if not scores:
            return {name: pairs[name] for name in flow.waits if name in pairs}
        _, name, twin = max(scores, key=lambda score: score[0])  # of equals the one declared first
        pairs[name] = twin


def _likeness(flow, name, other, twin, pairs) -> float:
    step, counterpart = flow[name], other[twin]
    alike = difflib.SequenceMatcher(None, name.casefold(), twin.casefold()).ratio()
    if step.kind != counterpart.kind and not {step.kind, counterpart.kind} <= {Step.kind, Vote.kind}:
        return alike if alike > 0.99 else 0.0
    mine = {(kind, pairs.get(start, ""), pairs.get(end, "")) for kind, start, end in _edges(flow) if name in (start, end)}
    theirs = {(kind, *(near if near in pairs.values() else "" for near in ends))
              for kind, *ends in _edges(other) if twin in ends}
    traits = len(set(_traits(flow, name)) & set(_traits(other, twin)))
    same_place = (name == flow.result) == (twin == other.result)
    return 1 + 2 * (step.kind == counterpart.kind) + traits + len(mine & theirs) + 4 * alike + same_place


def _step_differences(flow, name, other, twin):
    mine, theirs = _traits(flow, name), _traits(other, twin)
    for about, words in theirs:
        if (about, words) in mine:
            continue
        here = next((mine_words for mine_about, mine_words in mine if mine_about == about), f"is a {flow[name].kind}")
        if about == "kind" or flow[name].kind == other[twin].kind:
            yield Difference(about, f"{name!r} {here}; {_twin(name, twin)} {words}.")


def _edge_differences(flow, other, pairs):
    back = {twin: name for name, twin in pairs.items()}
    mine = {(kind, start, end) for kind, start, end in _edges(flow) if start in pairs and end in pairs}
    theirs = {(kind, back[start], back[end]) for kind, start, end in _edges(other) if start in back and end in back}
    for kind, start, end in sorted(mine - theirs):
        apart = kind == "reads" and end not in flow.before(start) and pairs[start] not in other.before(pairs[end])
        if apart and not isinstance(flow[end], Join):
            yield Difference("parallel", f"{end!r} waits for {start!r}; in the other graph the two run side by side.")
        else:
            yield Difference("reads", f"{start!r} {_does(kind)} {end!r} here, but not in the other graph.")
    for kind, start, end in sorted(theirs - mine):
        apart = kind == "reads" and start not in flow.before(end) and end not in flow.before(start)
        if apart and not isinstance(flow[end], Join):
            yield Difference("parallel", f"{end!r} runs beside {start!r} here; in the other graph it waits for it.")
        else:
            yield Difference("reads", f"{start!r} {_does(kind)} {end!r} in the other graph, but not here.")


def _does(kind) -> str:
    return {"reads": "is read by", "route": "may send work to", "guards": "guards"}[kind]


def _twin(name, twin) -> str:
    return "in the other graph it" if name == twin else f"its counterpart {twin!r}"
