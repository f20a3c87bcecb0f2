"""The official conformance suite of the protocol against a real Odoo.

`suite` installs, lists and runs it, `proxy` adds the credential it cannot send. The fixtures it asks for are the addon
`odoo_mcp_conformance` among the test addons. Nothing of it is expected to fail.
"""
