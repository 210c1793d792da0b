"""`course serve`: the installed SDK, curl and bare sockets talk to the simulated API over HTTP on loopback."""

import asyncio
import contextlib
import dataclasses
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import anthropic
import httpx2
import pytest

from course_lib.claude import connect, run_simulated
from course_lib.claude.server import serve_forever, serving
from course_lib.errors import BadInput, CourseError
from course_lib.simulation.api import streaming
from course_lib.simulation.api.faults import Faults

HELLO = {"model": "claude-haiku-5-5", "max_tokens": 200, "messages": [{"role": "user", "content": "Hello"}]}
KEY = {"x-api-key": "any", "anthropic-version": "2023-06-01", "content-type": "application/json"}
FAST = 200.0
FOREVER = 1e6


@pytest.fixture(scope="module")
def address():
    with serving(speed=FAST) as url:
        yield url


def client(url, **settings):
    return anthropic.Anthropic(api_key="any", base_url=url, **settings)


def connection(url):
    return contextlib.closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=60))


def post(url, body=HELLO, path="/v1/messages", headers=KEY):
    with connection(url) as line:
        line.request("POST", path, json.dumps(body), headers)
        reply = line.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()


def bytes_of(body, version="HTTP/1.1", *headers):
    """A request as it goes over the line."""
    content = json.dumps(body).encode()
    own = ("x-api-key: k", "anthropic-version: 2023-06-01", f"content-length: {len(content)}")
    return "\r\n".join((f"POST /v1/messages {version}", *own, *headers, "", "")).encode() + content


