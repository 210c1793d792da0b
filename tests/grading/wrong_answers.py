"""Wrong answers to the course's tasks, each a mistake that people make, with the words that its check says about it."""

# Exercise 1 ---------------------------------------------------------------------------------------

SERIAL = '''
async def {name}(ask, chapters, *_):
    return [await ask(question(chapter)) for chapter in chapters]
'''

ONLY_SO_MANY = '''
async def read_bounded(ask, chapters, at_most):
    places = asyncio.Semaphore({places})

    async def one(chapter):
        async with places:
            return await ask(question(chapter))

    return await asyncio.gather(*map(one, chapters))
'''

# {task: {answer: [words that its check must say]}}
WRONG_ANSWERS = {
    "1.1": {
        SERIAL.format(name="read_all"): ["30 s is the time of ten calls", "`async def` alone makes nothing parallel"],
        '''
async def read_all(ask, chapters):
    return [await call for call in asyncio.as_completed([ask(question(c)) for c in chapters])]
''': ["stand in the order in which they finished"],
        '''
async def read_all(ask, chapters):
    return [chapter.text for chapter in chapters]
''': ["No call went through the `ask`"],
    },
    "1.2": {
        '''
async def finish_order(ask, chapters):
    for chapter in chapters:
        await ask(question(chapter))
    return [chapter.title for chapter in chapters]
''': ["That is the order of the chapters: `gather` gives it", "55 s is the sum of all calls"],
    },
    "1.3": {
        SERIAL.format(name="read_bounded"): ["serial code with a detour", "30 s is the time", "28 s is the sum of all calls"],
        ONLY_SO_MANY.format(places="100"): ["All ten calls were on their way", "3 s is only possible with all ten at once"],
        ONLY_SO_MANY.format(places="at_most + 1"): ["Six at once: one too many"],
        ONLY_SO_MANY.format(places="at_most - 1"): ["Four at once: one place stays empty"],
        '''
async def read_bounded(ask, chapters, at_most):
    answers = []
    for group in [chapters[:at_most], chapters[at_most:]]:
        answers += await asyncio.gather(*(ask(question(chapter)) for chapter in group))
    return answers
''': ["Four places wait for one long call"],
    },
    "1.4": {
        '''
async def read_or_report(ask, chapters):
    entries = {}
    for chapter in chapters:
        try:
            entries[chapter.title] = await ask(question(chapter))
        except Exception:
            continue
    return entries
''': ["April is gone", "the failure was swallowed", "an `await` inside the loop"],
        '''
async def read_or_report(ask, chapters):
    return dict(zip(titles, await asyncio.gather(*(ask(question(c)) for c in chapters))))
''': ["It raised OverloadedError"],
    },
    "1.5": {
        '''
decisions = {
    "letters": ("one after another", "A"),
    "refund": ("one after another", "B"),
    "archive": ("one after another", "C"),
    "story": ("parallel", "D"),
    "quota": ("parallel", "E"),
}
''': ["No letter needs another", "Asking again needs nothing", "Pages can be read in pieces", "five beginnings, no story",
      "more calls at once do not raise the limit"],
        '''
decisions = {
    "letters": ("parallel", "B"),
    "refund": ("parallel", "C"),
    "archive": ("parallel", "A"),
    "story": ("one after another", "E"),
    "quota": ("one after another", "D"),
}
''': ["what do they gain?", "what do several calls buy?", "could not do at all?", "What does each part need?",
      "What stands in the way?"],
        'decisions = dict.fromkeys(["letters", "refund", "archive", "story", "quota"], "parallel")': ["Write a pair"],
    },
    "1.6": {
        '''
class Bar(NamedTuple):
    label: str
    started: float
    ended: float

def numbers_of(bars):
    makespan = bars[-1].ended - bars[0].started
    return {"makespan": makespan, "busy": makespan, "speed-up": 1, "peak": len(bars)}
''': ["That is the end of the bar launched last", "Three bars, but never two at one moment"],
        '''
class Bar(NamedTuple):
    label: str
    started: float
    ended: float

def numbers_of(bars):
    makespan = max(bar.ended for bar in bars)
    edges = sorted([(bar.started, 0) for bar in bars] + [(bar.ended, 1) for bar in bars])
    running = peak = 0
    for _, ends in edges:
        running += -1 if ends else 1
        peak = max(peak, running)
    return {"makespan": makespan, "busy": makespan, "speed-up": 1, "peak": peak}
''': ["Busy time counts every bar", "what comes before it does not count", "does not lie beside one that ends at 8 s"],
        '''
class Bar(NamedTuple):
    label: str
    started: float
    ended: float

def numbers_of(bars):
    busy = sum(bar.ended - bar.started for bar in bars)
    return {"makespan": busy, "busy": busy, "speed-up": 1, "peak": 1}
''': ["That is all bars added up"],
    },
    # Exercise 2 -----------------------------------------------------------------------------------
    "2.1": {
        '''
def sections_of(report):
    pieces = [piece for piece in report.split("\\n##")][1:]
    return [Section(piece.partition("\\n")[0].strip("# "), piece.partition("\\n")[2].strip()) for piece in pieces]
''': ["`### Repairs` is a subheading"],
        '''
def sections_of(report):
    sections = []
    for line in report.splitlines():
        if line.startswith(("# ", "## ")):
            sections.append(Section(line.strip("# "), ""))
    return sections
''': ["`# ` is the report's own title"],
        '''
def sections_of(report):
    sections, title, lines = [], None, []
    for line in report.splitlines():
        if line.startswith("## "):
            if title:
                sections.append(Section(title, "\\n".join(lines).strip()))
            title, lines = line[3:], []
        else:
            lines.append(line)
    return sections
''': ["The last section is missing"],
    },
    "2.2": {
        '''
independence = {
    "labels": ("one after another", "A"),
    "catalogue": ("parallel", "A"),
    "corrections": ("parallel", "A"),
    "bookings": ("parallel", "A"),
    "guide": ("one after another", "D"),
}
''': ["Which label needs another", "a draft that is not written yet", "may land last", "give it to two classes",
      "reading changes nothing"],
        '''
independence = {
    "labels": ("parallel", "B"),
    "catalogue": ("one after another", "C"),
    "corrections": ("one after another", "B"),
    "bookings": ("one after another", "C"),
    "guide": ("parallel", "D"),
}
''': ["because all three answers are no", "What does the critique read?", "what is it that counts?",
      "what do all calls read and write?"],
        'independence = dict.fromkeys(["labels", "catalogue", "corrections", "bookings", "guide"], ("parallel",))': [
            "Write a pair"
        ],
    },
    "2.3": {
        '''
async def review(ask, code):
    found = []
    for aspect in ASPECTS:
        for entry in json.loads(await ask(review_prompt(aspect, code))):
            found.append(Finding(entry["line"], entry["message"], (aspect,)))
    return sorted(found)
''': ["Two findings are counted twice", "9 s is the time of three calls"],
        '''
async def review(ask, code):
    replies = await asyncio.gather(*(ask(review_prompt(aspect, code)) for aspect in ASPECTS))
    by_line = {}
    for aspect, reply in zip(ASPECTS, replies):
        for entry in json.loads(reply):
            known = by_line.setdefault(entry["line"], Finding(entry["line"], entry["message"], ()))
            if aspect not in known.aspects:
                by_line[entry["line"]] = known._replace(aspects=(*known.aspects, aspect))
    return sorted(by_line.values())
''': ["the line alone does not make them the same"],
        '''
async def review(ask, code):
    replies = await asyncio.gather(*(ask(review_prompt(aspect, code)) for aspect in ASPECTS))
    first = {}
    for aspect, reply in zip(ASPECTS, replies):
        for entry in json.loads(reply):
            first.setdefault((entry["line"], entry["message"]), Finding(entry["line"], entry["message"], (aspect,)))
    return sorted(first.values())
''': ["the report names only the first"],
        '''
async def review(ask, code):
    async def look_at(aspect):
        return Part(aspect, await ask(review_prompt(aspect, code)))

    merged = union(await run_parallel(look_at, ASPECTS), same=lambda entry: (entry["line"], entry["message"]))
    return [Finding(one.entry["line"], one.entry["message"], one.found_by) for one in merged]
''': ["The findings stand in the order of the replies"],
        '''
async def review(ask, code):
    entries = json.loads(await ask(review_prompt("security, performance and style", code)))
    return sorted(Finding(entry["line"], entry["message"], ASPECTS) for entry in entries)
''': ["attention is split, and more is missed"],
    },
    "2.4": {
        '''
async def sentiments(ask, reviews, size):
    return ["positive" if '"positive"' in await ask(batch_prompt([review])) else "negative" for review in reviews]
''': ["One call per review: every call pays", "expected: at most", "36 s is the time of twelve"],
        '''
async def sentiments(ask, reviews, size):
    return json.loads(await ask(batch_prompt(reviews))) if reviews else []
''': ["All in one prompt: use `size`"],
        '''
async def sentiments(ask, reviews, size):
    labels = []
    for number in range(len(reviews) // size):
        labels += json.loads(await ask(batch_prompt(reviews[number * size : (number + 1) * size])))
    return labels
''': ["Two reviews are missing", "9 s is the time of three batches"],
        '''
async def sentiments(ask, reviews, size):
    labels = []
    for start in range(0, len(reviews) - size, size):
        labels += json.loads(await ask(batch_prompt(reviews[start : start + size])))
    return labels
''': ["The last batch is missing"],
        '''
async def sentiments(ask, reviews, size):
    return [json.loads(await ask(batch_prompt(batch))) for batch in in_batches(reviews, size)]
''': ["One entry per batch; one per review is wanted"],
    },
    "2.5": {
        '''
async def joined_report(ask, sections):
    async def ask_about(section):
        return await ask(question(section))

    lines = []
    async for outcome in stream_parallel(ask_about, sections):
        if outcome.status == "ok":
            lines.append(f"{outcome.item.title}: {outcome.value}")
    return "\\n".join(lines)
''': ["Maps is not in it, and nothing says so", "the failure was dropped on the way", "in which their calls finished"],
        '''
async def joined_report(ask, sections):
    lines = []
    for section in sections:
        try:
            lines.append(f"{section.title}: {await ask(question(section))}")
        except Exception as error:
            lines.append(f"{section.title}: missing ({type(error).__name__})")
    return "\\n".join(lines)
''': ["the order is right now, and the speed is gone"],
    },
    "2.6": {
        '''
async def read_unequal(ask, sections, at_once):
    return await run_parallel(lambda section: ask(question(section)), sections, max_at_once=at_once)
''': ["The Old wing takes 9 s and starts at 2 s"],
        '''
async def read_unequal(ask, sections, at_once):
    longest_first = sorted(sections, key=lambda section: len(section.text), reverse=True)
    return await run_parallel(lambda section: ask(question(section)), longest_first, max_at_once=at_once)
''': ["These stand from longest to shortest"],
        '''
async def read_unequal(ask, sections, at_once):
    return await asyncio.gather(*(ask(question(section)) for section in sections))
''': ["All six at once: `at_once` is not used"],
        '''
async def read_unequal(ask, sections, at_once):
    return [await ask(question(section)) for section in sections]
''': ["21 s is the sum of all calls", "Only one call at a time"],
    },
}
