//! Facts about models and fields that only Odoo's registry and code know. The addon exports them to the table
//! `mcp_model_fact`; its `schema.sql` describes the kinds.

use crate::cache::{self, Cache};
use crate::error::Result;
use crate::pg::{Database, read_json};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

const FACTS: &str = sql!("odoo/model_facts");

thread_local! {
    static CACHE: Cache<ModelFacts> = Cache::default();
}

/// A relation to another model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub field: String,
    pub model: String,
}

/// A row of the table: kind, model, field, other.
type Fact = (String, String, String, String);
/// Models by field, for each model.
type ByField = HashMap<String, HashMap<String, Vec<String>>>;
type ByModel<T> = HashMap<String, Vec<T>>;

/// The facts about all models of a database.
#[derive(Debug, Default)]
pub struct ModelFacts {
    is_known: bool,
    without_records: HashSet<String>,
    renders: HashSet<String>,
    uses_templates: HashSet<String>,
    parents: ByModel<Link>,
    children: ByModel<String>,
    wholes: ByModel<Link>,
    shares: ByModel<String>,
    references: ByModel<String>,
    deleted_with: ByModel<Link>,
    cleared_with: ByModel<Link>,
    inherited: ByField,
    changes: ByField,
    may_change: ByField,
    inverse: ByField,
    evaluated: ByField,
    defines: ByField,
}

/// The facts with this digest. Without a digest, no facts are known.
///
/// # Errors
/// Errors from PostgreSQL.
pub fn read(db: &dyn Database, digest: Option<&str>) -> Result<Rc<ModelFacts>> {
    let Some(digest) = digest else {
        return Ok(Rc::default());
    };
    cache::get_or_insert_with(&CACHE, digest.to_owned(), || {
        Ok(ModelFacts::of(read_json(db, FACTS, &[])?))
    })
}

impl ModelFacts {
    /// Build the facts from these rows.
    pub fn of(rows: Vec<Fact>) -> Self {
        let mut facts = Self {
            is_known: true,
            ..Self::default()
        };
        for (kind, model, field, other) in rows {
            facts.add(&kind, model, field, other);
        }
        facts
    }

    fn add(&mut self, kind: &str, model: String, field: String, other: String) {
        let by_field = match kind {
            "inherited" => &mut self.inherited,
            "changes" => &mut self.changes,
            "may_change" => &mut self.may_change,
            "inverse" => &mut self.inverse,
            "evaluated" => &mut self.evaluated,
            "defines" => &mut self.defines,
            _ => return self.add_of_model(kind, model, field, other),
        };
        let fields = by_field.entry(model).or_default();
        fields.entry(field).or_default().push(other);
    }

    fn add_of_model(&mut self, kind: &str, model: String, field: String, other: String) {
        match kind {
            "abstract" => {
                self.without_records.insert(model);
            }
            "renders" => {
                self.renders.insert(model);
            }
            "template" => {
                self.uses_templates.insert(model);
            }
            "inherits" => {
                let children = self.children.entry(other.clone()).or_default();
                children.push(model.clone());
                let link = Link {
                    field,
                    model: other,
                };
                self.parents.entry(model).or_default().push(link);
            }
            "part" => {
                let link = Link {
                    field,
                    model: other,
                };
                self.wholes.entry(model).or_default().push(link);
            }
            "cascade" => {
                let link = Link { field, model };
                self.deleted_with.entry(other).or_default().push(link);
            }
            "cleared" => {
                let link = Link { field, model };
                self.cleared_with.entry(other).or_default().push(link);
            }
            "shares" => self.shares.entry(model).or_default().push(other),
            "reference" => self.references.entry(model).or_default().push(other),
            // Kinds of a later version of the addon.
            _ => {}
        }
    }

    /// Whether the addon has exported the facts.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether a model is abstract: it has methods and no records.
    pub fn is_abstract(&self, model: &str) -> bool {
        self.without_records.contains(model)
    }

    /// Whether a model renders texts of its records, which may contain code.
    pub fn renders(&self, model: &str) -> bool {
        self.renders.contains(model)
    }

    /// Whether a model is a wizard that refers to a record of a rendering model.
    pub fn uses_templates(&self, model: &str) -> bool {
        self.uses_templates.contains(model)
    }

    /// The models of which records of this model are also records (`_inherits`), each with the relation to it.
    pub fn parents(&self, model: &str) -> &[Link] {
        listed(&self.parents, model)
    }

    /// The models whose records are also records of this model.
    pub fn children(&self, model: &str) -> &[String] {
        listed(&self.children, model)
    }

    /// The models of which this one is the inherited part, as a version is of an employee.
    pub fn wholes(&self, model: &str) -> &[Link] {
        listed(&self.wholes, model)
    }

    /// Whether `part` is the inherited part of `whole`.
    pub fn is_part(&self, part: &str, whole: &str) -> bool {
        self.wholes(part).iter().any(|link| link.model == whole)
    }

    /// The models that share rows with this one.
    pub fn shares(&self, model: &str) -> &[String] {
        listed(&self.shares, model)
    }

    /// The models whose records are deleted with those of this one, each with its relation to them.
    pub fn deleted_with(&self, model: &str) -> &[Link] {
        listed(&self.deleted_with, model)
    }

    /// The models with a relation that loses deleted records of this one, each with that relation.
    pub fn cleared_with(&self, model: &str) -> &[Link] {
        listed(&self.cleared_with, model)
    }

    /// Whether records of `model` have no use without the message that they describe.
    pub fn is_about_message(&self, model: &str) -> bool {
        self.model_names(model)
            .iter()
            .any(|path| path.ends_with(".model"))
    }

