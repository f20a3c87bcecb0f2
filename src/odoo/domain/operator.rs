//! The operators of a domain's leaves.

use crate::error::{Error, Result};
use crate::text::json::clip;
use crate::text::suggest::nearest;

macro_rules! operators {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// An operator that Odoo 19 accepts from clients.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operator {
            $($name),+
        }

        impl Operator {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Odoo's text of the operator.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text),+
                }
            }
        }
    };
}

operators! {
    Equal = "=",
    NotEqual = "!=",
    Less = "<",
    Greater = ">",
    LessOrEqual = "<=",
    GreaterOrEqual = ">=",
    EqualIfSet = "=?",
    Like = "like",
    Ilike = "ilike",
    EqualLike = "=like",
    EqualIlike = "=ilike",
    NotLike = "not like",
    NotIlike = "not ilike",
    NotEqualLike = "not =like",
    NotEqualIlike = "not =ilike",
    In = "in",
    NotIn = "not in",
    ChildOf = "child_of",
    ParentOf = "parent_of",
    Any = "any",
    NotAny = "not any",
}

/// Operators of other languages, each with the likely operator of Odoo.
const ELSEWHERE: [(&str, Operator); 32] = [
    ("==", Operator::Equal),
    ("===", Operator::Equal),
    ("eq", Operator::Equal),
    ("equals", Operator::Equal),
    ("equal", Operator::Equal),
    ("is", Operator::Equal),
    ("!==", Operator::NotEqual),
    ("ne", Operator::NotEqual),
    ("neq", Operator::NotEqual),
    ("not equals", Operator::NotEqual),
    ("is not", Operator::NotEqual),
    ("lt", Operator::Less),
    ("gt", Operator::Greater),
    ("lte", Operator::LessOrEqual),
    ("le", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("≤", Operator::LessOrEqual),
    ("gte", Operator::GreaterOrEqual),
    ("ge", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("≥", Operator::GreaterOrEqual),
    ("≠", Operator::NotEqual),
    ("contains", Operator::Ilike),
    ("contain", Operator::Ilike),
    ("includes", Operator::Ilike),
    ("has", Operator::Ilike),
    ("matches", Operator::Ilike),
    ("icontains", Operator::Ilike),
    ("startswith", Operator::EqualIlike),
    ("endswith", Operator::EqualIlike),
    ("nin", Operator::NotIn),
    ("!in", Operator::NotIn),
];

impl Operator {
    /// Parse an operator. `<>` becomes `!=`, as in Odoo. Any other text that is not exactly an operator of Odoo 19 is
    /// refused, and the error names the likely one.
    pub fn read(text: &str, position: &str) -> Result<Self> {
        if text == "<>" {
            return Ok(Self::NotEqual);
        }
        if let Some(operator) = Self::named(text) {
            return Ok(operator);
        }
        let plain = text
            .replace('_', " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase();
        let meant = Self::named(&plain)
            .or_else(|| Self::named(&plain.replace(' ', "_")))
            .or_else(|| {
                let known = ELSEWHERE.iter().find(|(name, _)| *name == plain);
                known.map(|(_, operator)| *operator)
            })
            .or_else(|| {
                let all = Self::ALL.iter().map(|operator| operator.as_str());
                Self::named(nearest(&plain, all, 1).first()?)
            });
        let advice = match meant {
            Some(operator) => format!("Use `{}`.", operator.as_str()),
            None => {
                let all: Vec<&str> = Self::ALL.iter().map(|o| o.as_str()).collect();
                format!("Odoo has: {}.", all.join("  "))
            }
        };
        Err(Error::bad_arguments(format!(
            "{position}: unknown operator `{}`. {advice}",
            clip(text, 40)
        )))
    }

    fn named(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|operator| operator.as_str() == text)
    }

    /// The first Odoo release with this operator.
    pub fn since(self) -> u16 {
        match self {
            Self::Any | Self::NotAny => 17,
            Self::NotEqualLike | Self::NotEqualIlike => 19,
            _ => 16,
        }
    }

    /// Whether its value is a domain.
    pub fn takes_domain(self) -> bool {
        matches!(self, Self::Any | Self::NotAny)
    }
}
