//! The built-in tools. Each is a method of `mcp.tool` in the addon.

/// Defines [`BuiltinTool`] from one list of names and methods.
macro_rules! builtin_tools {
    ($($name:ident = $method:literal),* $(,)?) => {
        /// A built-in tool. A record of `mcp.tool` with another method is a tool of another addon.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum BuiltinTool {
            $($name),*
        }

        impl BuiltinTool {
            /// The tool with this method; `None` if it is not a built-in one.
            pub fn of(method: &str) -> Option<Self> {
                match method {
                    $($method => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The name of its method.
            pub fn method(self) -> &'static str {
                match self {
                    $(Self::$name => $method),*
                }
            }
        }
    };
}

builtin_tools! {
    Search = "_tool_search",
    Read = "_tool_read",
    Count = "_tool_count",
    Aggregate = "_tool_aggregate",
    Create = "_tool_create",
    Write = "_tool_write",
    Unlink = "_tool_unlink",
    DefaultGet = "_tool_default_get",
    MethodCall = "_tool_method_call",
    DescribeModel = "_tool_describe_model",
    ListModels = "_tool_list_models",
    ListModules = "_tool_list_modules",
    ListCompanies = "_tool_list_companies",
    ExplainAccess = "_tool_explain_access",
    ReadFile = "_tool_read_file",
    AttachFile = "_tool_attach_file",
    RenderReport = "_tool_render_report",
    ServerAction = "_tool_server_action",
}

/// Prefix of the methods of tools (`executor.py`).
pub const PREFIX: &str = "_tool_";

/// What a tool does to Odoo's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ToolEffect {
    Reads,
    /// Its arguments name all that it changes: records of a model, or the method that it calls.
    ChangesWhatItNames,
    /// It creates a record in addition to the one that it names.
    AddsBeside,
    /// It runs code that an administrator has written.
    RunsForeignCode,
}

impl BuiltinTool {
    /// Whether foreign code produces a tool's result: a server action, or a method of another addon. The core then
    /// checks the result against the tool's output schema.
    pub fn is_authored(tool: Option<Self>) -> bool {
        tool.is_none_or(|tool| tool.effect() == ToolEffect::RunsForeignCode)
    }

    /// Whether the tool's arguments name all its effects: an operation on records of a model, or a method of it. Such a
    /// call supports a dry run, and a confirmation that lists its effects.
    pub fn does_what_it_names(self) -> bool {
        self.effect() == ToolEffect::ChangesWhatItNames
    }

    /// The operation of Odoo's access rights that the tool performs on the records it names.
    pub fn operation(self) -> Option<&'static str> {
        match self {
            Self::Search | Self::Read | Self::Count | Self::Aggregate => Some("read"),
            Self::Create => Some("create"),
            Self::Write => Some("write"),
            Self::Unlink => Some("unlink"),
            Self::DefaultGet
            | Self::MethodCall
            | Self::DescribeModel
            | Self::ListModels
            | Self::ListModules
            | Self::ListCompanies
            | Self::ExplainAccess
            | Self::ReadFile
            | Self::AttachFile
            | Self::RenderReport
            | Self::ServerAction => None,
        }
    }

    fn effect(self) -> ToolEffect {
        match self {
            Self::Create | Self::Write | Self::Unlink | Self::MethodCall => {
                ToolEffect::ChangesWhatItNames
            }
            Self::AttachFile => ToolEffect::AddsBeside,
            Self::ServerAction => ToolEffect::RunsForeignCode,
            Self::Search
            | Self::Read
            | Self::Count
            | Self::Aggregate
            | Self::DefaultGet
            | Self::DescribeModel
            | Self::ListModels
            | Self::ListModules
            | Self::ListCompanies
            | Self::ExplainAccess
            | Self::ReadFile
            | Self::RenderReport => ToolEffect::Reads,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_a_tool_and_a_tool_is_its_method() {
        for method in ["_tool_search", "_tool_server_action"] {
            assert_eq!(
                BuiltinTool::of(method).map(BuiltinTool::method),
                Some(method)
            );
            assert!(method.starts_with(PREFIX));
        }
        assert_eq!(BuiltinTool::of("_tool_searches"), None);
        assert_eq!(BuiltinTool::of("search"), None);
    }

    #[test]
    fn answers_of_other_peoples_code_are_checked() {
        assert!(BuiltinTool::is_authored(BuiltinTool::of("_tool_mine")));
        assert!(BuiltinTool::is_authored(Some(BuiltinTool::ServerAction)));
        assert!(!BuiltinTool::is_authored(Some(BuiltinTool::Count)));
    }
}
