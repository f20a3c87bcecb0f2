"""The official conformance suite, through both doors and in every protocol version that it supports."""

import socket
import threading

import pytest
from conformance import suite
from conformance.proxy import Proxy
from support import mcp, summary

DATABASE = "conformance"
ADDON = "odoo_mcp_conformance"


@pytest.fixture(scope="session")
def fixtures(environment, world):
    """A separate database with the fixtures of the suite, so that they do not appear in other lists."""
    environment.fresh_database(DATABASE, world.origin)
    environment.install(DATABASE, ADDON)
    return DATABASE


@pytest.fixture(scope="session")
def runs(environment, world, fixtures):
    """A cache of the suite's runs. A run takes seconds, and many tests read it."""
    servers, held = {}, {}

    def run(door, version):
        if (door, version) not in held:
            if door not in servers:
                variables = {} if door == "fast" else {"ODOO_MCP_FAST_DOOR": "0"}
                servers[door] = environment.odoo(fixtures, name=f"conformance-{door}", environment=variables)
            with Proxy(servers[door].port, ("Authorization", mcp.bearer(world["admin"].key))) as proxy:
                made = suite.conduct(suite.plan(version), f"{proxy.url}/mcp", f"{version}-{door}")
            held[door, version] = made
            title = f"conformance {version}, {door} door ({suite.PACKAGE} {suite.release()})"
            summary.add(title, f"{made.summary}\nRequired: {len(made.passed)}/{len(made.plan.required)}")
        return held[door, version]

    yield run
    for server in servers.values():
        server.stop()


def pytest_generate_tests(metafunc):
    """Creates one test per door, version and scenario of the suite's own list."""
    if {"version", "scenario"} <= set(metafunc.fixturenames):
        plans = [suite.plan(version) for version in suite.VERSIONS]
        cases = [(plan.version, name) for plan in plans for name in plan.required + plan.reported]
        metafunc.parametrize(("version", "scenario"), cases)


@pytest.fixture(params=["fast", "ordinary"])
def which(request):
    """Each door in turn."""
    return request.param


def test_scenario(runs, which, version, scenario):
    """The scenario has neither a failed check nor a warning."""
    assert runs(which, version).outcomes[scenario].trouble == {}


@pytest.mark.parametrize("version", suite.VERSIONS)
def test_everything_that_a_version_requires_is_met(runs, which, version):
    run = runs(which, version)
    assert run.passed == list(run.plan.required)
    # A fixed number, so that the suite cannot silently require less.
    assert len(run.passed) == {"2026-07-28": 37, "2025-11-25": 30, "2025-06-18": 27, "2025-03-26": 1}[version]
    assert run.status == 0


def test_the_proxy_adds_a_header_and_changes_nothing_else():
    sent = (
        b"POST /mcp?x=%20y HTTP/1.1\r\nHOST:evil.example.com:1\r\nOrigin:  http://evil.example.com\t \r\n"
        b"mcp-NAME: \t caf\xe9 \r\nContent-Length: 5\r\n\r\n{\x00\xff}\n"
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n"
        b"DELETE /mcp HTTP/1.1\r\nMcp-Session-Id: 7\r\n\r\n"
    )
    added = b"\r\nAuthorization: Bearer secret\r\n\r\n"
    expected = sent
    for head in (b"Content-Length: 5\r\n\r\n", b"chunked\r\n\r\n", b"Id: 7\r\n\r\n"):
        expected = expected.replace(head, head[:-4] + added)
    answer = b"HTTP/1.1 200 OK\r\ncontent-LENGTH:2\r\n\r\nok"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        received = []

        def serve():
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as reader:
                received.append(reader.read())
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with (
            Proxy(listener.getsockname()[1], ("Authorization", "Bearer secret")) as proxy,
            socket.create_connection(("127.0.0.1", proxy.port), timeout=60) as client,
        ):
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            with client.makefile("rb") as reader:
                assert reader.read() == answer
        thread.join()
    assert received == [expected]
