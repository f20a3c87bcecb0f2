"""A minimal driver for a real browser: headless Chromium through its DevTools protocol."""

import base64
import contextlib
import itertools
import json
import re
import subprocess
import tempfile
import time
import urllib.request

from websockets.sync.client import connect

# The first page of a database waits until Odoo has compiled its style sheets, while other tests run.
PATIENCE = 180
# Expected log entries of Odoo here: no port for web sockets exists, Debian's package lacks a file, and connections that
# the browser opens in advance send no request.
ITS_TROUBLE = (
    r"^odoo\.http: .*Couldn't bind the websocket",
    r"^odoo\.addons\.base\.models\.assetsbundle: .*selfie_segmentation",
    r"^werkzeug: .*Request timed out",
)


class Browser:
    """One page of a separate Chromium with an empty profile."""

    def __init__(self):
        self._closing = contextlib.ExitStack()
        profile = self._closing.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += ["--remote-debugging-port=0", "--window-size=1400,900", f"--user-data-dir={profile}", "about:blank"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._closing.callback(self._end)
        port = self._port()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as answer:
            (page,) = [target for target in json.load(answer) if target["type"] == "page"]
        self._socket = self._closing.enter_context(connect(page["webSocketDebuggerUrl"], max_size=None))
        self._numbers = itertools.count(1)

    def _port(self):
        for line in self.process.stderr:
            found = re.search(r"DevTools listening on ws://127\.0\.0\.1:(\d+)/", line)
            if found:
                return int(found[1])
        raise AssertionError("Chromium does not start")

    def _end(self):
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)

    def close(self):
        """Ends the browser."""
        self._closing.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def command(self, method, **params):
        """Sends one command of the protocol and returns its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def run(self, script):
        """The value of a JavaScript expression. Awaits a promise."""
        given = self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in given, given["exceptionDetails"]
        return given["result"].get("value")

    def open(self, url):
        """Opens a URL."""
        self.command("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def wait(self, condition, patience=PATIENCE):
        """Waits until a JavaScript expression is true, even across page loads. Returns its value."""
        deadline = time.monotonic() + patience
        while True:
            with contextlib.suppress(AssertionError):
                value = self.run(condition)
                if value:
                    return value
            assert time.monotonic() < deadline, f"never: {condition}\n{self.run('document.body.innerText')[:2000]}"
            time.sleep(0.1)

    def click(self, selector, text=None):
        """Clicks the first element that matches a selector and has the given text."""
        found = f"[...document.querySelectorAll({json.dumps(selector)})]"
        if text is not None:
            found += f".filter((element) => element.textContent.trim() === {json.dumps(text)})"
        self.wait(f"{found}.length > 0")
        self.run(f"{found}[0].click()")

    def sign_in(self, url, login, password):
        """Signs in to Odoo."""
        self.open(f"{url}/web/login")
        fill = (
            f"document.querySelector('input[name=login]').value = {json.dumps(login)};"
            f"document.querySelector('input[name=password]').value = {json.dumps(password)};"
            "document.querySelector('form.oe_login_form').submit(); true"
        )
        self.run(fill)
        # The first client waits until Odoo has built the web client's files. A page that loaded too early stays empty.
        client = "document.querySelector('.o_web_client .o_main_navbar') !== null"
        for _attempt in range(2):
            with contextlib.suppress(AssertionError):
                self.wait(client, patience=PATIENCE / 3)
                return
            # The browser's cached copies of the files may be incomplete too.
            self.command("Network.clearBrowserCache")
            self.open(f"{url}/odoo")
            self.command("Page.reload", ignoreCache=True)
        self.wait(client)

    def screenshot(self, file):
        """Saves a screenshot of the page."""
        file.write_bytes(base64.b64decode(self.command("Page.captureScreenshot")["data"]))
