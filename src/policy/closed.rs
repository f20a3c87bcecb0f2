//! Models closed by name because they hold secrets or grant rights, and fields that hold secrets. An access record of
//! the model opens it. The name of a model that is not installed has no effect.

use super::verdict::{Layer, Refusal};
use crate::odoo::secret_name::is_secret_name;

/// Closed models, each with a description.
const MODELS: [(&str, &str); 57] = [
    ("res.users.deletion", "the deletion of users"),
    ("mail.ice.server", "servers of calls and their passwords"),
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
    // Its table is the parent of all action tables (PostgreSQL inheritance), so a change reaches server actions.
    ("ir.actions.actions", "code that runs in Odoo"),
    ("server.action.history.wizard", "code that runs in Odoo"),
    ("reset.view.arch.wizard", "templates, which show any field"),
    ("base.import.module", "code that runs in Odoo"),
    ("base.language.export", "exports of any field"),
    ("base.language.install", "files that change translations"),
    ("privacy.lookup.wizard", "searches through all models"),
    ("portal.share", "links that show a record to anybody"),
    ("portal.wizard", "access of outsiders"),
    ("portal.wizard.user", "access of outsiders"),
    (
        "project.share.wizard",
        "links that show a record to anybody",
    ),
    ("project.share.collaborator.wizard", "access of outsiders"),
    ("task.share.wizard", "links that show a record to anybody"),
    ("ir.embedded.actions", "actions of the interface"),
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

/// Closed families of models, each by its name prefix and with a description.
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

const MORE_FAMILIES: [(&str, &str); 8] = [
    (
        "account_edi_proxy_client.",
        "accounts of services and their tokens",
    ),
    ("payment.token", "means of payment"),
    ("iap.account", "accounts of services and their tokens"),
    ("certificate.", "certificates and private keys"),
    ("google.", "tokens of other services"),
    ("microsoft.", "tokens of other services"),
    ("microsoft_", "tokens of other services"),
    ("iot.", "devices"),
];

/// The MCP server's own models except prompts, which are open to everybody.
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

/// Models that decide who may do what through MCP, with which key and by which code: no access record opens them for
/// changes. They include the apps, since a call could otherwise remove MCP itself or install code that bypasses it.
const NEVER_CHANGED: [&str; 4] = [
    "res.users.apikeys",
    "ir.module.module",
    "base.module",
    "base.import.module",
];

/// Models whose records hold code or expressions that run with all rights. Such code could rewrite its author's
/// restrictions.
const CODE: [&str; 10] = [
    "ir.actions",
    "ir.embedded.actions",
    "ir.cron",
    // A default of any field of any model, also of one that holds code.
    "ir.default",
    "ir.model",
    "ir.rule",
    "ir.ui.view",
    // Code of browsers: it runs with the rights of everyone who opens a page.
    "ir.asset",
    "base.automation",
    "server.action.history.wizard",
];

/// Methods that no caller may call through MCP, whatever an access record says. Each has its model (empty: any) and its
/// effect.
const METHODS: [(&str, &str, &str); 16] = [
    ("", "authenticate", "checks a password"),
    ("res.users", "check", "checks a password"),
    ("", "change_password", "checks and sets a password"),
    ("", "reset_password", "resets a password"),
    ("", "action_reset_password", "resets a password"),
    ("", "web_create_users", "signs somebody up"),
    (
        "",
        "message_process",
        "takes in an e-mail that names any model",
    ),
    (
        "",
        "message_route",
        "takes in an e-mail that names any model",
    ),
    (
        "",
        "message_parse",
        "takes in an e-mail that names any model",
    ),
    ("", "message_new", "takes in an e-mail"),
    ("", "message_update", "takes in an e-mail"),
    ("", "fetch_mail", "takes in e-mails"),
    ("", "import_module", "installs code"),
    ("", "import_zipfile", "installs code"),
    ("", "install_from_urls", "installs code"),
    ("", "upgrade_module", "installs apps"),
];

/// Prefixes of methods that make, give or end links to sign up (auth_signup, models/res_partner.py).
const SIGN_UP: [&str; 2] = ["signup", "action_signup"];

/// Models that show or change any record that a template or a file names: closed to callers with hidden data.
const ENGINES: [&str; 9] = [
    "payment.link.wizard",
    "snailmail.",
    "mail.template",
    "mail.compose.message",
    "mail.render.mixin",
    "sms.template",
    "sms.composer",
    "spreadsheet.",
    "mailing.",
];

/// Models that store former values of records of any model: closed to callers with hidden data, also for reading.
const KEEPING_VALUES: [&str; 1] = ["mail.tracking.value"];

/// Models in which a field with a secret name ([`is_secret_name`]) holds a secret.
const WITH_SECRETS: [&str; 7] = [
    "res.users",
    "res.users.settings",
    "pos.payment.method",
    "res.partner",
    "res.company",
    "ir.attachment",
    "hr.employee",
];

/// Other secret fields, by model and name.
const FIELDS: [(&str, &str); 3] = [
    ("ir.attachment", "db_datas"),
    ("ir.attachment", "store_fname"),
    ("res.users", "api_key_ids"),
];

/// Fields that contain links to a record. Such a link shows the whole record to anyone who has it.
const LINKS: [&str; 8] = [
    "access_token",
    "access_url",
    "full_url",
    "invitation_url",
    "portal_url",
    "share_link",
    "share_url",
    "signup_url",
];

/// Fields that quote fields of other records, or contain links to pages that do, each with its effect.
const QUOTES: [(&str, &str, &str); 4] = [
    (
        "mail.mail",
        "body_html",
        "It holds links that show whole records",
    ),
    (
        "mail.mail",
        "body",
        "It holds links that show whole records",
    ),
    (
        "mail.mail",
        "body_content",
        "It holds links that show whole records",
    ),
    (
        "mail.message",
        "account_audit_log_preview",
        "It quotes values of records",
    ),
];

/// The description of a closed model; `None` for other models.
pub fn model(name: &str) -> Option<&'static str> {
    let exactly = MODELS.iter().find(|(model, _)| *model == name);
    let family = || {
        let mut all = FAMILIES.iter().chain(&MORE_FAMILIES);
        all.find(|(prefix, _)| name.starts_with(prefix))
    };
    let ours = is_ours(name).then_some("the MCP server's own records");
    let found = || exactly.or_else(family).map(|(_, what)| *what);
    ours.or_else(found)
}

