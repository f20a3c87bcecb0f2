// The second generation of the TypeScript SDK. MCP_ERA: legacy, auto, or a version to insist on.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { agree, capabilities, converse } from "./conversation.mjs";

const era = process.env.MCP_ERA;
const mode = era === "legacy" || era === "auto" ? era : { pin: era };
const client = new Client({ name: "typescript-sdk-2", version: "2.4.0" }, { capabilities, versionNegotiation: { mode } });
client.setRequestHandler("elicitation/create", agree);
await converse(client, StreamableHTTPClientTransport, () => client.getNegotiatedProtocolVersion());
