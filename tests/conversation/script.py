"""The questions, the tool calls and the answers.

The model's part is scripted: the tools that it calls, and its text, which contains the tools' results.
"""

import json
from dataclasses import dataclass, field
from importlib.metadata import version

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import Implementation


@dataclass
class Turn:
    """A question, its calls (tool, arguments, result), and the answer."""

    asked: str
    calls: list = field(default_factory=list)
    answered: str = ""


class Talk:
    """A conversation in progress."""

    def __init__(self, client):
        self.client = client
        self.turns = []

    def ask(self, text):
        """Adds a question of the user."""
        self.turns.append(Turn(text))

    async def call(self, tool, **arguments):
        """Adds a tool call of the model. Returns its structured result."""
        result = await self.client.call_tool(tool, arguments)
        if result.is_error:
            raise AssertionError(f"{tool} {json.dumps(arguments)}: {result.content[0].text}")
        self.turns[-1].calls.append((tool, arguments, result.structured_content))
        return result.structured_content

    def answer(self, text):
        """Adds the model's answer."""
        self.turns[-1].answered = text


def rows(found):
    """The rows of a list as dictionaries."""
    return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


def money(amount):
    """An amount in readable form."""
    return f"{amount:,.2f}"


async def hold(url, key):
    """Holds the conversation. Returns the server's name, the protocol version and the turns."""
    me = Implementation(name="conversation", version=version("mcp"))
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=60)
    async with http, Client(streamable_http_client(url, http_client=http), client_info=me) as client:
        talk = Talk(client)
        await pipeline(talk)
        order = await quotations(talk)
        await stock(talk, order)
        await confirm(talk, order)
        return {"server": client.server_info.name, "version": client.protocol_version, "turns": talk.turns}


async def pipeline(talk):
    """The first question: sums by a group."""
    talk.ask("How much is in our sales pipeline, stage by stage?")
    found = await talk.call(
        "aggregate",
        model="crm.lead",
        domain='[["type", "=", "opportunity"], ["stage_id.is_won", "=", false]]',
        groupby=["stage_id"],
        measures=["count", "expected_revenue:sum"],
    )
    stages = [(row["stage_id"][1], row["expected_revenue:sum"], row["count"]) for row in rows(found)]
    told = "; ".join(f"{stage}: {money(total)} in {count} opportunities" for stage, total, count in stages)
    talk.answer(f"{told}. Together {money(sum(total for _stage, total, _count in stages))}.")


async def quotations(talk):
    """The second question: records and their related records. Returns the id of the largest quotation."""
    talk.ask("Which quotations for Acme Corporation are still open, and what is in the largest one?")
    found = await talk.call(
        "search",
        model="sale.order",
        domain='[["partner_id", "ilike", "Acme Corporation"], ["state", "in", ["draft", "sent"]]]',
        fields=["name", "amount_total", "state"],
        order="amount_total desc, id",
    )
    orders = rows(found)
    largest = orders[0]
    found = await talk.call(
        "search",
        model="sale.order.line",
        domain=json.dumps([["order_id", "=", largest["id"]], ["product_id", "!=", False]]),
        fields=["product_id", "product_uom_qty", "price_subtotal"],
    )
    lines = ", ".join(f"{line['product_uom_qty']:g} x {line['product_id'][1]}" for line in rows(found))
    others = ", ".join(f"{order['name']} ({money(order['amount_total'])})" for order in orders[1:])
    talk.answer(
        f"{len(orders)} quotations. The largest is {largest['name']}, {money(largest['amount_total'])}: {lines}. "
        f"The others: {others}."
    )
    return largest["id"]


async def stock(talk, order):
    """The third question: fields that Odoo computes."""
    talk.ask("Do we have all of that in stock?")
    lines = await talk.call(
        "search",
        model="sale.order.line",
        domain=json.dumps([["order_id", "=", order], ["product_id.is_storable", "=", True]]),
        fields=["product_id", "product_uom_qty"],
    )
    wanted = {line["product_id"][0]: line["product_uom_qty"] for line in rows(lines)}
    found = await talk.call(
        "read", model="product.product", ids=list(wanted), fields=["display_name", "qty_available", "virtual_available"]
    )
    products = rows(found)
    short = [product for product in products if product["qty_available"] < wanted[product["id"]]]
    told = ", ".join(f"{product['display_name']} ({product['qty_available']:g} on hand)" for product in products)
    talk.answer(f"{'Not all: ' if short else 'Yes: '}{told}.")


async def confirm(talk, order):
    """The change and its result."""
    talk.ask("We can wait for the rest. Confirm it.")
    await talk.call("method_call", model="sale.order", method="action_confirm", ids=[order])
    (changed,) = rows(await talk.call("read", model="sale.order", ids=[order], fields=["name", "state", "picking_ids"]))
    deliveries = rows(
        await talk.call(
            "read", model="stock.picking", ids=changed["picking_ids"], fields=["name", "state", "scheduled_date"]
        )
    )
    names = ", ".join(delivery["name"] for delivery in deliveries)
    talk.answer(f"{changed['name']} is confirmed (state {changed['state']}), and its delivery {names} is planned.")
