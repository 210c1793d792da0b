"""Sums worked out step by step, so that a mistake can be made in one of the steps and carried on.

A `Sum` is a list of steps, each an operation on numbers and on results of earlier steps.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from course_lib.simulation.model.decisions import Telling

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}


@dataclass(frozen=True)
class SumResult:
    """The result of an earlier step, by its place."""

    place: int


Operand = Fraction | SumResult


@dataclass
class Sum:
    """Steps in order, each (left, operation, right); operands are numbers or earlier results."""

    steps: list[tuple[Operand, str, Operand]] = field(default_factory=list)

    def add(self, left: Operand, operation: str, right: Operand) -> SumResult:
        """Append a step; what comes back stands for its result."""
        self.steps.append((left, operation, right))
        return SumResult(len(self.steps) - 1)

    def way(self, answer: Operand, changed: int | None = None, change: str = "") -> Telling | None:
        """The steps as told and the answer; None for a division by zero.

        `changed` names a step that goes wrong: "turned" takes the opposite operation, "left out" keeps its
        left side, "ten" and "one" misreckon it by that much.
        """
        results: list[Fraction] = []
        told = []
        for place, (left, operation, right) in enumerate(self.steps):
            one, other = _number(left, results), _number(right, results)
            wrong = change if place == changed else ""
            if wrong == "left out":
                results.append(one)
                continue
            if wrong == "turned":
                operation = {"+": "-", "-": "+", "*": "+", "/": "*"}[operation]
            if operation == "/" and other == 0:
                return None
            result = {"+": one + other, "-": one - other, "*": one * other, "/": one / other if other else one}[
                operation
            ]
            result += {"ten": 10, "one": 1}.get(wrong, 0)
            results.append(result)
            told.append(f"{said(one)} {SIGNS[operation]} {said(other)} = {said(result)}")
        return Telling(plain(_number(answer, results)), tuple(told))

    def slips(self, answer: Operand) -> tuple[Telling, ...]:
        """The plausible wrong ways, none of which leads to the right answer, each answer once; nothing below zero."""
        right = self.way(answer)
        ways: dict[int | float, Telling] = {}
        for change in ("left out", "ten", "turned", "one"):
            for place in reversed(range(len(self.steps))):
                way = self.way(answer, place, change)
                if (
                    right
                    and way
                    and way.value != right.value
                    and way.value >= min(0, right.value)
                    and _as_whole(way, right)
                ):
                    ways.setdefault(way.value, way)
        return tuple(ways.values())


def _as_whole(way: Telling, right: Telling) -> bool:
    """A slip that gives half a pencil would be seen at once."""
    return isinstance(way.value, int) or isinstance(right.value, float)


def _number(operand: Operand, results: list[Fraction]) -> Fraction:
    return results[operand.place] if isinstance(operand, SumResult) else operand


def plain(number: Fraction) -> int | float:
    """An int where it is one, else a float with at most four digits after the point."""
    return int(number) if number.denominator == 1 else round(float(number), 4)


def said(number: Fraction) -> str:
    """As it is written: 36, 2.5."""
    return f"{plain(number):g}" if number.denominator != 1 else str(int(number))
