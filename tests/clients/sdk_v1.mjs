// The first generation of the TypeScript SDK: the handshake versions only.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { agree, capabilities, converse } from "./conversation.mjs";

const client = new Client({ name: "typescript-sdk-1", version: "1.32.2" }, { capabilities });
client.setRequestHandler(ElicitRequestSchema, agree);
await converse(client, StreamableHTTPClientTransport, (_, transport) => transport.protocolVersion);
