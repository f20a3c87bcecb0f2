"""Sends several tool calls at the same time."""

import threading


def at_once(clients, *calls):
    """The answers to simultaneous calls."""
    answers = [None] * len(calls)
    begin = threading.Barrier(len(calls))

    def run(number, client, tool, arguments):
        begin.wait()
        answers[number] = client.call(tool, arguments)

    threads = [
        threading.Thread(target=run, args=(number, client, *call))
        for number, (client, call) in enumerate(zip(clients, calls, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer.json["result"] for answer in answers]
