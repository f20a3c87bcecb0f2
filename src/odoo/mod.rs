//! Facts about this Odoo: settings, users, models and fields, and how its values look.

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