@contextlib.contextmanager
def line_with(url, text):
    """A line on which these very bytes have been sent."""
    host, port = urlsplit(url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(text)
        yield line


def answer_to(url, text):
    """What the server answers to these very bytes, until it closes the line."""
    with line_with(url, text) as line:
        return b"".join(iter(lambda: line.recv(65536), b""))


# --- the installed SDK ---------------------------------------------------------------------------


def test_a_message_is_the_one_that_the_simulation_gives(address):
    message = client(address).messages.create(**HELLO)
    expected = run_simulated(connect().client.messages.create(**HELLO))
    assert message.content == expected.content
    assert message.usage == expected.usage
    assert message._request_id.startswith("req_")


def test_a_stream(address):
    with client(address).messages.stream(**HELLO) as stream:
        texts = list(stream.text_stream)
        assert "".join(texts) == stream.get_final_message().content[0].text
    assert len(texts) > 1


def test_asynchronous_calls_and_streams(address):
    async def main():
        async with anthropic.AsyncAnthropic(api_key="any", base_url=address) as claude:
            async def streamed():
                async with claude.messages.stream(**HELLO) as stream:
                    return await stream.get_final_text()

            return await asyncio.gather(*(streamed() for _ in range(20)))

    assert all(asyncio.run(main()))


def test_waits_are_real_and_speed_divides_them():
    with serving(speed=FOREVER / 0.3, seconds_per_call=FOREVER) as url:
        started = time.monotonic()
        client(url).messages.create(**HELLO)
        assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(("changes", "error"), [
    ({"model": "claude-2"}, anthropic.NotFoundError), ({"max_tokens": 0}, anthropic.BadRequestError),
])
def test_refusals(address, changes, error):
    with pytest.raises(error) as caught:
        client(address).messages.create(**(HELLO | changes))
    assert caught.value.request_id == caught.value.body["request_id"]


def test_models_and_count_tokens(address):
    claude = client(address)
    assert "claude-haiku-5-5" in [model.id for model in claude.models.list(limit=1)]
    assert claude.messages.count_tokens(model=HELLO["model"], messages=HELLO["messages"]).input_tokens == 6


def test_a_batch():
    with serving(speed=100_000.0) as url:
        batches = client(url).messages.batches
        batch = batches.create(requests=[{"custom_id": f"r{number}", "params": HELLO} for number in range(3)])
        deadline = time.monotonic() + 60
        while batch.processing_status != "ended" and time.monotonic() < deadline:
            time.sleep(0.01)
            batch = batches.retrieve(batch.id)
        assert {line.custom_id: line.result.type for line in batches.results(batch.id)} == dict.fromkeys(
            ("r0", "r1", "r2"), "succeeded")
        assert batches.delete(batch.id).id == batch.id
        assert batch.created_at.year >= 2026, "dates are today's"


@pytest.mark.parametrize(("fault", "error"), [
    ("overloaded", anthropic.OverloadedError), ("error", anthropic.InternalServerError),
    ("forbidden", anthropic.PermissionDeniedError), ("rate_limited", anthropic.RateLimitError),
    ("gateway_timeout", anthropic.GatewayTimeoutError),
    ("unreachable", anthropic.APIConnectionError), ("dropped", anthropic.APIConnectionError),
    ("silent", anthropic.APITimeoutError), ("garbage", ValueError), ("truncated", ValueError),
])
def test_faults_reach_the_client(fault, error):
    with serving(speed=FAST, faults=Faults(**{fault: 1})) as url, pytest.raises(error) as caught:
        client(url, max_retries=0, timeout=0.3 if fault == "silent" else 60).messages.create(**HELLO)
    assert isinstance(caught.value, ValueError) or caught.type is error


@pytest.mark.parametrize(("fault", "error"), [("dropped", httpx2.RemoteProtocolError), ("interrupted", anthropic.APIStatusError)])
def test_streams_break_off_halfway(fault, error):
    texts = []
    with (serving(speed=FAST, faults=Faults(**{fault: 1})) as url, pytest.raises(error),
          client(url).messages.stream(**HELLO) as stream):
        texts.extend(stream.text_stream)
    assert texts or fault == "dropped"


def test_rate_limits_say_when_to_come_back_in_the_clients_own_time():
    with serving(speed=0.5, faults=Faults(rate_limited=1)) as url:  # in one simulated second
        status, headers, _ = post(url)
    assert (status, headers["retry-after"], headers["retry-after-ms"]) == (429, "2", "2000")


@pytest.mark.parametrize("stream", [False, True])
def test_nobody_waits_for_another_and_who_hangs_up_gives_the_sample_back(monkeypatch, stream):
    def pieces_of(*asked):
        first, *others = whole(*asked)
        return dataclasses.replace(first, seconds=0.0), *(dataclasses.replace(piece, seconds=FOREVER) for piece in others)

    def seconds(prompt):
        wait = 0.0 if taken.is_set() else FOREVER
        taken.set()
        return wait

    whole, taken = streaming.pieces_of, threading.Event()
    monkeypatch.setattr(streaming, "pieces_of", pieces_of)
    first = run_simulated(connect().client.messages.create(**HELLO)).id
    with serving(seconds_per_call=seconds) as url:
        with line_with(url, bytes_of(HELLO | {"stream": stream})) as line:
            assert taken.wait(60)
            received = b""
            while stream and b"message_start" not in received:
                received += line.recv(1000)
            assert post(url)[0] == 200, "the first one is still waiting"
        deadline = time.monotonic() + 60
        while json.loads(post(url)[2])["id"] != first:  # until the server has seen that nobody listens
            assert time.monotonic() < deadline


# --- the wire ------------------------------------------------------------------------------------


def test_any_key_will_do_but_there_must_be_one(address):
    assert post(address, headers=KEY | {"x-api-key": "sk-whatever"})[0] == 200
    status, _, content = post(address, headers={"anthropic-version": "2023-06-01"})
    assert (status, json.loads(content)["error"]["type"]) == (401, "authentication_error")


@pytest.mark.parametrize(("method", "path", "content", "status"), [
    ("POST", "/v1/messages", b"{no JSON", 400), ("POST", "/v1/messages", b"", 400), ("GET", "/v1/messages", b"", 404),
    ("POST", "/v1/nothing?really", b"{}", 404), ("OPTIONS", "/v1/messages", b"", 404), ("BREW", "/coffee", b"", 404),
    ("HEAD", "/v1/models", b"", 404),
])
def test_what_cannot_be_answered_is_refused_in_the_apis_words(address, method, path, content, status):
    with connection(address) as line:
        line.request(method, path, content, KEY)
        reply = line.getresponse()
        assert (reply.status, reply.getheader("content-type")) == (status, "application/json")
        said = reply.read()
        kind = {400: "invalid_request_error", 404: "not_found_error"}[status]
        assert said == b"" if method == "HEAD" else json.loads(said)["error"]["type"] == kind
        line.request("GET", "/v1/models", headers=KEY)
        assert line.getresponse().status == 200, "the line is good for another request"


def test_a_request_may_call_itself_a_form(address):
    body = HELLO | {"metadata": {"user_id": "&".join("many fields") * 1000}}
    assert post(address, body, headers=KEY | {"content-type": "application/x-www-form-urlencoded"})[0] == 200


def test_one_line_carries_many_requests(address):
    with connection(address) as line:
        sockets = set()
        for stream in (False, True, False):
            line.request("POST", "/v1/messages", json.dumps(HELLO | {"stream": stream}), KEY)
            sockets.add(line.sock.fileno())
            reply = line.getresponse()
            assert reply.status == 200
            assert reply.getheader("transfer-encoding") == ("chunked" if stream else None)
            assert reply.read()
    assert len(sockets) == 1


def test_a_body_in_chunks(address):
    with connection(address) as line:
        content = json.dumps(HELLO).encode()
        line.request("POST", "/v1/messages", iter([content[:20], content[20:]]), KEY, encode_chunked=True)
        assert line.getresponse().status == 200


@pytest.mark.parametrize("text", [
    b"Good morning\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\ncontent-length: many\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
])
def test_what_is_no_http_is_told_so(address, text):
    assert answer_to(address, text).startswith(b"HTTP/1.1 400 ")


def test_http_1_0_gets_its_stream_until_the_line_closes(address):
    answer = answer_to(address, bytes_of(HELLO | {"stream": True}, "HTTP/1.0", "connection: keep-alive"))
    assert b"transfer-encoding" not in answer
    assert answer.endswith(b'event: message_stop\ndata: {"type": "message_stop"}\n\n')


@pytest.mark.parametrize("megabytes", [36, 270])
def test_too_long_a_body_is_413_although_nobody_reads_it(address, megabytes):
    head = f"POST /v1/messages HTTP/1.1\r\nconnection: close\r\ncontent-length: {megabytes}000000\r\n\r\n"
    with line_with(address, head.encode()) as line:
        for _ in range(megabytes):
            line.sendall(b" " * 1_000_000)
        assert line.recv(13) == b"HTTP/1.1 413 "


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not on this machine")
@pytest.mark.parametrize("stream", [False, True])
def test_curl(address, stream):
    body = json.dumps(HELLO | {"stream": stream, "metadata": {"user_id": "x" * 1_100_000}})  # curl asks before it sends so much
    headers = [part for name, value in KEY.items() for part in ("-H", f"{name}: {value}")]
    printed = subprocess.run(["curl", "-sS", "--max-time", "60", f"{address}/v1/messages", *headers, "-d", "@-"], input=body,
                             capture_output=True, text=True, check=True).stdout
    assert ("event: message_stop" in printed) if stream else json.loads(printed)["type"] == "message"


# --- start and stop ------------------------------------------------------------------------------


def test_ctrl_c_ends_it_cleanly_after_it_has_said_where_it_is():
    program = "from course_lib.claude.server import serve_forever; serve_forever(0, speed=2, seconds_per_call=1e6)"
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        first, second = server.stdout.readline(), server.stdout.readline()
        address = second.split("ANTHROPIC_BASE_URL=")[1].split()[0]
        assert first.startswith(f"The simulated API listens at {address}, 2 times as fast as life. ")
        assert "ANTHROPIC_API_KEY=" in second
        with line_with(address, bytes_of(HELLO)):  # this client waits in vain
            assert post(address, path="/v1/messages/count_tokens")[0] == 200
            server.send_signal(signal.SIGINT)
            rest, errors = server.communicate(timeout=60)
    finally:
        server.kill()
        server.wait()
    assert (rest, errors, server.returncode) == ("The simulated API has stopped.\n", "", 0)


def test_a_port_that_is_taken_is_named():
    with serving() as url:
        port = int(url.rsplit(":", 1)[1])
        with pytest.raises(CourseError, match=f"Port {port} is taken by another program; choose another one, such as"):
            serve_forever(port)


@pytest.mark.parametrize(("settings", "message"), [
    *(({"port": port}, "is no port; write a whole number from 1024 to 65535") for port in (-1, 65536, "8000", True, 1.5)),
    *(({"speed": speed}, "is no speed; write a number above 0") for speed in (0, -1, "fast", True, float("inf"), float("nan"))),
])
def test_ports_and_speeds_that_cannot_be(settings, message):
    with pytest.raises(BadInput, match=message), serving(**settings):
        pass


def test_a_mistake_in_a_function_of_ones_own_is_told_to_the_client():
    with serving(seconds_per_call=lambda prompt: "soon") as url:
        status, _, content = post(url)
    assert status == 500
    assert "let it return seconds" in json.loads(content)["error"]["message"]
