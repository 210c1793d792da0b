"""One look for the pages of a report: no scripts, nothing to load, light and dark, for screens, phones and paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from course_lib.grading.cells.verdicts import CODE_SPAN
from course_lib.show.colours import BLUE, GREY, PURPLE, RED


def web_page(title: str, body: str) -> str:
    """The HTML file with this title, which is plain text, and this body, which is HTML."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def words(text: str) -> str:
    """The text as HTML, with code between backticks set as code.

    >>> words("use `a < b` & go")
    'use <code>a &lt; b</code> &amp; go'
    """
    return CODE_SPAN.sub(r"<code>\1</code>", escape(text))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """A table with a caption and headings; cells are HTML, the first of each row is its heading.

    numbers: the columns, from 0, that hold numbers and stand to the right.
    """
    kind = ['class="number"' if column in numbers else "" for column in range(len(head))]
    heading = "".join(f'<th scope="col" {style}>{escape(name)}</th>' for name, style in zip(head, kind, strict=True))
    lines = "".join(f"<tr>{_row(row, kind)}</tr>\n" for row in rows)
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table>\n'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{heading}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table></div>\n"
    ).replace(" >", ">")


def _row(row: Sequence[str], kind: Sequence[str]) -> str:
    first, *others = row
    return f'<th scope="row">{first}</th>' + "".join(
        f"<td {style}>{cell}</td>" for cell, style in zip(others, kind[1:], strict=True)
    )


# Text and ground have a contrast of at least 7:1 in both themes, borders and bars at least 3:1.
_STYLE = f"""
:root {{ color-scheme: light dark; --ground: #ffffff; --text: #1c1e21; --quiet: #51565c; --line: #c9ced4; --soft: #f3f5f7;
  --link: #0b57a4; --solved: {BLUE}; --partly: {PURPLE}; --not-yet: {RED}; --open: {GREY}; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #15171a; --text: #eceef0; --quiet: #b4bac1; --line: #454b52; --soft: #20242a; --link: #8ec1f5; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--ground); color: var(--text); font: 1.05rem/1.55 system-ui, sans-serif; }}
main {{ max-width: 50rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere; }}
main.wide {{ max-width: 72rem; }}
h1 {{ font-size: 1.65rem; line-height: 1.25; margin: .2rem 0 .6rem; }}
h2 {{ font-size: 1.3rem; line-height: 1.35; margin: 2.2rem 0 .5rem; }}
section h2 {{ font-size: 1.2rem; margin: 0; }}
h3 {{ font-size: 1.05rem; margin: 1.4rem 0 .3rem; }}
p {{ margin: .5rem 0; }}
a {{ color: var(--link); }}
a:focus-visible, summary:focus-visible, .scroll:focus-visible {{ outline: 3px solid var(--link); outline-offset: 2px; }}
code {{ font: .92em ui-monospace, monospace; background: var(--soft); border-radius: .25em; padding: .08em .3em; }}
.quiet, caption {{ color: var(--quiet); }}
.marks {{ font-size: 1.2rem; }}
section.task {{ border: 1px solid var(--line); border-left: .4rem solid var(--open); border-radius: .4rem;
  margin: 1.3rem 0; padding: .8rem 1rem; }}
section.solved {{ border-left-color: var(--solved); }}
section.partly-solved {{ border-left-color: var(--partly); border-left-style: double; }}
section.not-solved-yet {{ border-left-color: var(--not-yet); }}
.state {{ font-size: .95rem; font-weight: 600; color: var(--quiet); margin: 0 0 .4rem; }}
ul.cases {{ list-style: none; margin: .4rem 0; padding: 0; }}
ul.cases li {{ margin: .35rem 0; padding-left: 1.7rem; text-indent: -1.7rem; }}
ul.cases .sign {{ display: inline-block; width: 1.4rem; text-indent: 0; font-weight: 700; }}
.next {{ background: var(--soft); border-radius: .3rem; padding: .5rem .7rem; }}
.scroll {{ overflow-x: auto; margin: .8rem 0; }}
table {{ border-collapse: collapse; width: 100%; overflow-wrap: normal; }}
caption {{ text-align: left; padding-bottom: .3rem; }}
th, td {{ text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }}
tbody th {{ font-weight: 500; }}
thead th {{ border-bottom-width: 2px; }}
.number {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
figure {{ margin: 1.4rem 0; max-width: 54rem; }}
figcaption {{ font-weight: 600; }}
figure svg {{ display: block; width: 100%; min-width: 34rem; height: auto; font: 13px system-ui, sans-serif; }}
svg text {{ fill: var(--text); }}
svg text.on-bar {{ fill: #ffffff; font-weight: 600; }}
svg .solved {{ fill: var(--solved); }} svg .partly-solved {{ fill: var(--partly); }}
svg .not-solved-yet {{ fill: var(--not-yet); }} svg .not-attempted, svg .not-run {{ fill: var(--open); }}
svg .axis {{ stroke: var(--line); }}
@media (max-width: 36rem) {{
  main:not(.wide) table {{ overflow-wrap: anywhere; }} th, td {{ padding: .35rem .35rem; }}
  main {{ padding-top: 1rem; }} section.task {{ padding: .7rem .75rem; }} h1 {{ font-size: 1.4rem; }}
}}
@media print {{
  :root {{ --ground: #ffffff; --text: #000000; --quiet: #333333; --line: #999999; --soft: #ffffff; --link: #000000; }}
  body {{ font-size: 10.5pt; }} main {{ max-width: none; padding: 0; }}
  section.task, tr, figure {{ break-inside: avoid; }} h2, h3 {{ break-after: avoid; }} nav {{ display: none; }}
  .next {{ border: 1px solid var(--line); }} .scroll {{ overflow: visible; }}
  svg rect, section.task {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
"""
