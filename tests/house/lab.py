"""JupyterLab in headless Chromium: a notebook opened, run and looked at the way a person does.

Tests use `Lab`. To see a notebook as it looks after Run All, in PNG files from top to bottom:

    python tests/house/lab.py notebooks/01_many_calls_at_once.ipynb --out pictures --theme dark
"""

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("notebooks", "exercises", "solutions")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Not one name outside this machine is looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SCREEN = {"width": 1200, "height": 1400}

START_UP = 60  # seconds for the server, and for a page, to be there
RUN_ALL = 120  # seconds for all cells of a notebook

START_ALL_CELLS = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  // No number or output of an earlier run is left that could be taken for one of this run.
  await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
  window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""
# The command's own promise is kept too early to wait for it: what counts is that every cell has its number,
# or that one has failed without being meant to, which stops the rest.
ALL_CELLS_HAVE_RUN = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = panel.content.model.toJSON().cells.filter(cell => cell.cell_type === 'code');
  const failed = cell => !(cell.metadata.tags ?? []).includes('raises-exception')
    && cell.outputs.some(output => output.output_type === 'error');
  const written = cell => (Array.isArray(cell.source) ? cell.source.join('') : cell.source).trim() !== '';
  const idle = panel.sessionContext.session.kernel.status === 'idle';
  return idle && (cells.some(failed) || cells.filter(written).every(cell => cell.execution_count));
}"""
NOTEBOOK_IS_OPEN = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return Boolean(panel?.content?.model && panel.context?.isReady && panel.sessionContext?.session?.kernel);
}"""
CONTENT = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON()"
PICTURE = """async image => {
  const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
  return Array.from(bytes).map(byte => byte.toString(16).padStart(2, '0')).join('');
}"""
SCROLLER = ".jp-NotebookPanel .jp-WindowedPanel-outer"


def chromium() -> str | None:
    """The path of a Chromium that the system has, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class Lab:
    """A JupyterLab server on loopback, on a copy of the course, and a browser to look at it.

    Used as a context manager: both end with it, the server by its process id. The course's own files are not touched.
    """

    def __init__(self, *notebooks: Path, theme: str = "light", python: str = sys.executable):
        self.theme, self.python = theme, python
        self._notebooks = notebooks
        self._closing = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as closing:
            self.home = Path(closing.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            self.course = self.home / "course"
            self._copy_course()
            self._write_settings()
            self._server = self._start_server()
            closing.callback(self._stop_server)
            self.port, self.token = self._address()
            self._browser = self._start_browser(closing)
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_):
        self._closing.close()

    @contextlib.contextmanager
    def open(self, notebook: str):
        """A page that shows a notebook, given by its path inside the course, with its kernel ready."""
        page = self._browser.new_page(viewport=SCREEN)
        try:
            page.goto(f"http://127.0.0.1:{self.port}/doc/tree/{notebook}?token={self.token}", timeout=START_UP * 1000)
            page.wait_for_function(NOTEBOOK_IS_OPEN, timeout=START_UP * 1000)
            yield OpenNotebook(page)
        finally:
            page.close()

    def _copy_course(self):
        for folder in FOLDERS:
            if (ROOT / folder).is_dir():
                shutil.copytree(ROOT / folder, self.course / folder, ignore=shutil.ignore_patterns(".*"))
        self.course.mkdir(exist_ok=True)
        for notebook in self._notebooks:
            notebook = Path(notebook).resolve()
            if ROOT not in notebook.parents:
                shutil.copy(notebook, self.course / notebook.name)

    def _write_settings(self):
        chosen = {
            # Every cell is on the page, not only those in view.
            "notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
            "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
            "apputils-extension/themes": {"theme": THEMES[self.theme]},
        }
        for plugin, settings in chosen.items():
            file = self.home / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings))

    def _start_server(self):
        places = {
            "HOME": self.home,
            "IPYTHONDIR": self.home / "ipython",
            "JUPYTER_CONFIG_DIR": self.home / "config",
            "JUPYTER_DATA_DIR": self.home / "data",
            "JUPYTER_RUNTIME_DIR": self.home / "runtime",
            "JUPYTERLAB_SETTINGS_DIR": self.home / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": self.home / "workspaces",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        }
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
        self._words = self.home / "server.txt"
        command = [
            *(self.python, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
            *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url=", f"--ServerApp.root_dir={self.course}"),
            *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        ]
        with self._words.open("wb") as words:
            return subprocess.Popen(
                command, env=environment | {name: str(place) for name, place in places.items()},
                cwd=self.course, stdin=subprocess.DEVNULL, stdout=words, stderr=words,
            )

    def _address(self):
        """The port that the system chose and the server's token, as the server itself writes them down."""
        deadline = time.monotonic() + START_UP
        while time.monotonic() < deadline and self._server.poll() is None:
            for file in (self.home / "runtime").glob("jpserver-*.json"):
                with contextlib.suppress(ValueError):  # half written
                    known = json.loads(file.read_text())
                    if known["port"]:
                        return known["port"], known["token"]
            time.sleep(0.05)
        raise RuntimeError(f"JupyterLab did not start. It said:\n{self._words.read_text(errors='replace')[-3000:]}")

    def _stop_server(self):
        self._server.terminate()
        try:
            self._server.wait(15)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def _start_browser(self, closing):
        from playwright.sync_api import sync_playwright

        found = chromium()
        if found is None:
            raise RuntimeError(f"No browser; install Debian's package chromium (looked for {', '.join(BROWSERS)}).")
        playwright = closing.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        closing.callback(browser.close)
        return browser


