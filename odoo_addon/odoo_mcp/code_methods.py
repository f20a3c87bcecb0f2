# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is known by its name when source is looked through: methods of the ORM and functions of Python."""

# Methods that give records of the same model.
SAME = {
    *("sudo", "with_company", "with_context", "with_user", "with_env", "with_prefetch", "with_for_update"),
    *("exists", "browse", "ensure_one", "new", "copy", "create", "concat", "union", "filtered_domain"),
    *("_filtered_access", "_filter_access_rules", "_filter_access_rules_python"),
    *("lock_for_update", "try_lock_for_update"),
}
# Methods with a domain as their first argument.
SEARCHES = {
    *("search", "search_fetch", "_search", "search_count", "search_read", "filtered_domain"),
    *("_read_group", "read_group", "formatted_read_group"),
}
# Those of them that give the records.
FINDING = {"search", "search_fetch", "_search"}
# Methods that name fields in their arguments, with the place and the name of each such argument.
NAMING = {
    "read": ((0, "fields"),),
    "search_read": ((1, "fields"),),
    "_read_group": ((1, "groupby"), (2, "aggregates")),
    "read_group": ((1, "fields"), (2, "groupby")),
    "formatted_read_group": ((1, "groupby"), (2, "aggregates")),
}
# Those of them that give the names of records that a relation leads to.
WITH_NAMES = {"read", "search_read", "read_group", "formatted_read_group"}
# Methods that take a function of a record, or the name of a field in place of it; of two the function only decides.
CALLBACKS = {"filtered", "sorted", "mapped", "grouped"}
DECIDING = {"filtered", "sorted"}
# How methods are called that tell people or check something: what they read comes back in no value.
NO_VALUE = (
    *("message_", "_message_", "_notify", "activity_", "_activity", "_track", "_log", "_mail_", "_send_", "_check_"),
    *("_render_", "flush_", "invalidate_", "modified", "check_access", "has_access", "has_group", "_post", "_portal_"),
)

# Functions that give the elements of what they are given, and functions that only decide.
LISTS = {"list", "set", "tuple", "sorted", "reversed", "frozenset", "iter", "OrderedSet", "filter"}
DECISIONS = {"any", "all", "bool", "len"}
# What makes domains, of a field, an operator and a value or of domains.
DOMAINS = {"Domain", "AND", "OR"}
