# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Content, notifications and input requests for methods of tools, resources and prompts.

Authors of other addons use it by ``from odoo.addons.odoo_mcp import content``. docs/tools.md of the project has an
example of each function. Parts of a result: :func:`text`, :func:`image`, :func:`audio`, :func:`resource`, :func:`link`,
together in a :class:`Result`. While a method runs: :func:`progress` and :func:`log`. Input from the client:
:class:`InputRequired` with :func:`elicit`, :func:`sample` and :func:`roots`, then :func:`inputs` and :func:`state`.
"""

import base64
import binascii
import contextvars
import copy
import math
import re

from .core import dumps
from .execution.errors import CallError, ErrorResult
from .execution.json_values import to_json

LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
# Maximum number of a call's progress and log messages that are stored here; the core sends fewer.
MOST_MESSAGES = 1000
MOST_CHARACTERS = 1000000

_ENCODED = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_attempt = contextvars.ContextVar("odoo_mcp_attempt", default=None)


# ------------------------------------------------------------------ parts of a result


class Part(dict):
    """A part of a result, in the form of the protocol."""


def text(value):
    """Make a text."""
    if not isinstance(value, str):
        raise TypeError(f"a text is needed, not {type(value).__name__}")
    return Part(type="text", text=value)


def image(data, mime_type):
    """Make an image. ``data``: bytes, base64 text, or the value of an Odoo binary field."""
    return Part(type="image", data=_base64(data, may_be_encoded=True), mimeType=mime_type)


def audio(data, mime_type):
    """Make a sound; ``data`` as for :func:`image`."""
    return Part(type="audio", data=_base64(data, may_be_encoded=True), mimeType=mime_type)


def resource(uri, *, text=None, blob=None, mime_type=None):
    """Make embedded resource contents: either ``text``, or ``blob`` as bytes or base64 text."""
    if (text is None) == (blob is None):
        raise ValueError("a resource has either text or blob")
    contents = {"uri": uri, **_given(mimeType=mime_type)}
    if blob is None:
        contents["text"] = text
    else:
        contents["blob"] = _base64(blob)
    return Part(type="resource", resource=contents)


def link(uri, name, *, title=None, description=None, mime_type=None, size=None):
    """Make a link to a resource that the client may read itself."""
    more = _given(title=title, description=description, mimeType=mime_type, size=size)
    return Part(type="resource_link", uri=uri, name=name, **more)


def _given(**values):
    return {name: value for name, value in values.items() if value is not None}


def _base64(data, may_be_encoded=False):
    if not data:
        raise ValueError("there is no data")
    if isinstance(data, str):
        data = "".join(data.split())
        try:
            base64.b64decode(data, validate=True)
        except binascii.Error as error:
            raise ValueError(f"the text is not base64: {error}") from error
        return data
    data = bytes(data)
    # Odoo reads binary fields as base64. No image or sound consists of these characters alone.
    if may_be_encoded and len(data) % 4 == 0 and _ENCODED.fullmatch(data):
        return data.decode()
    return base64.b64encode(data).decode()


class Result:
    """Several parts, with a structured value beside them.

    :param parts: results of the functions above; a plain string is a text
    :param structured: a JSON value that matches the tool's output schema
    :param is_error: whether the call has failed; its changes are then rolled back, and the model reads the parts
    """

    def __init__(self, parts=(), structured=None, is_error=False):
        if isinstance(parts, (str, Part)):
            parts = [parts]
        self.parts = [text(part) if isinstance(part, str) else part for part in parts]
        for part in self.parts:
            if not isinstance(part, Part):
                raise TypeError(f"a part of a result is needed, not {type(part).__name__}")
        self.structured = structured
        self.is_error = is_error

    def outcome(self):
        """Return the result in the form of the contract with the core."""
        return {"content": self.parts, **_given(structured=self.structured)}


def is_content(value):
    """Whether ``value`` is a result, a part or a list of parts rather than a plain value."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(isinstance(part, Part) for part in value)
    return isinstance(value, (Part, Result))


def outcome(value):
    """Convert a method's return value to the form of the contract with the core.

    :raises ErrorResult: for a result marked as an error
    """
    if not is_content(value):
        return {"result": value}
    if not isinstance(value, Result):
        value = Result(value)
    if value.is_error:
        raise ErrorResult(to_json(value.outcome()))
    return value.outcome()


# ------------------------------------------------------------------ while a method runs


