//! Search domains, parsed and validated before Odoo sees them. A malformed filter never becomes an empty filter.

use serde_json::{Value, json};

use crate::error::Result;

mod operator;
mod python;
mod read;
pub mod record_domain;
pub mod relative_date;
#[cfg(test)]
mod tests;
pub mod type_check;
mod value;

pub use operator::Operator;
pub use read::{literal, parse, parse_for};

/// Maximum nesting depth of `any`s, and of groups of alternating `&`, `|` and `!`.
pub const MOST_DEPTH: usize = 32;
/// Maximum number of leaves in a domain.
pub const MOST_LEAVES: usize = 1_000;
/// Maximum number of items in a list of values or of terms.
pub const MOST_ITEMS: usize = 10_000;

/// A well-formed search domain: prefix operators have their terms, leaves their operator and a fitting value. Its
/// fields may not exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    terms: Vec<Term>,
}

/// A prefix operator, a constant or a leaf.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    And,
    Or,
    Not,
    /// `[1, "=", 1]` and `[0, "=", 1]`.
    Constant(bool),
    Leaf(Leaf),
}

/// A field, an operator and an operand.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    position: String,
    path: String,
    operator: Operator,
    operand: Operand,
}

/// The operand of a leaf.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Value(Value),
    /// The operand of `any` and `not any`.
    Domain(Domain),
}

/// One leaf of a domain, as seen from its outermost model.
#[derive(Debug, Clone, PartialEq)]
pub struct LeafView<'a> {
    /// The position: `domain[2]`, or `domain[2][2][0]` within an `any`.
    pub position: &'a str,
    /// The dotted field path from the outermost model, through the fields of the `any`s around it.
    pub path: String,
    pub operator: Operator,
    /// None for `any` and `not any`, whose own leaves follow this one.
    pub value: Option<&'a Value>,
}

/// Where a value of a domain is, for the callback of [`Domain::map_values`].
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
    /// Whether the domain has no terms, and so selects every record.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// All leaves in written order, an `any` before the leaves inside. Constants are not leaves.
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

    /// Pass every value, and every item of a list, to `rewrite`, which may change it. Stops at the first error.
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

    /// The domain in Odoo's format.
    pub fn to_json(&self) -> Value {
        self.terms.iter().map(Term::to_json).collect()
    }
}

/// One term of a domain as written.
#[derive(Debug, Clone, Copy)]
pub enum TermView<'a> {
    /// `&`, `|`, `!` or a constant, in Odoo's format.
    Other(&'a Term),
    Leaf {
        position: &'a str,
        path: &'a str,
        operator: Operator,
        operand: &'a Operand,
    },
}

impl Domain {
    /// All terms in order; terms within an `any` belong to its operand.
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

    /// The term in Odoo's format.
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