/// The names of the models closed by exact name.
pub fn names() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|(model, _)| *model)
}

/// The name prefixes of the other closed models.
pub fn families() -> impl Iterator<Item = &'static str> {
    let all = FAMILIES.iter().chain(&MORE_FAMILIES);
    all.map(|(prefix, _)| *prefix).chain(OURS)
}

/// Whether the model is one of the MCP server's own.
pub fn is_ours(name: &str) -> bool {
    is_family(&OURS, name)
}

/// Whether access records can open the model for reading only.
pub fn is_never_changed(name: &str) -> bool {
    is_ours(name) || is_family(&NEVER_CHANGED, name)
}

/// Whether records of the model hold code.
pub fn holds_code(name: &str) -> bool {
    is_family(&CODE, name)
}

/// The refusal of changes to a model whose records hold code.
pub fn code(model: &str) -> Refusal {
    let text = format!(
        "{model} holds code that runs with all rights. A caller for whom something is restricted, or whose API key has \
         a scope, never changes or calls it through MCP."
    );
    Refusal::new(Layer::Closed, text)
}

/// The effect of a method that no caller may call; `None` for other methods.
pub fn method(model: &str, name: &str) -> Option<&'static str> {
    let mut all = METHODS.iter();
    let found = all.find(|(on, method, _)| *method == name && (on.is_empty() || *on == model));
    let signs_up = || {
        let is_such = SIGN_UP.iter().any(|prefix| name.starts_with(prefix));
        is_such.then_some("signs somebody up")
    };
    found.map(|(_, _, what)| *what).or_else(signs_up)
}

/// Whether a name equals one of these names, or starts with one of them followed by more words.
fn is_family(family: &[&str], name: &str) -> bool {
    family.iter().any(|first| {
        let rest = name.strip_prefix(first);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Whether the model shows or changes any record that a template or a file names.
pub fn is_engine(name: &str) -> bool {
    ENGINES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether the model stores former values of records of any model.
pub fn keeps_values(name: &str) -> bool {
    KEEPING_VALUES.contains(&name)
}

/// Whether a field holds a secret.
pub fn is_secret_field(model: &str, field: &str) -> bool {
    FIELDS.contains(&(model, field)) || (WITH_SECRETS.contains(&model) && is_secret_name(field))
}

/// The effect of a field that quotes fields of other records; `None` for other fields.
pub fn quotes(model: &str, field: &str) -> Option<&'static str> {
    let mut all = QUOTES.iter();
    let found = all.find(|(on, name, _)| *on == model && *name == field);
    found.map(|(_, _, what)| *what)
}

/// Fields that decide who else sees a record: its followers, and the sharing of a project.
const SHARES: [(&str, &str); 4] = [
    ("", "message_partner_ids"),
    ("", "message_follower_ids"),
    ("project.project", "privacy_visibility"),
    ("project.project", "collaborator_ids"),
];

/// Fields that decide which record an e-mail makes or answers, with all rights (mail, models/mail_alias.py).
const BY_MAIL: [&str; 3] = ["alias_defaults", "alias_force_thread_id", "alias_model_id"];

/// Whether a field decides which records Odoo makes later, with all rights.
pub fn makes_records(field: &str) -> bool {
    BY_MAIL.contains(&field)
}

/// Whether records of a model let outsiders see other records.
pub fn lets_in(name: &str) -> bool {
    name == "project.collaborator"
}

/// Whether a field decides who else sees a record. An empty model stands for any.
pub fn shares(model: &str, field: &str) -> bool {
    SHARES.contains(&("", field)) || SHARES.contains(&(model, field))
}

/// Whether a field contains a link that shows the whole record to anyone who has it.
pub fn makes_link(field: &str) -> bool {
    LINKS.contains(&field)
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
        assert!(holds_code("ir.model.fields") && holds_code("ir.actions.server"));
        assert!(holds_code("ir.rule") && !holds_code("ir.models"));
        assert!(is_never_changed("ir.module.module") && is_never_changed("base.module.upgrade"));
    }

    #[test]
    fn some_methods_are_nobodys() {
        assert!(method("res.users", "authenticate").is_some());
        assert!(
            method("res.users", "check").is_some() && method("account.move", "check").is_none()
        );
        assert!(method("crm.lead", "message_process").is_some());
        assert!(method("crm.lead", "message_post").is_none());
        assert!(method("res.partner", "signup_get_auth_param").is_some());
        assert!(method("res.partner", "action_signup_prepare").is_some());
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
