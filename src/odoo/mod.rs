//! Facts about this Odoo database: settings, users, models, fields, and formats of values.

pub mod builtin_tool;
pub mod catalogue_version;
pub mod domain;
pub mod field;
pub mod html;
pub mod model_facts;
pub mod models;
pub mod secret_name;
pub mod selection;
pub mod settings;
pub mod user;
pub mod user_context;
pub mod values;
pub mod view_buttons;
