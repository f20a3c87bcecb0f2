//! Search domains, parsed and validated before Odoo sees them. A malformed filter never becomes an empty filter.

use serde_json::{Value, json};

use crate::error::Result;

mod operator;
mod python;
mod read;
#[cfg(test)]
mod tests;
pub mod type_check;
mod value;

pub use operator::Operator;
pub use read::{literal, parse};

/// How deep `any`s, and groups of alternating `&`, `|` and `!`, may be nested.
pub const MOST_DEPTH: usize = 32;
/// Leaves in a whole domain.
pub const MOST_LEAVES: usize = 1_000;
/// Items of one list of values, and of one list of terms.
pub const MOST_ITEMS: usize = 10_000;

/// A search domain whose form is right: prefix operators have their terms, leaves their operator and a fitting value.
/// Whether its fields exist is not known yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    terms: Vec<Term>,
}

/// An operator before its terms, a constant or a leaf.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    And,
    Or,
    Not,
    /// `[1, "=", 1]` and `[0, "=", 1]`.
    Constant(bool),
    Leaf(Leaf),
}

/// A field, an operator and what it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    position: String,
    path: String,
    operator: Operator,
    operand: Operand,
}

/// What a leaf's field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Value(Value),
    /// Of `any` and `not any`.
    Domain(Domain),
}

/// One leaf of a domain, seen from its outermost model.
#[derive(Debug, Clone, PartialEq)]
pub struct LeafView<'a> {
    /// Where it stands: `domain[2]`, or `domain[2][2][0]` within an `any`.
    pub position: &'a str,
    /// The dotted field path from the outermost model, through the fields of the `any`s around it.
    pub path: String,
    pub operator: Operator,
    /// None for `any` and `not any`, whose own leaves follow this one.
    pub value: Option<&'a Value>,
}

/// Where a value stands that [`Domain::map_values`] gives to be rewritten.
#[derive(Debug, Clone, Copy)]
pub struct ValuePlace<'a> {
    leaf: &'a str,
    item: Option<usize>,
    /// The dotted field path from the outermost model.
    pub path: &'a str,
    pub operator: Operator,
}

impl ValuePlace<'_> {
    /// The position for messages: `domain[0][2]`, or `domain[0][2][5]` for an item of a list.
    pub fn position(&self) -> String {
        match self.item {
            Some(item) => format!("{}[2][{item}]", self.leaf),
            None => format!("{}[2]", self.leaf),
        }
    }
}

impl Domain {
    /// Whether it has no term at all, and so selects every record.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// All leaves in the order they were written, an `any` before the leaves in it. Constants are not leaves.
    pub fn leaves(&self) -> impl Iterator<Item = LeafView<'_>> {
        let mut views = Vec::new();
        self.collect("", &mut views);
        views.into_iter()
    }

    fn collect<'a>(&'a self, prefix: &str, views: &mut Vec<LeafView<'a>>) {
        for leaf in self.terms.iter().filter_map(Term::leaf) {
            let path = format!("{prefix}{}", leaf.path);
            let (value, nested) = match &leaf.operand {
                Operand::Value(value) => (Some(value), None),
                Operand::Domain(domain) => (None, Some((format!("{path}."), domain))),
            };
            views.push(LeafView {
                position: &leaf.position,
                path,
                operator: leaf.operator,
                value,
            });
            if let Some((prefix, domain)) = nested {
                domain.collect(&prefix, views);
            }
        }
    }

    /// Gives every value, and every item of a list, to `rewrite`, which may change it. Stops at its first error.
    pub fn map_values(
        &mut self,
        mut rewrite: impl FnMut(ValuePlace<'_>, &mut Value) -> Result<()>,
    ) -> Result<()> {
        self.rewrite("", &mut rewrite)
    }

    fn rewrite(
        &mut self,
        prefix: &str,
        rewrite: &mut dyn FnMut(ValuePlace<'_>, &mut Value) -> Result<()>,
    ) -> Result<()> {
        for leaf in self.terms.iter_mut().filter_map(Term::leaf_mut) {
            let path = format!("{prefix}{}", leaf.path);
            let mut place = ValuePlace {
                leaf: &leaf.position,
                item: None,
                path: &path,
                operator: leaf.operator,
            };
            match &mut leaf.operand {
                Operand::Domain(domain) => domain.rewrite(&format!("{path}."), rewrite)?,
                Operand::Value(Value::Array(items)) => {
                    for (index, item) in items.iter_mut().enumerate() {
                        place.item = Some(index);
                        rewrite(place, item)?;
                    }
                }
                Operand::Value(value) => rewrite(place, value)?,
            }
        }
        Ok(())
    }

    /// The list that Odoo takes.
    pub fn to_json(&self) -> Value {
        self.terms.iter().map(Term::to_json).collect()
    }
}

/// One term of a domain as it is written.
#[derive(Debug, Clone, Copy)]
pub enum TermView<'a> {
    /// `&`, `|`, `!` or a constant, as Odoo takes it.
    Other(&'a Term),
    Leaf {
        position: &'a str,
        path: &'a str,
        operator: Operator,
        operand: &'a Operand,
    },
}

impl Domain {
    /// All terms in their order; those within an `any` are its operand's.
    pub fn parts(&self) -> impl Iterator<Item = TermView<'_>> {
        self.terms.iter().map(|term| match term {
            Term::Leaf(leaf) => TermView::Leaf {
                position: &leaf.position,
                path: &leaf.path,
                operator: leaf.operator,
                operand: &leaf.operand,
            },
            other => TermView::Other(other),
        })
    }
}

impl Term {
    fn leaf(&self) -> Option<&Leaf> {
        match self {
            Self::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    fn leaf_mut(&mut self) -> Option<&mut Leaf> {
        match self {
            Self::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// As Odoo takes it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::And => json!("&"),
            Self::Or => json!("|"),
            Self::Not => json!("!"),
            Self::Constant(truth) => json!([i32::from(*truth), "=", 1]),
            Self::Leaf(leaf) => {
                let operand = match &leaf.operand {
                    Operand::Value(value) => value.clone(),
                    Operand::Domain(domain) => domain.to_json(),
                };
                json!([leaf.path, leaf.operator.as_str(), operand])
            }
        }
    }
}
