//! An MCP server for Odoo inside Odoo's own database: the SQL surface.

pub mod error;
