//! The effects of a deletion on other records. Odoo or PostgreSQL also delete dependent records, such as the lines of
//! an order. Other records lose a relation to the deleted one. The policy refuses a deletion if the caller may not
//! delete one of the dependent records, or not change one of the others.

use super::chatter;
use super::closed;
use super::inheritance::MANAGED;
use super::restrictions::Policy;
use super::verdict::{Layer, Operation};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Models of per-user view settings, and of records that belong to messages.
const AUXILIARY: [&str; 4] = [
    "res.users.settings.embedded.action",
    "project.task.stage.personal",
    "discuss.voice.metadata",
    "sms.tracker",
];

/// The records of a model that the caller may delete or change.
#[derive(Debug, PartialEq)]
enum Reach {
    /// Odoo attaches these records to others, and no restriction names the model. Records deleted with them hold
    /// nobody's data, either.
    Beside,
    All,
    Within(Vec<Value>),
    No(Layer),
}

/// A relation along which a deletion cascades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge<'f> {
    parent: &'f str,
    model: &'f str,
    field: &'f str,
}

/// Odoo's checks for a deletion of records of a model. Each list is empty where nothing in it is restricted.
#[derive(Debug, Default)]
pub(super) struct Deletion {
    /// Relations to records deleted along: `parent`, `model`, `field`, `domain` (null: none may be deleted, and `layer`
    /// names the refusing layer). With `clears` true the records stay and lose a value.
    pub children: Vec<Value>,
    /// Models of which no record may be deleted, directly or by a cascade.
    pub unchanged: Vec<Value>,
    /// Models of which the deletion may remove only the records that were checked.
    pub counted: Vec<String>,
}