class Attempt:
    """One attempt of a call: the client's input for its method, and the method's notifications.

    The executor enters one for each attempt, so that nothing remains of a failed one. Tests of methods may enter one.
    """

    def __init__(self, inputs=None, state=None, capabilities=None, listening=True):
        # A method may modify its inputs.
        self.inputs = copy.deepcopy(inputs or {})
        self.state = copy.deepcopy(state)
        self.capabilities = copy.deepcopy(capabilities or {})
        self.listening = listening
        self.notifications = []
        self._characters = 0
        self._dropped = 0
        self._token = None

    def __enter__(self):
        self._token = _attempt.set(self)
        return self

    def __exit__(self, *exc_info):
        _attempt.reset(self._token)

    def tell(self, notification):
        """Keep a notification for the client, up to the limit."""
        if not self.listening:
            return
        self._characters += len(dumps(notification))
        if len(self.notifications) < MOST_MESSAGES and self._characters <= MOST_CHARACTERS:
            self.notifications.append(notification)
        else:
            self._dropped += 1

    def outcome(self):
        """Return the notifications in the form of the contract with the core."""
        dropped = [{"dropped": self._dropped}] if self._dropped else []
        return {"notifications": self.notifications + dropped} if self.notifications or dropped else {}


def progress(done, total=None, message=None):
    """Report the call's progress to the client; ``done`` increases from one report to the next."""
    for number in (done, total):
        if number is not None and (isinstance(number, bool) or not math.isfinite(number)):
            raise ValueError(f"progress is a number, not {number!r}")
    if message is not None and not isinstance(message, str):
        raise TypeError(f"a message is a text, not {type(message).__name__}")
    attempt = _attempt.get()
    if attempt is not None:
        attempt.tell(to_json({"progress": done, **_given(total=total, message=message)}))


def log(level, data, logger=None):
    """Send the client a log message. ``data``: a text or a JSON value.

    It goes only to a client that wants messages of that level. Messages for the server's administrator go to Python's
    own logging.
    """
    if level not in LEVELS:
        raise ValueError(f"{level!r} is none of the levels {', '.join(LEVELS)}")
    if logger is not None and not isinstance(logger, str):
        raise TypeError(f"a logger is a name, not {type(logger).__name__}")
    attempt = _attempt.get()
    if attempt is not None:
        attempt.tell(to_json({"level": level, "data": data, **_given(logger=logger)}))


# ------------------------------------------------------------------ input requests to the client


class Question(dict):
    """An input request to the client, in the form of the protocol."""


def elicit(message, schema):
    """Ask a person by a form. ``schema``: a flat JSON Schema of strings, numbers, booleans or choices."""
    return Question(method="elicitation/create", params={"message": message, "requestedSchema": schema})


def sample(
    messages,
    max_tokens,
    *,
    system_prompt=None,
    temperature=None,
    stop_sequences=None,
    model_preferences=None,
):
    """Ask the client's model. ``messages``: a text, or a list of texts, parts, or pairs of a role and one of these."""
    params = {"messages": [_message(one) for one in ([messages] if isinstance(messages, (str, Part)) else messages)]}
    params.update(
        maxTokens=max_tokens,
        **_given(
            systemPrompt=system_prompt,
            temperature=temperature,
            stopSequences=stop_sequences,
            modelPreferences=model_preferences,
        ),
    )
    return Question(method="sampling/createMessage", params=params)


def _message(one):
    role, part = one if isinstance(one, (list, tuple)) else ("user", one)
    if role not in ("user", "assistant"):
        raise ValueError(f"{role!r} is neither user nor assistant")
    return {"role": role, "content": text(part) if isinstance(part, str) else part}


def roots():
    """Ask for the folders that the client works in."""
    return Question(method="roots/list", params={})


class InputRequired(CallError):
    """Raised when the call needs input from the client.

    All changes of the call are rolled back. When the client has answered everything, the method runs again from its
    beginning, and finds the responses in :func:`inputs` and ``state`` in :func:`state`.

    :param requests: input requests, by keys of the author's choice
    :param state: a JSON value. It travels through the client, which can read but not change it
    """

    kind = "input_required"

    def __init__(self, requests, state=None):
        super().__init__("")
        for request in requests.values():
            if not isinstance(request, Question):
                raise TypeError(f"a question is needed, not {type(request).__name__}")
        self.details = to_json({"requests": dict(requests), "state": state})


def inputs():
    """Return the responses of this round by the keys of their input requests: to all of them, or none."""
    attempt = _attempt.get()
    return {} if attempt is None else attempt.inputs


def state():
    """Return the state of the input requests that :func:`inputs` answers, or None."""
    attempt = _attempt.get()
    return None if attempt is None else attempt.state


def capabilities():
    """Return the client's declared input capabilities; possible keys: ``elicitation``, ``sampling``, ``roots``."""
    attempt = _attempt.get()
    return {} if attempt is None else attempt.capabilities
