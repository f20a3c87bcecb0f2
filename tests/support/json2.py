"""Odoo's own JSON-2 interface, which is the reference for our answers."""

import json

from . import http


class Json2:
    """Sends the calls of one user with an API key."""

    def __init__(self, server, key):
        self.port = server if isinstance(server, int) else server.port
        self.key = key

    def call(self, model, method, **arguments):
        """The HTTP answer of `POST /json/2/<model>/<method>`."""
        headers = [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json")]
        return http.exchange(self.port, "POST", f"/json/2/{model}/{method}", headers, json.dumps(arguments).encode())

    def value(self, model, method, **arguments):
        """The return value of the call, which Odoo must accept."""
        answer = self.call(model, method, **arguments)
        assert answer.status == 200, answer.text
        return answer.json