impl Policy<'_> {
    /// The checks for a deletion of records of `model`; empty for callers without restrictions.
    pub(super) fn deletion(&self, model: &str) -> Deletion {
        if !self.restricts() {
            return Deletion::default();
        }
        let edges = self.edges_below(model);
        let cleared = self.cleared(model, &edges);
        let leads = |name: &str| {
            self.is_deletion_restricted(name) || cleared.iter().any(|edge| edge.parent == name)
        };
        let children = leading(&edges, &leads).into_iter();
        let children = children.map(|edge| child(edge, self.deletable(edge.model)));
        let clearing = cleared.iter().map(|edge| {
            let mut clearing = child(*edge, self.changeable(edge.model));
            clearing["clears"] = json!(true);
            clearing
        });
        let mut names: BTreeSet<&str> = self.named().chain(self.followers()).collect();
        names.extend(edges.iter().map(|edge| edge.model));
        names.insert(model);
        Deletion {
            children: children.chain(clearing).collect(),
            unchanged: self.undeletable(&names),
            counted: self.deletable_in_part(&names),
        }
    }

    fn deletable(&self, model: &str) -> Reach {
        self.reach(model, Operation::Unlink)
    }

    fn changeable(&self, model: &str) -> Reach {
        self.reach(model, Operation::Write)
    }

    fn reach(&self, model: &str, operation: Operation) -> Reach {
        let named = self.sources(model).next().is_some();
        if !named && self.is_beside(model) {
            return Reach::Beside;
        }
        let policy = self.model(model);
        match policy.refusal(operation) {
            Some(refusal) if refusal.layer == Layer::Closed && !named => return Reach::Beside,
            Some(refusal) if named || !self.goes_with_whole(model) => {
                return Reach::No(refusal.layer);
            }
            _ => {}
        }
        let terms = self.terms_to_change(model);
        if terms.is_empty() {
            Reach::All
        } else {
            Reach::Within(terms)
        }
    }

    /// Whether Odoo attaches records of the model to other records, or they belong to a message.
    fn is_beside(&self, model: &str) -> bool {
        beside().any(|name| name == model) || self.facts.is_about_message(model)
    }

    /// Whether records of the model are parts of records that the caller may delete. They may then be deleted, too.
    fn goes_with_whole(&self, model: &str) -> bool {
        let mut wholes = self.facts.wholes(model).iter().map(|link| &link.model);
        wholes.any(|whole| {
            let refused = self.model(whole).refusal(Operation::Unlink).is_some();
            self.sources(whole).next().is_some() && !refused
        })
    }

    fn is_deletion_restricted(&self, model: &str) -> bool {
        matches!(self.deletable(model), Reach::Within(_) | Reach::No(_))
    }

    /// The relations along which a deletion of records of a model cascades, directly or indirectly.
    fn edges_below<'p>(&'p self, model: &'p str) -> Vec<Edge<'p>> {
        let mut seen = BTreeSet::from([model]);
        let mut next = vec![model];
        let mut edges = Vec::new();
        while let Some(parent) = next.pop() {
            for link in self.facts.deleted_with(parent) {
                let (model, field) = (link.model.as_str(), link.field.as_str());
                let deletable = self.deletable(model);
                if deletable == Reach::Beside {
                    continue;
                }
                edges.push(Edge {
                    parent,
                    model,
                    field,
                });
                // A refused deletion does not cascade further.
                if !matches!(deletable, Reach::No(_)) && seen.insert(model) {
                    next.push(model);
                }
            }
        }
        edges
    }

    /// The relations in which records of restricted models lose a deleted record.
    fn cleared<'p>(&'p self, model: &'p str, edges: &[Edge<'p>]) -> Vec<Edge<'p>> {
        let mut parents: BTreeSet<&str> = edges.iter().map(|edge| edge.model).collect();
        parents.insert(model);
        let mut cleared = Vec::new();
        for parent in parents {
            for link in self.facts.cleared_with(parent) {
                let reach = self.changeable(&link.model);
                if matches!(reach, Reach::Within(_) | Reach::No(_)) {
                    cleared.push(Edge {
                        parent,
                        model: &link.model,
                        field: &link.field,
                    });
                }
            }
        }
        cleared
    }

    /// The models of `names` of which no record may be deleted. Where models without a restriction are closed, also an
    /// entry for all other models.
    fn undeletable(&self, names: &BTreeSet<&str>) -> Vec<Value> {
        let part = |name: &&str| match self.deletable(name) {
            Reach::No(layer) => {
                Some(json!({"model": name, "unchanged": [Operation::Unlink], "layer": layer}))
            }
            _ => None,
        };
        let mut parts: Vec<Value> = names.iter().filter_map(part).collect();
        let layer = match self.scope_all_models() {
            Some(false) => Layer::KeyScope,
            _ if self.switches.default_none => Layer::AccessRecord,
            _ => return parts,
        };
        let may = |name: &&str| !matches!(self.deletable(name), Reach::No(_));
        let mut others: BTreeSet<&str> = names.iter().copied().filter(may).collect();
        for name in beside().chain(closed::names()) {
            others.insert(name);
        }
        others.extend(self.facts.about_messages());
        let families: Vec<&str> = closed::families().collect();
        parts.push(json!({"others": others, "families": families, "unchanged": [Operation::Unlink], "layer": layer}));
        parts
    }

    fn deletable_in_part(&self, names: &BTreeSet<&str>) -> Vec<String> {
        let in_part = |name: &&str| matches!(self.deletable(name), Reach::Within(_));
        let names = names.iter().copied().filter(in_part);
        names.map(str::to_owned).collect()
    }
}

/// Models whose records Odoo attaches to others.
fn beside() -> impl Iterator<Item = &'static str> {
    chatter::kept_beside().chain(MANAGED).chain(AUXILIARY)
}

/// A relation in the format that Odoo checks.
fn child(edge: Edge, reach: Reach) -> Value {
    let Edge {
        parent,
        model,
        field,
    } = edge;
    let mut child = json!({"parent": parent, "model": model, "field": field, "domain": []});
    match reach {
        Reach::Within(terms) => child["domain"] = json!(terms),
        Reach::No(layer) => {
            child["domain"] = Value::Null;
            child["layer"] = json!(layer);
        }
        Reach::Beside | Reach::All => {}
    }
    child
}

/// The edges on a path to a restricted model.
fn leading<'f>(edges: &[Edge<'f>], is_restricted: &dyn Fn(&str) -> bool) -> Vec<Edge<'f>> {
    let restricted = |edge: &&Edge<'f>| is_restricted(edge.model);
    let mut leading: BTreeSet<&str> = edges
        .iter()
        .filter(restricted)
        .map(|edge| edge.model)
        .collect();
    loop {
        let found = leading.len();
        for edge in edges {
            if leading.contains(edge.model) && edges.iter().any(|above| above.model == edge.parent)
            {
                leading.insert(edge.parent);
            }
        }
        if leading.len() == found {
            break;
        }
    }
    let leads = |edge: &&Edge<'f>| leading.contains(edge.model);
    edges.iter().filter(leads).copied().collect()
}

#[cfg(test)]
#[path = "deletion_tests.rs"]
mod tests;
