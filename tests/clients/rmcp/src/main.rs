//! The conversation with the Rust SDK. The environment gives the server and the credential (MCP_URL, MCP_TOKEN,
//! MCP_ERA). Standard input gives the steps: [{"do": "tools/call", "name": …, "arguments": {…}}, …]. Standard output
//! gets one JSON line with the client's view.

use rmcp::model::{
    CallToolResult, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationCapability, Implementation, PaginatedRequestParams,
    ProtocolVersion,
};
use rmcp::service::{
    ClientLifecycleMode, ClientServiceExt, RequestContext, RoleClient, RunningService, ServiceError,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, ErrorData};
use serde_json::{Value, json};
use std::env::var;
use std::error::Error;

/// A client whose user accepts everything.
#[derive(Clone)]
struct Agreeable(ClientConfig);

impl ClientHandler for Agreeable {
    fn get_info(&self) -> ClientConfig {
        self.0.clone()
    }

    async fn create_elicitation(
        &self,
        _request: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(json!({"ok": true})))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let steps: Vec<Value> = serde_json::from_reader(std::io::stdin())?;
    let config = StreamableHttpClientTransportConfig::with_uri(var("MCP_URL")?)
        .auth_header(var("MCP_TOKEN")?);
    let mut capabilities = ClientCapabilities::default();
    capabilities.elicitation = Some(ElicitationCapability::default());
    let me = Agreeable(ClientConfig::new(
        capabilities,
        Implementation::new("rmcp", "3.9.0"),
    ));
    let stateless = vec![ProtocolVersion::V_2026_07_28];
    let lifecycle = match var("MCP_ERA")?.as_str() {
        "legacy" => ClientLifecycleMode::Initialize,
        "auto" => ClientLifecycleMode::Auto {
            preferred_versions: stateless,
            legacy_version: None,
        },
        _ => ClientLifecycleMode::Discover {
            preferred_versions: stateless,
        },
    };
    let transport = StreamableHttpClientTransport::from_config(config);
    let client = me.serve_with_lifecycle(transport, lifecycle).await?;
    let tools = client.list_all_tools().await?;
    let mut results = Vec::new();
    for step in steps {
        results.push(match take(&client, step).await {
            Ok(result) => result,
            Err(Failure::Service(ServiceError::McpError(error))) => {
                json!({"error": {"code": error.code.0, "message": error.message}})
            }
            Err(other) => json!({"error": {"code": null, "message": other.to_string()}}),
        });
    }
    let server = client.peer_info().ok_or("nothing is known of the server")?;
    let saw = json!({
        "version": server.protocol_version, "server": server.server_info, "capabilities": server.capabilities,
        "instructions": server.instructions, "tools": tools, "results": results,
    });
    client.cancel().await?;
    println!("{saw}");
    Ok(())
}

/// The reason that a step has no result.
enum Failure {
    Service(ServiceError),
    Json(serde_json::Error),
    Unknown(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Service(error) => error.fmt(formatter),
            Self::Json(error) => error.fmt(formatter),
            Self::Unknown(method) => write!(formatter, "no step {method}"),
        }
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

/// Runs one step: its `do` names the method, the other members are the parameters.
async fn take(
    client: &RunningService<RoleClient, Agreeable>,
    mut step: Value,
) -> Result<Value, Failure> {
    let method = step["do"].take();
    if let Some(members) = step.as_object_mut() {
        members.remove("do");
    }
    let first: Option<PaginatedRequestParams> = None;
    Ok(match method.as_str().unwrap_or_default() {
        "tools/call" => called(&client.call_tool(serde_json::from_value(step)?).await?),
        "resources/list" => json!(client.list_resources(first).await?),
        "resources/templates/list" => json!(client.list_resource_templates(first).await?),
        "resources/read" => json!(client.read_resource(serde_json::from_value(step)?).await?),
        "prompts/list" => json!(client.list_prompts(first).await?),
        "prompts/get" => json!(client.get_prompt(serde_json::from_value(step)?).await?),
        "completion/complete" => json!(client.complete(serde_json::from_value(step)?).await?),
        other => return Err(Failure::Unknown(other.to_owned())),
    })
}

fn called(result: &CallToolResult) -> Value {
    json!({
        "isError": result.is_error == Some(true), "structured": result.structured_content, "content": result.content,
    })
}