    /// The models whose records have no use without the message that they describe.
    pub fn about_messages(&self) -> impl Iterator<Item = &str> {
        let models = self.references.keys().map(String::as_str);
        models.filter(|model| self.is_about_message(model))
    }

    /// The fields of a model that name the model of a related record.
    pub fn model_names(&self, model: &str) -> &[String] {
        listed(&self.references, model)
    }

    /// The fields that a model inherits from one of its parents.
    pub fn inherited(&self, model: &str, parent: &str) -> impl Iterator<Item = &str> {
        let fields = self.inherited.get(model).into_iter().flatten();
        let of_parent =
            move |(_, parents): &(&String, &Vec<String>)| parents.iter().any(|name| name == parent);
        fields.filter(of_parent).map(|(field, _)| field.as_str())
    }

    /// The other models whose records change with a value of the field.
    pub fn changed_by(&self, model: &str, field: &str) -> impl Iterator<Item = &str> {
        let inherited = of_field(&self.inherited, model, field);
        let others = of_field(&self.changes, model, field);
        inherited.iter().chain(others).map(String::as_str)
    }

    /// Whether Odoo's code evaluates the text in a field as an expression, a template or a program.
    pub fn is_evaluated(&self, model: &str, field: &str) -> bool {
        !of_field(&self.evaluated, model, field).is_empty()
    }

    /// Whether a method writes the values of the field.
    pub fn is_written_by_method(&self, model: &str, field: &str) -> bool {
        !of_field(&self.inverse, model, field).is_empty()
    }

    /// The models with the definitions of the properties in a field.
    pub fn definitions_of(&self, model: &str, field: &str) -> &[String] {
        of_field(&self.defines, model, field)
    }

    /// The other models that a write of the field may change, through a method with unknown effects.
    pub fn perhaps_changed_by(&self, model: &str, field: &str) -> &[String] {
        of_field(&self.may_change, model, field)
    }
}

fn listed<'f, T>(by_model: &'f ByModel<T>, model: &str) -> &'f [T] {
    by_model.get(model).map(Vec::as_slice).unwrap_or_default()
}

fn of_field<'f>(by_field: &'f ByField, model: &str, field: &str) -> &'f [String] {
    let fields = by_field.get(model);
    let found = fields.and_then(|fields| fields.get(field));
    found.map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(rows: &[[&str; 4]]) -> ModelFacts {
        let owned = |row: &[&str; 4]| {
            let [kind, model, field, other] = row.map(str::to_owned);
            (kind, model, field, other)
        };
        ModelFacts::of(rows.iter().map(owned).collect())
    }

    #[test]
    fn facts_are_found_by_model_and_field() {
        let facts = facts(&[
            ["abstract", "mail.thread", "", ""],
            [
                "inherits",
                "product.product",
                "product_tmpl_id",
                "product.template",
            ],
            ["inherited", "product.product", "name", "product.template"],
            ["changes", "product.product", "tag_ids", "product.tag"],
            ["may_change", "crm.lead", "phone", "res.partner"],
            ["inverse", "crm.lead", "phone", ""],
            ["defines", "crm.lead", "lead_properties", "crm.team"],
            ["part", "hr.version", "employee_id", "hr.employee"],
            ["reference", "mail.message", "res_id", "model"],
            [
                "reference",
                "sms.sms",
                "mail_message_id",
                "mail_message_id.model",
            ],
            ["cascade", "sale.order.line", "order_id", "sale.order"],
            ["template", "mail.template.preview", "", ""],
            ["shares", "ir.actions.actions", "", "ir.actions.server"],
            ["of a later version", "a", "b", "c"],
        ]);
        assert!(facts.is_known() && facts.is_abstract("mail.thread"));
        assert!(!facts.is_abstract("res.partner"));
        let link = Link {
            field: "product_tmpl_id".into(),
            model: "product.template".into(),
        };
        assert_eq!(facts.parents("product.product"), [link]);
        assert_eq!(facts.children("product.template"), ["product.product"]);
        let changed = |field| {
            facts
                .changed_by("product.product", field)
                .collect::<Vec<_>>()
        };
        assert_eq!(changed("name"), ["product.template"]);
        assert_eq!(changed("tag_ids"), ["product.tag"]);
        assert!(changed("default_code").is_empty());
        let inherited: Vec<_> = facts
            .inherited("product.product", "product.template")
            .collect();
        assert_eq!(inherited, ["name"]);
        assert_eq!(
            facts.perhaps_changed_by("crm.lead", "phone"),
            ["res.partner"]
        );
        assert!(facts.is_written_by_method("crm.lead", "phone"));
        assert!(!facts.is_written_by_method("crm.lead", "name"));
        let definitions = facts.definitions_of("crm.lead", "lead_properties");
        assert_eq!(definitions, ["crm.team"]);
        assert!(facts.is_part("hr.version", "hr.employee"));
        assert!(!facts.is_part("product.template", "product.product"));
        assert_eq!(facts.model_names("mail.message"), ["model"]);
        assert_eq!(facts.about_messages().collect::<Vec<_>>(), ["sms.sms"]);
        let lines: Vec<_> = facts.deleted_with("sale.order").iter().collect();
        assert_eq!(
            (lines.len(), lines[0].model.as_str()),
            (1, "sale.order.line")
        );
        assert_eq!(lines[0].field, "order_id");
        assert!(facts.deleted_with("sale.order.line").is_empty());
        assert!(facts.uses_templates("mail.template.preview") && !facts.uses_templates("crm.lead"));
        assert_eq!(facts.shares("ir.actions.actions"), ["ir.actions.server"]);
    }
}
