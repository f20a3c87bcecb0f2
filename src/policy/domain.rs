//! Adds the policy's record-level restrictions to a domain: for its model, and for every model on its paths. Fields and
//! models are checked earlier, while paths are resolved ([`crate::odoo::models::FieldVisibility`]).

use super::restrictions::Policy;
use super::verdict::{Layer, Refusal};
use crate::error::{Error, Result};
use crate::odoo::domain::{Domain, Operand, Operator, TermView};
use crate::odoo::field::Field;
use crate::odoo::models::Models;
use serde_json::{Value, json};

/// Add the restrictions to a domain whose paths are resolved, and return it in Odoo's format: with the terms of `model`
/// and of every model on its paths.
///
/// # Errors
/// Denied for a term whose result would reveal something out of reach.
pub fn guard(policy: &Policy, models: &Models, model: &str, domain: &Domain) -> Result<Value> {
    let guard = Guard { policy, models };
    let mut terms = guard.terms(model, domain)?;
    terms.extend(guard.own_terms(model)?);
    Ok(Value::Array(terms))
}

struct Guard<'a> {
    policy: &'a Policy<'a>,
    models: &'a Models<'a>,
}

impl Guard<'_> {
    /// The terms of every record of the model. If the caller may not see which records are archived, the search
    /// includes archived records.
    fn own_terms(&self, model: &str) -> Result<Vec<Value>> {
        let mut terms = self.policy.terms(model);
        for name in ["active", "x_active"] {
            if self.policy.model(model).hides(name).is_some()
                && self.models.model(model)?.fields.withheld(name).is_some()
            {
                terms.push(json!([name, "in", [true, false]]));
            }
        }
        Ok(terms)
    }

    fn terms(&self, model: &str, domain: &Domain) -> Result<Vec<Value>> {
        domain
            .parts()
            .map(|part| match part {
                TermView::Other(term) => Ok(term.to_json()),
                TermView::Leaf {
                    position,
                    path,
                    operator,
                    operand,
                } => {
                    let leaf = BareLeaf {
                        position,
                        operator,
                        operand,
                    };
                    self.leaf(model, path, &leaf)
                }
            })
            .collect()
    }

    fn leaf(&self, model: &str, path: &str, leaf: &BareLeaf) -> Result<Value> {
        let (first, rest) = match path.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let described = self.models.model_with(model, &[first])?;
        let Some(field) = described.fields.get(first) else {
            // The path was resolved before; an administrator has changed the policy or the model meanwhile.
            return Err(Error::denied(format!(
                "{}: the field {first:?} is no longer available. Call describe_model \
             again.",
                leaf.position
            )));
        };
        let relation = field.relation.as_deref();
        match (rest, relation) {
            (Some(rest), Some(relation)) => {
                let inner = self.leaf(relation, rest, leaf)?;
                let terms = self.policy.terms(relation);
                if terms.is_empty() {
                    let inner_path = inner[0].as_str().unwrap_or(rest);
                    return Ok(json!([format!("{first}.{inner_path}"), inner[1], inner[2]]));
                }
                self.needs_any(relation, leaf)?;
                let mut inside = terms;
                inside.push(inner);
                Ok(json!([first, "any", inside]))
            }
            (Some(rest), None) => Ok(json!([
                format!("{first}.{rest}"),
                leaf.operator.as_str(),
                leaf.value()
            ])),
            (None, _) => self.last(model, field, leaf),
        }
    }

    /// Check the compared field, the last one of the path.
    fn last(&self, model: &str, field: &Field, leaf: &BareLeaf) -> Result<Value> {
        let name = &field.name;
        let plain = || json!([name, leaf.operator.as_str(), leaf.value()]);
        let hierarchical = matches!(leaf.operator, Operator::ChildOf | Operator::ParentOf);
        let Some(relation) = field.relation.as_deref() else {
            if hierarchical {
                self.hierarchy(model, leaf)?;
            }
            // `child_of` and `parent_of` accept the name of a record.
            let named = name == "display_name" || (hierarchical && has_text(&leaf.value()));
            if named && !self.policy.hidden(model)?.are_names_searchable() {
                return Err(self.by_name(model, leaf));
            }
            return Ok(plain());
        };
        let terms = self.policy.terms(relation);
        match leaf.operand {
            Operand::Domain(domain) => {
                self.policy.walk_to(relation, leaf.position)?;
                let mut inside = terms;
                if !inside.is_empty() {
                    self.needs_any(relation, leaf)?;
                }
                inside.extend(self.terms(relation, domain)?);
                Ok(json!([name, leaf.operator.as_str(), inside]))
            }
            Operand::Value(value) => {
                let names_records = leaf.operator.as_str().contains("like") || has_text(value);
                if hierarchical {
                    self.policy.walk_to(relation, leaf.position)?;
                    self.hierarchy(relation, leaf)?;
                }
                if names_records {
                    self.policy.walk_to(relation, leaf.position)?;
                    if !self.policy.are_names_searchable(relation)? {
                        return Err(self.by_name(relation, leaf));
                    }
                }
                if field.ttype.is_x2many() && !terms.is_empty() && !hierarchical {
                    return self.x2many(relation, name, value, leaf, terms);
                }
                Ok(plain())
            }
        }
    }

    /// A term on an x2many field with records out of reach: the caller sees the list without them.
    fn x2many(
        &self,
        relation: &str,
        name: &str,
        value: &Value,
        leaf: &BareLeaf,
        mut terms: Vec<Value>,
    ) -> Result<Value> {
        self.needs_any(relation, leaf)?;
        let negative = matches!(leaf.operator, Operator::NotEqual | Operator::NotIn);
        let (ids, unset): (Vec<&Value>, Vec<&Value>) = match value {
            Value::Array(items) => items.iter().partition(|item| item.is_number()),
            one => [one].into_iter().partition(|item| item.is_number()),
        };
        let operator = |any: bool| if any { "any" } else { "not any" };
        let empty = unset.iter().all(|item| **item == json!(false));
        match (leaf.operator, ids.is_empty(), unset.is_empty()) {
            (
                Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn,
                false,
                true,
            ) => {
                terms.push(json!(["id", "in", ids]));
                Ok(json!([name, operator(!negative), terms]))
            }
            (
                Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn,
                true,
                false,
            ) if empty => Ok(json!([name, operator(negative), terms])),
            _ => Err(Refusal::new(
                Layer::RecordDomain,
                format!(
                    "the policy hides records of {relation}, and this term cannot exclude them. Write \
                     [{name:?}, \"any\", [terms on {relation}]]."
                ),
            )
            .at(leaf.position)),
        }
    }

    fn needs_any(&self, relation: &str, leaf: &BareLeaf) -> Result<()> {
        if self.policy.has_any() {
            return Ok(());
        }
        Err(Refusal::new(
            Layer::RecordDomain,
            format!(
                "some records of {relation} are out of reach, and before Odoo 17 a path cannot leave them out. Search \
                 {relation} first, then use the ids that you found."
            ),
        )
        .at(leaf.position))
    }

    /// Refuse a hierarchy search where the parents of records are hidden.
    fn hierarchy(&self, model: &str, leaf: &BareLeaf) -> Result<()> {
        // Most models use this field for their hierarchy; that of the others is unknown.
        let parent_is_shown = !self.policy.hides_fields(model)?
            || self.models.model(model)?.fields.get("parent_id").is_some();
        if !parent_is_shown || !self.policy.terms(model).is_empty() {
            return Err(Refusal::new(
                Layer::HiddenField,
                format!(
                    "some of {model} is hidden from this caller, so its hierarchy cannot be searched. Use `parent_id`."
                ),
            )
            .at(leaf.position));
        }
        Ok(())
    }

    fn by_name(&self, model: &str, leaf: &BareLeaf) -> Error {
        Refusal::new(
            Layer::HiddenField,
            format!(
                "the policy hides data of {model} that a search by name could reveal. Compare a stored field that you \
                 can see, or use ids."
            ),
        )
        .at(leaf.position)
    }
}

/// A leaf without its path.
struct BareLeaf<'a> {
    position: &'a str,
    operator: Operator,
    operand: &'a Operand,
}

impl BareLeaf<'_> {
    fn value(&self) -> Value {
        match self.operand {
            Operand::Value(value) => value.clone(),
            Operand::Domain(domain) => domain.to_json(),
        }
    }
}

fn has_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().any(Value::is_string),
        _ => false,
    }
}
