//! Models and fields, as Odoo describes them in `ir.model` and `ir.model.fields`.

use super::field::{Field, FieldType, Fields};
use super::user::{User, readable_models};
use crate::error::{Error, Result};
use crate::pg::{Database, Param, read_json};
use crate::text::json::clip;
use crate::text::suggest::did_you_mean_labelled;
use serde::Deserialize;
use serde_json::json;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

const MODEL: &str = sql!("odoo/model");
const SELECTION_VALUES: &str = sql!("odoo/selection_values");
const MODEL_FIELDS: &str = sql!("odoo/model_fields");

/// A model and its fields.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its label in the user's language.
    pub label: String,
    /// Odoo's default order of its records (`_order`).
    pub order: String,
    pub fields: Arc<Fields>,
}

#[derive(Deserialize)]
struct ModelRow {
    model: String,
    name: String,
    #[serde(default)]
    order: String,
    fields: Vec<Field>,
}

/// Visibility of models and fields for a caller. A higher layer of the code implements it.
pub trait FieldVisibility {
    /// The withheld fields among these of `model`, each with the reason.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    fn withheld(&self, model: &str, fields: &[Field]) -> Result<HashMap<String, String>>;

    /// Whether the caller may see the name of the model.
    fn shows(&self, model: &str) -> bool;

    /// Check that a path may go through records of `model`. `at`: the position of the path.
    ///
    /// # Errors
    /// Denied.
    fn walk(&self, model: &str, at: &str) -> Result<()>;

    /// Check that the caller may search records of `model` by a field.
    ///
    /// # Errors
    /// Denied.
    fn searchable(&self, model: &str, field: &Field, at: &str) -> Result<()>;
}

/// Lookups of one call, with a cache. A model is read as a whole only if all its fields are needed, or if a name is
/// unknown and the error must suggest the nearest ones.
pub struct Models<'a> {
    db: &'a dyn Database,
    user: &'a User,
    sight: &'a dyn FieldVisibility,
    whole: RefCell<HashMap<String, Rc<Model>>>,
    partial: RefCell<HashMap<String, Rc<Model>>>,
}

impl<'a> Models<'a> {
    pub fn new(db: &'a dyn Database, user: &'a User, sight: &'a dyn FieldVisibility) -> Self {
        Self {
            db,
            user,
            sight,
            whole: RefCell::default(),
            partial: RefCell::default(),
        }
    }

    /// A model and all its fields.
    ///
    /// # Errors
    /// Bad arguments for an unknown model, with the nearest names of models that this user may read.
    pub fn model(&self, name: &str) -> Result<Rc<Model>> {
        if let Some(model) = self.whole.borrow().get(name) {
            return Ok(Rc::clone(model));
        }
        let params = [Param::from(name), self.user.language().into()];
        let model = self.read(name, MODEL, &params)?;
        let kept = Rc::clone(&model);
        self.whole.borrow_mut().insert(name.to_owned(), kept);
        Ok(model)
    }

    /// A model with at least these fields; with all fields if one of the names is unknown.
    ///
    /// # Errors
    /// As [`Self::model`].
    pub fn model_with(&self, name: &str, fields: &[&str]) -> Result<Rc<Model>> {
        let has_all = |model: &Model| fields.iter().all(|field| model.fields.has(field));
        if self.whole.borrow().contains_key(name) {
            return self.model(name);
        }
        if let Some(model) = self.partial.borrow().get(name)
            && has_all(model)
        {
            return Ok(Rc::clone(model));
        }
        // Fields read before are read again: the cached model must keep them.
        let before = self.partial.borrow().get(name).map(Rc::clone);
        let before: Vec<&str> = before
            .iter()
            .flat_map(|model| model.fields.every_name())
            .collect();
        let names = json!([before.as_slice(), fields].concat());
        let params = [
            Param::from(name),
            self.user.language().into(),
            (&names).into(),
        ];
        let model = self.read(name, MODEL_FIELDS, &params)?;
        if !has_all(&model) {
            return self.model(name);
        }
        let kept = Rc::clone(&model);
        self.partial.borrow_mut().insert(name.to_owned(), kept);
        Ok(model)
    }

