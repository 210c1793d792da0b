"""The picture on README's first screen, drawn by the library from a run of the simulation.

After a change of the timeline: `python -m tests.house.readme_picture` writes it anew.
"""

from course_lib import connect, data, run_parallel, run_simulated, show, split_by_heading
from tests.house.course_files import ROOT

PICTURE = ROOT / "notebooks" / "images" / "thirty_against_three.png"


def draw() -> show.Picture:
    """Ten calls of three seconds, one after another and at once."""
    claude = connect(seconds_per_call=3.0, sdk=False)
    chapters = [chapter for report in data.documents() for chapter in split_by_heading(report.text)][:10]

    async def summarize(chapter):
        return await claude.ask(f"Summarize in one sentence.\n\n<text>{chapter.text}</text>", label=chapter.title)

    with claude.record() as one_by_one:
        run_simulated(run_parallel(summarize, chapters, max_at_once=1))
    with claude.record() as at_once:
        run_simulated(run_parallel(summarize, chapters, max_at_once=10))
    for call in one_by_one:
        call.queued = call.started  # in a loop, nobody stands in line yet
    return show.draw_timeline(
        one_by_one,
        at_once,
        names=["one after another", "at once"],
        title="Ten calls of three seconds: 30 s, or 3 s",
    )


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(draw().png)
