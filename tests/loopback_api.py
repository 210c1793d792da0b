"""The fake API as a "real" server: plain HTTP on this machine, in real time, for tests of the live backend."""

import gzip
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from course_lib.simulation.api.messages import FakeApi, parse_body


@contextmanager
def serving(*, answer=None, seconds=0.0):
    """Yields (address, requests): a server on a free port, and what it was asked, as (path, headers, body).

    answer: a function of (path, headers, body) that gives (status, headers, bytes or a list of bytes and of functions to
    call between them), or None to let the fake API answer. seconds: how long every reply takes, in real time.
    """
    requests = []
    api = FakeApi(seconds_per_call=0.0)
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = parse_body(content)
            with one_at_a_time:
                requests.append((self.path, headers, body))
                given = answer(self.path, headers, body) if answer else None
                if given is None:
                    exchange = api.handle("POST", self.path, headers, body, time.monotonic())
                    exchange.finish(time.monotonic())
                    reply = exchange.reply
                    given = reply.status, reply.headers | {"content-encoding": "gzip"}, gzip.compress(reply.content)
            time.sleep(seconds)
            self._send(*given)

        do_GET = do_POST

        def _send(self, status, headers, content):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if isinstance(content, bytes):
                self.send_header("content-length", str(len(content)))
                content = [content]
            else:
                self.send_header("connection", "close")
            self.end_headers()
            for piece in content:
                if callable(piece):
                    piece()
                else:
                    self.wfile.write(piece)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
