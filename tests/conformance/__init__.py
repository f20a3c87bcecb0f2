"""The protocol's official conformance suite against a real Odoo.

`suite` installs, lists and runs it. `proxy` adds the credential, which the suite cannot send. The test addon
`odoo_mcp_conformance` provides the fixtures that the suite requires. All of its tests must pass.
"""
