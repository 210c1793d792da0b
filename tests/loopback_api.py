"""The fake API as a "real" server: plain HTTP on this machine, in real time, for tests of the live backend."""

import gzip
import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from course_lib.simulation.api.messages import FakeApi, parse_body


@contextmanager
def serving(api=None, *, answer=None, hold=lambda: None):
    """Yields (address, requests): a server on a free port, and what it was asked, as (path, headers, body).

    answer: a function of (path, headers, body) that gives (status, headers, bytes or a list of bytes), or None to
    let the fake API answer. hold: called before each reply is sent; it may wait for something.
    """
    requests, lines = [], []
    api = api or FakeApi(seconds_per_call=0.0)
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
                    given = reply.status, reply.headers, gzip.compress(json.dumps(reply.body).encode())
                    given[1]["content-encoding"] = "gzip"
            hold()
            self._send(*given)

        do_GET = do_POST

        def _send(self, status, headers, content):
            pieces = [content] if isinstance(content, bytes) else content
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if isinstance(content, bytes):
                self.send_header("content-length", str(len(content)))
            else:
                self.send_header("connection", "close")
            self.end_headers()
            for piece in pieces:
                if callable(piece):
                    piece()
                    continue
                self.wfile.write(piece)
                self.wfile.flush()
            if not isinstance(content, bytes):
                self.close_connection = True

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False  # `server_close` waits for them: no thread of one test is left to the next

        def process_request(self, line, address):
            lines.append(line)
            super().process_request(line, address)

        def handle_error(self, *_):
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        for line in lines:
            with suppress(OSError):  # closed already
                line.shutdown(socket.SHUT_RDWR)
        server.server_close()
        thread.join()
