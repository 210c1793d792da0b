"""The block on the network bites, in pytest's own process and in the processes that tests start."""

import socket
import subprocess
import sys
import urllib.request

import pytest

ELSEWHERE = "192.0.2.1"  # set aside for documentation (RFC 5737): no machine has this address


def test_a_connection_to_another_machine_is_refused(no_real_network):
    with pytest.raises(OSError, match=r"Tests run without a network"), socket.socket() as one:
        one.connect((ELSEWHERE, 443))
    assert no_real_network == [ELSEWHERE]
    no_real_network.clear()


def test_a_packet_to_another_machine_is_refused(no_real_network):
    with pytest.raises(OSError, match="without a network"), socket.socket(type=socket.SOCK_DGRAM) as one:
        one.sendto(b"hello", (ELSEWHERE, 53))
    no_real_network.clear()


def test_a_host_name_is_not_even_looked_up(no_real_network):
    with pytest.raises(OSError, match="without a network"):
        urllib.request.urlopen("http://example.com/", timeout=5)
    assert no_real_network == ["example.com"]
    no_real_network.clear()


def test_the_real_client_can_not_leave_this_machine(no_real_network):
    import anthropic

    client = anthropic.Anthropic(api_key="none", base_url=f"http://{ELSEWHERE}:9", max_retries=0)
    with pytest.raises(anthropic.APIConnectionError):
        client.messages.create(model="none", max_tokens=1, messages=[{"role": "user", "content": "hello"}])
    assert no_real_network == [ELSEWHERE]
    no_real_network.clear()


def test_a_python_that_a_test_starts_is_blocked_too():
    program = f"import socket; socket.create_connection(({ELSEWHERE!r}, 443), timeout=5)"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert child.returncode == 1
    assert "NetworkBlocked: This test tried to reach 192.0.2.1." in child.stderr


def test_this_machine_stays_reachable():
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname(), timeout=5) as client:
        assert client.getpeername() == server.getsockname()


def test_an_attempt_that_the_code_under_test_swallows_fails_the_test(pytester_run):
    outcome = pytester_run(
        """
        import contextlib, socket
        def test_quiet():
            with contextlib.suppress(OSError):
                socket.create_connection(("192.0.2.1", 443), timeout=5)
        """
    )
    assert "the test tried to reach ['192.0.2.1']" in outcome.stdout
    assert outcome.returncode == 1


@pytest.fixture
def pytester_run(tmp_path, request):
    """Runs pytest, in a process of its own, on one test file under this project's conftest."""
    import textwrap

    def run(source):
        conftest = str(request.config.rootpath / "tests" / "conftest.py")
        (tmp_path / "conftest.py").write_text(
            "import importlib.util\n"
            f"spec = importlib.util.spec_from_file_location('house', {conftest!r})\n"
            "house = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(house)\n"
            "no_real_network, pytest_configure = house.no_real_network, house.pytest_configure\n"
        )
        (tmp_path / "test_it.py").write_text(textwrap.dedent(source))
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)

    return run