class OpenNotebook:
    """A notebook on a page. `page` is Playwright's."""

    def __init__(self, page):
        self.page = page

    def run_all(self) -> dict:
        """Run All, wait until the kernel is idle, and give back the notebook's content as JupyterLab holds it."""
        self.page.evaluate(START_ALL_CELLS)
        self.page.wait_for_function(ALL_CELLS_HAVE_RUN, timeout=RUN_ALL * 1000)
        return self.content()

    def content(self) -> dict:
        """The notebook as JSON, outputs included."""
        return self.page.evaluate(CONTENT)

    def sliders(self):
        """The handles of all sliders on the page, from top to bottom."""
        return self.page.locator(".jp-OutputArea .noUi-handle")

    def widget_pictures(self) -> list[str]:
        """A fingerprint of each picture that a widget shows, from top to bottom."""
        images = self.page.locator("img.widget-image")
        return [
            hashlib.sha256(images.nth(number).evaluate(PICTURE).encode()).hexdigest()[:16]
            for number in range(images.count())
        ]

    def move_slider(self, number: int = 0, key: str = "ArrowLeft", times: int = 3):
        """Put the focus on a slider's handle and press an arrow key, as somebody without a mouse does."""
        handle = self.sliders().nth(number)
        handle.scroll_into_view_if_needed()
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def wait_for_words(self, *words: str):
        """Wait until outputs on the page say all of this. Raises: Playwright's TimeoutError."""
        for one in words:
            self.page.locator(".jp-OutputArea", has_text=one).first.wait_for(timeout=RUN_ALL * 1000)

    def wait_for_new_picture(self, before: list[str], seconds: float = RUN_ALL) -> list[str]:
        """The fingerprints once they differ from those before; the same ones after that many seconds."""
        deadline = time.monotonic() + seconds
        while (now := self.widget_pictures()) == before and time.monotonic() < deadline:
            self.page.wait_for_timeout(100)
        return now

    def screenshots(self, folder: Path, name: str) -> list[Path]:
        """PNG files of the whole notebook, from top to bottom, a screen each."""
        folder.mkdir(parents=True, exist_ok=True)
        scroller = self.page.locator(SCROLLER).first
        height, screen = scroller.evaluate("e => [e.scrollHeight, e.clientHeight]")
        files = []
        for number, top in enumerate(range(0, max(height, 1), max(screen - 40, 1)), start=1):
            scroller.evaluate("(e, top) => { e.scrollTop = top; }", top)
            self.page.wait_for_timeout(250)
            files.append(folder / f"{name}-{number:02d}.png")
            scroller.screenshot(path=files[-1])
            if top + screen >= height:
                break
        return files


def unplanned_errors(content: dict) -> list[str]:
    """`cell id: Name: message` of every error output in a cell that is not tagged `raises-exception`."""
    return [
        f"{cell.get('id', number)}: {output['ename']}: {output['evalue']}"
        for number, cell in enumerate(content["cells"])
        if cell["cell_type"] == "code" and "raises-exception" not in cell["metadata"].get("tags", [])
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]


def main():
    """Write screenshots of a notebook after Run All; prints the files."""
    parser = argparse.ArgumentParser(description="Screenshots of a notebook in JupyterLab, after Run All.")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "notebook-pictures", help="folder")
    parser.add_argument("--theme", choices=sorted(THEMES), default="light")
    parser.add_argument("--width", type=int, default=SCREEN["width"])
    parser.add_argument("--as-saved", action="store_true", help="do not run the cells")
    options = parser.parse_args()
    notebook = options.notebook.resolve()
    SCREEN["width"] = options.width
    with Lab(notebook, theme=options.theme) as lab:
        inside = notebook.relative_to(ROOT).as_posix() if ROOT in notebook.parents else notebook.name
        with lab.open(inside) as opened:
            content = opened.content() if options.as_saved else opened.run_all()
            opened.page.wait_for_timeout(1000)  # the last pictures are decoded
            for file in opened.screenshots(options.out, f"{notebook.stem}-{options.theme}"):
                print(file)
    for error in unplanned_errors(content):
        print(f"error in cell {error}")


if __name__ == "__main__":
    main()
