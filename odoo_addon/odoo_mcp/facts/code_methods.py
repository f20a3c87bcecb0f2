# Copyright 2026 Odoo MCP contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Methods of the ORM and functions of Python that the source analysis knows by name."""

# Methods that return records of the same model.
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
# Those that return the records.
FINDING = {"search", "search_fetch", "_search"}
# Methods with field names in their arguments: position and name of each such argument.
NAMING = {
    "read": ((0, "fields"),),
    "search_read": ((1, "fields"),),
    "_read_group": ((1, "groupby"), (2, "aggregates")),
    "read_group": ((1, "fields"), (2, "groupby")),
    "formatted_read_group": ((1, "groupby"), (2, "aggregates")),
}
# Those that return the names of related records.
WITH_NAMES = {"read", "search_read", "read_group", "formatted_read_group"}
# Methods that take a function of a record or a field name; in two of them the function only decides.
CALLBACKS = {"filtered", "sorted", "mapped", "grouped"}
DECIDING = {"filtered", "sorted"}
# Prefixes of methods that notify people or check something: no value contains the fields that they read.
NO_VALUE = (
    *("message_", "_message_", "_notify", "activity_", "_activity", "_track", "_log", "_mail_", "_send_", "_check_"),
    *("_render_", "flush_", "invalidate_", "modified", "check_access", "has_access", "has_group", "_post", "_portal_"),
)

# Functions that return the elements of their arguments, and functions that only decide.
LISTS = {"list", "set", "tuple", "sorted", "reversed", "frozenset", "iter", "OrderedSet", "filter"}
DECISIONS = {"any", "all", "bool", "len"}
# Constructors of domains, from a field, an operator and a value or from other domains.
DOMAINS = {"Domain", "AND", "OR"}
