"""The Inspector's command line: each step is a separate process that connects, does one thing and disconnects."""

import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from . import node

_PATIENCE = 60
# Exit statuses (the Inspector's README, "Exit codes"): 5 is a failed tool, 6 a schema that strict clients refuse.
_DONE, _FAILED = 0, 5
_ABREAST = 2


def converse(_sdk, era, url, token, steps):
    """Holds the conversation (see the package). `strict` is the exit status of the check for portable schemas."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_ABREAST) as side:
        command = [
            *node.program("@modelcontextprotocol/inspector/clients/launcher/build/index.js"),
            "--cli",
            url,
            "--transport",
            "http",
            "--header",
            f"Authorization: Bearer {token}",
            "--protocol-era",
            era,
            "--format",
            "json",
        ]
        environment = {**os.environ, "HOME": folder}

        def run(options):
            return subprocess.run(
                [*command, *options],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )

        listed = side.submit(run, ["--method", "tools/list", "--strict"])
        taken = [side.submit(_take, run, step) for step in steps]
        listed = listed.result()
        results = [step.result() for step in taken]
    tools = json.loads(listed.stdout)["result"]["tools"]
    return {"tools": tools, "strict": listed.returncode, "strict_said": listed.stderr, "results": results}


def _take(run, step):
    options = {
        "tools/call": lambda: ["--tool-name", step["name"], "--tool-args-json", json.dumps(step["arguments"])],
        "resources/list": list,
        "resources/templates/list": list,
        "resources/read": lambda: ["--uri", step["uri"]],
        "prompts/list": list,
        "prompts/get": lambda: [
            "--prompt-name",
            step["name"],
            *(part for item in step["arguments"].items() for part in ("--prompt-args", "=".join(item))),
        ],
    }.get(step["do"])
    if not options:
        return None
    done = run(["--method", step["do"], *options(), "--quiet"])
    if done.returncode not in (_DONE, _FAILED) or not done.stdout:
        said = json.loads(done.stderr.splitlines()[-1])["error"]
        return {"error": {"code": said["code"], "message": said["message"]}}
    result = json.loads(done.stdout)["result"]
    if step["do"] != "tools/call":
        return result
    return {
        "isError": result.get("isError") is True,
        "structured": result.get("structuredContent"),
        "content": result["content"],
    }
