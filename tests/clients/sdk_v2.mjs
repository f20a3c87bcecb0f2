// The second generation of the TypeScript SDK. MCP_ERA: legacy, auto, or a version to insist on.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { converse } from "./conversation.mjs";

const era = process.env.MCP_ERA;
const mode = era === "legacy" || era === "auto" ? era : { pin: era };
const client = new Client({ name: "typescript-sdk-2", version: "2.4.0" }, { versionNegotiation: { mode } });
await converse(client, StreamableHTTPClientTransport, () => client.getNegotiatedProtocolVersion());
