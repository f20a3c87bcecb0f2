"""The official conformance suite of the protocol against a real Odoo.

`suite` installs, lists and runs it, `proxy` adds the credential it cannot send, `expected.toml` names what may fail and
why. The fixtures it asks for are the addon `odoo_mcp_conformance` among the test addons.
"""
