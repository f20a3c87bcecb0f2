//! What is closed unless an access record of the model opens it: models that hold secrets or power over rights and code,
//! and fields that hold secrets. Names of modules that are not installed harm nobody.

use crate::odoo::secret_name::is_secret_name;

/// Models, each with what it is.
const MODELS: [(&str, &str); 41] = [
    (
        "ir.config_parameter",
        "system parameters, which hold secrets",
    ),
    ("ir.mail_server", "mail servers and their passwords"),
    ("fetchmail.server", "mail servers and their passwords"),
    ("ir.model", "the structure of the database"),
    ("ir.model.access", "access rights"),
    ("ir.model.constraint", "the structure of the database"),
    ("ir.model.data", "what modules own"),
    ("ir.model.fields", "the structure of the database"),
    ("ir.model.fields.selection", "the structure of the database"),
    ("ir.model.inherit", "the structure of the database"),
    ("ir.model.relation", "the structure of the database"),
    ("ir.rule", "record rules"),
    ("ir.actions.server", "code that runs in Odoo"),
    ("ir.actions.server.history", "code that runs in Odoo"),
    ("ir.actions.report", "reports, which show any field"),
    ("ir.actions.client", "actions of the interface"),
    ("ir.actions.todo", "actions of the interface"),
    ("ir.cron", "code that runs in Odoo"),
    ("ir.cron.trigger", "code that runs in Odoo"),
    ("ir.cron.progress", "code that runs in Odoo"),
    ("ir.autovacuum", "code that runs in Odoo"),
    ("ir.exports", "exports of any field"),
    ("ir.exports.line", "exports of any field"),
    ("ir.logging", "the server's log"),
    ("ir.profile", "the server's log"),
    ("ir.property", "values of other models"),
    ("ir.default", "values of other models"),
    ("ir.qweb", "templates, which show any field"),
    ("ir.ui.view", "templates, which show any field"),
    ("ir.ui.view.custom", "templates, which show any field"),
    ("ir.asset", "code that runs in browsers"),
    ("base.language.import", "files that change translations"),
    ("base.module.upgrade", "the installation of modules"),
    ("base.module.uninstall", "the installation of modules"),
    ("base.module.update", "the installation of modules"),
    ("base.partner.merge.automatic.wizard", "merging of records"),
    ("bus.bus", "messages to browsers"),
    ("change.password.wizard", "passwords"),
    ("change.password.user", "passwords"),
    ("change.password.own", "passwords"),
    ("res.config.settings", "settings, which hold secrets"),
];

/// The same by how their names begin.
const FAMILIES: [(&str, &str); 12] = [
    ("res.users.apikeys", "API keys"),
    ("res.users.identitycheck", "passwords"),
    ("res.users.settings.volumes", "settings of browsers"),
    ("res.device", "sessions of browsers"),
    ("auth_totp.", "second factors"),
    ("auth.passkey", "second factors"),
    ("auth.oauth.provider", "sign-in providers and their secrets"),
    ("auth.saml", "sign-in providers and their secrets"),
    ("res.company.ldap", "directories and their passwords"),
    ("payment.provider", "payment providers and their secrets"),
    ("base.automation", "code that runs in Odoo"),
    ("base_import.", "imports into any model"),
];

const MORE_FAMILIES: [(&str, &str); 7] = [
    ("payment.token", "means of payment"),
    ("iap.account", "accounts of services and their tokens"),
    ("certificate.", "certificates and private keys"),
    ("google.", "tokens of other services"),
    ("microsoft.", "tokens of other services"),
    ("microsoft_", "tokens of other services"),
    ("iot.", "devices"),
];

/// The MCP server's own models, but for prompts: those are everybody's.
const OURS: [&str; 14] = [
    "mcp.access",
    "mcp.dry",
    "mcp.key",
    "mcp.tool",
    "mcp.resource",
    "mcp.session",
    "mcp.audit",
    "mcp.lockout",
    "mcp.network",
    "mcp.ip",
    "mcp.call",
    "mcp.stat",
    "mcp.policy",
    "mcp.scope",
];

/// What decides who may do what through MCP, and with which key: no access record opens them for changes.
const NEVER_CHANGED: [&str; 1] = ["res.users.apikeys"];

/// Models that show or change whatever a template or a file names: closed to callers for whom something is hidden.
const ENGINES: [&str; 7] = [
    "mail.template",
    "mail.compose.message",
    "mail.render.mixin",
    "sms.template",
    "sms.composer",
    "spreadsheet.",
    "mailing.",
];

/// Models some of whose fields are secrets, by their names.
const WITH_SECRETS: [&str; 5] = [
    "res.users",
    "res.partner",
    "res.company",
    "ir.attachment",
    "hr.employee",
];

/// More of these fields.
const FIELDS: [(&str, &str); 3] = [
    ("ir.attachment", "db_datas"),
    ("ir.attachment", "store_fname"),
    ("res.users", "api_key_ids"),
];

/// What a model is, if it is closed.
pub fn model(name: &str) -> Option<&'static str> {
    let exactly = MODELS.iter().find(|(model, _)| *model == name);
    let family = || {
        let mut all = FAMILIES.iter().chain(&MORE_FAMILIES);
        all.find(|(prefix, _)| name.starts_with(prefix))
    };
    let ours = is_family(&OURS, name).then_some("the MCP server's own records");
    let found = || exactly.or_else(family).map(|(_, what)| *what);
    ours.or_else(found)
}

/// Whether it cannot be opened for anything but reading.
pub fn is_never_changed(name: &str) -> bool {
    is_family(&OURS, name) || is_family(&NEVER_CHANGED, name)
}

/// Whether a name is one of these, or one of theirs and more words.
fn is_family(family: &[&str], name: &str) -> bool {
    family.iter().any(|first| {
        let rest = name.strip_prefix(first);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Whether it shows or changes whatever a template or a file names.
pub fn is_engine(name: &str) -> bool {
    ENGINES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a field holds a secret.
pub fn is_secret_field(model: &str, field: &str) -> bool {
    FIELDS.contains(&(model, field)) || (WITH_SECRETS.contains(&model) && is_secret_name(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_secrets_or_power_is_closed_and_the_rest_is_not() {
        for closed in [
            "ir.config_parameter",
            "res.users.apikeys",
            "res.users.apikeys.description",
            "mcp.audit.log",
            "mcp.key.scope.line",
            "payment.provider",
            "base.automation",
            "fetchmail.server",
        ] {
            assert!(model(closed).is_some(), "{closed}");
        }
        for open in [
            "res.partner",
            "res.users",
            "res.company",
            "ir.attachment",
            "ir.module.module",
            "mail.message",
            "payment.transaction",
            "res.groups",
            "mcp.prompt",
            "mcp.test.item",
        ] {
            assert!(model(open).is_none(), "{open}");
        }
        assert!(is_never_changed("mcp.key.scope") && is_never_changed("res.users.apikeys"));
        assert!(!is_never_changed("ir.rule") && !is_never_changed("mcp.prompt"));
    }

    #[test]
    fn secrets_of_users_are_hidden_by_their_names() {
        for secret in ["password", "new_password", "totp_secret", "signup_token"] {
            assert!(is_secret_field("res.users", secret), "{secret}");
        }
        assert!(is_secret_field("ir.attachment", "access_token"));
        assert!(
            !is_secret_field("res.users", "login")
                && !is_secret_field("sale.order", "access_token")
        );
    }
}