    fn read(&self, name: &str, sql: &'static str, params: &[Param]) -> Result<Rc<Model>> {
        let Some(text) = self.db.read(sql, params)? else {
            let readable = readable_models(self.db, self.user)?;
            let names = readable
                .iter()
                .map(|(model, label)| (model.as_str(), label.as_str()))
                .filter(|(model, _)| self.sight.shows(model));
            return Err(Error::bad_arguments(format!(
                "model: there is no model {:?} in this database.{} The tool list_models finds models by words.",
                clip(name, 64),
                did_you_mean_labelled(name, names)
            )));
        };
        let row: ModelRow = serde_json::from_str(&text)
            .map_err(|error| Error::Internal(format!("model row: {error}")))?;
        let withheld = self.sight.withheld(name, &row.fields)?;
        Ok(Rc::new(Model {
            label: row.name,
            order: row.order,
            fields: Arc::new(Fields::seen(row.model, row.fields, withheld)),
        }))
    }

    /// Only the fields of a model, for reading values.
    ///
    /// # Errors
    /// As [`Self::model`].
    pub fn fields(&self, name: &str) -> Result<Arc<Fields>> {
        self.model(name).map(|model| Arc::clone(&model.fields))
    }

    /// The field at the end of a dotted path from `model`.
    ///
    /// # Errors
    /// Bad arguments that name `at`, the invalid step of the path, and the nearest field names.
    pub fn resolve(&self, model: &str, path: &str, at: &str) -> Result<Field> {
        self.resolve_owned(model, path, at).map(|(_, field)| field)
    }

    /// [`Self::resolve`], with the model that has the field.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub fn resolve_owned(&self, model: &str, path: &str, at: &str) -> Result<(String, Field)> {
        let mut current = model.to_owned();
        let mut steps = path.split('.').peekable();
        while let Some(step) = steps.next() {
            let current_model = self.model_with(&current, &[step])?;
            let field = known(&current_model.fields, step, at)?.clone();
            // Odoo before 19 treats a term on such a field as true: the filter would have no effect.
            if !field.searchable {
                let all = self.model(&current)?;
                let able = all.fields.all().iter().filter(|other| other.searchable);
                let able = able.map(|other| {
                    (
                        other.name.as_str(),
                        other.label.as_deref().unwrap_or_default(),
                    )
                });
                return Err(Error::bad_arguments(format!(
                    "{at}: {step:?} on {current} is computed and not stored, so records cannot be found or ordered by it.{}",
                    did_you_mean_labelled(step, able)
                )));
            }
            self.sight.searchable(&current, &field, at)?;
            if steps.peek().is_none() {
                return Ok((current, field));
            }
            match &field.relation {
                Some(relation) => {
                    self.sight.walk(relation, at)?;
                    current = relation.clone();
                }
                // A property of the record, or a part of a date such as `create_date.month_number` (Odoo 18 and later).
                // Odoo checks the rest.
                None if matches!(
                    field.ttype,
                    FieldType::Properties | FieldType::Date | FieldType::Datetime
                ) =>
                {
                    let part = Field {
                        ttype: FieldType::Other,
                        ..field
                    };
                    return Ok((current, part));
                }
                None => {
                    return Err(Error::bad_arguments(format!(
                        "{at}: {step:?} on {} is no relation, so {path:?} cannot go on after it.",
                        current
                    )));
                }
            }
        }
        Err(Error::bad_arguments(format!("{at}: empty field name.")))
    }

    /// The values of a selection field with their labels; empty if Odoo does not store them.
    ///
    /// # Errors
    /// Errors from PostgreSQL.
    pub fn choices(&self, model: &str, field: &str) -> Result<Vec<(String, String)>> {
        let params = [model.into(), field.into(), self.user.language().into()];
        read_json(self.db, SELECTION_VALUES, &params)
    }
}

/// The field `name` of `model`, or an error with the nearest names or with the reason why it is hidden.
pub fn known<'m>(fields: &'m Fields, name: &str, at: &str) -> Result<&'m Field> {
    fields.get(name).ok_or_else(|| {
        if let Some(error) = withheld(fields, name, at) {
            return error;
        }
        Error::bad_arguments(format!(
            "{at}: {} has no field {:?}.{} The tool describe_model lists its fields.",
            fields.model(),
            clip(name, 64),
            did_you_mean_labelled(name, fields.labelled())
        ))
    })
}

/// The error for a field that exists and is withheld, or `None`.
pub fn withheld(fields: &Fields, name: &str, at: &str) -> Option<Error> {
    let reason = fields.withheld(name)?;
    Some(Error::denied(format!(
        "{at}: the field {name:?} of {} is hidden from this caller. {reason}",
        fields.model()
    )))
}
