//! Python literals, which AI models copy from Odoo's own code in place of JSON.

use serde_json::{Number, Value, json};

use super::MOST_DEPTH;
use crate::text::json::{BadJson, clip};

/// Parse a Python list or tuple of lists, tuples, texts, numbers, True, False and None. Refuses the rest of Python and
/// everything ambiguous: names, calls, dicts, joined or prefixed texts, parentheses around a single value.
///
/// `variables` are names and expressions, such as `user.id`. One that stands in the text becomes `{"var": name}`, which
/// no literal can be.
pub fn parse_with(text: &str, variables: &[&str]) -> Result<Value, BadJson> {
    let mut reader = Reader {
        text,
        offset: 0,
        variables,
    };
    reader.skip_blanks();
    let value = reader.value(0)?;
    reader.skip_blanks();
    if reader.rest().is_empty() {
        Ok(value)
    } else {
        Err(reader.stop("nothing may follow after the value"))
    }
}

struct Reader<'a> {
    text: &'a str,
    offset: usize,
    variables: &'a [&'a str],
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, letter: char) {
        self.offset += letter.len_utf8();
    }

    fn skip_blanks(&mut self) {
        while let Some(letter @ (' ' | '\t' | '\n' | '\r')) = self.peek() {
            self.skip(letter);
        }
    }

    fn stop(&self, reason: &str) -> BadJson {
        let before = self.text.get(..self.offset).unwrap_or("");
        let rest = self.rest();
        let found = if rest.is_empty() {
            "at its end".to_owned()
        } else {
            format!(
                "at character {}, at `{}`",
                before.chars().count() + 1,
                clip(rest, 20)
            )
        };
        BadJson {
            offset: self.offset,
            message: format!("It is neither JSON nor a plain Python literal {found}: {reason}."),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, BadJson> {
        if depth > MOST_DEPTH {
            return Err(self.stop("it is nested too deeply"));
        }
        match self.peek() {
            Some('[') => self.sequence(']', depth),
            Some('(') => self.sequence(')', depth),
            Some(quote @ ('\'' | '"')) => self.string(quote).map(Value::String),
            Some('0'..='9' | '-' | '+' | '.') => self.number(),
            Some(letter) if letter.is_alphabetic() || letter == '_' => self.word(),
            Some('{') => Err(self.stop("a domain has no dicts; a term is a list of three items")),
            _ => Err(self.stop("a list, text, number, True, False or None is expected here")),
        }
    }

    fn sequence(&mut self, close: char, depth: usize) -> Result<Value, BadJson> {
        self.offset += 1;
        let mut items = Vec::new();
        let mut comma = false;
        loop {
            self.skip_blanks();
            if self.peek() == Some(close) {
                if close == ')' && items.len() == 1 && !comma {
                    return Err(self.stop(
                        "parentheses around a single value are no tuple in Python; write a list",
                    ));
                }
                self.offset += 1;
                return Ok(Value::Array(items));
            }
            if !items.is_empty() && !comma {
                return Err(self.stop("a comma or a closing bracket is expected here"));
            }
            items.push(self.value(depth + 1)?);
            self.skip_blanks();
            comma = self.peek() == Some(',');
            if comma {
                self.offset += 1;
            }
        }
    }

    fn string(&mut self, quote: char) -> Result<String, BadJson> {
        self.offset += 1;
        let mut text = String::new();
        loop {
            match self.peek() {
                Some(letter) if letter == quote => {
                    self.offset += 1;
                    return Ok(text);
                }
                Some('\\') => text.push(self.escape()?),
                Some(letter) if !matches!(letter, '\n' | '\r' | '\0') => {
                    text.push(letter);
                    self.skip(letter);
                }
                _ => return Err(self.stop("the text is not closed")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, BadJson> {
        let rest = self.rest();
        let (length, letter) = match rest.chars().nth(1) {
            Some(letter @ ('\\' | '\'' | '"')) => (2, Some(letter)),
            Some('n') => (2, Some('\n')),
            Some('r') => (2, Some('\r')),
            Some('t') => (2, Some('\t')),
            Some('x') => (4, code_point(rest.get(2..4))),
            Some('u') => (6, code_point(rest.get(2..6))),
            _ => (0, None),
        };
        let letter = letter
            .filter(|letter| *letter != '\0')
            .ok_or_else(|| self.stop("this escape is not taken"))?;
        self.offset += length;
        Ok(letter)
    }

    fn number(&mut self) -> Result<Value, BadJson> {
        let rest = self.rest();
        let end = rest
            .find(|letter: char| {
                !(letter.is_alphanumeric() || matches!(letter, '+' | '-' | '.' | '_'))
            })
            .unwrap_or(rest.len());
        // Only the number formats of Python that JSON has, too.
        let number: Number = rest
            .get(..end)
            .and_then(|digits| serde_json::from_str(digits).ok())
            .ok_or_else(|| self.stop("this number is not written as 12, -12 or 1.5"))?;
        self.offset += end;
        Ok(Value::Number(number))
    }

    /// The value of the variable that stands here, which may be an expression such as `context_today()`.
    fn variable(&mut self) -> Option<Value> {
        let rest = self.rest();
        let stands_here = |name: &str| {
            let goes_on =
                |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '(');
            let after = rest.strip_prefix(name);
            after.is_some_and(|after| !after.starts_with(goes_on))
        };
        let name = *self.variables.iter().find(|name| stands_here(name))?;
        self.offset += name.len();
        Some(json!({"var": name}))
    }

    fn word(&mut self) -> Result<Value, BadJson> {
        if let Some(value) = self.variable() {
            return Ok(value);
        }
        let rest = self.rest();
        let end = rest
            .find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .unwrap_or(rest.len());
        let value = match rest.get(..end) {
            Some("True") => Value::Bool(true),
            Some("False") => Value::Bool(false),
            Some("None") => Value::Null,
            Some("true" | "false" | "null") => {
                return Err(self.stop(
                    "true, false and null are JSON, with texts in double quotes; Python writes True, False and None",
                ));
            }
            _ if self.variables.is_empty() => {
                return Err(
                    self.stop("names and expressions are not evaluated; write the value itself")
                );
            }
            _ => {
                return Err(self.stop(&format!(
                    "expressions are not evaluated, but for {}; write the value itself",
                    self.variables.join(", ")
                )));
            }
        };
        self.offset += end;
        Ok(value)
    }
}

fn code_point(hexadecimal: Option<&str>) -> Option<char> {
    let digits = hexadecimal?;
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok()?;
    char::from_u32(code).filter(|_| all_digits)
}
