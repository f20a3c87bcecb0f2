// The conversation both TypeScript clients hold. Where and as whom comes by environment (MCP_URL,
// MCP_TOKEN, MCP_ERA), the steps by standard input: [{"do": "tools/call", "name": …, "arguments": {…}}, …].
// One JSON line on standard output says what the client saw.

const address = new URL(process.env.MCP_URL);
const authorization = { Authorization: `Bearer ${process.env.MCP_TOKEN}` };

// Counts what goes over the wire, and with MCP_SPOIL takes `columns` out of structured results on their
// way to the client: a client that still accepts them does not validate.
const methods = [];
async function watchedFetch(url, init) {
  const method = init?.body ? JSON.parse(init.body).method : undefined;
  if (method) methods.push(method);
  const answer = await fetch(url, init);
  if (!process.env.MCP_SPOIL || method !== "tools/call" || !answer.headers.get("content-type").includes("json")) return answer;
  const message = await answer.json();
  delete message.result?.structuredContent?.columns;
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  return new Response(JSON.stringify(message), { status: answer.status, headers });
}

export const transportOptions = { requestInit: { headers: authorization }, fetch: watchedFetch };

// Their person agrees to everything.
export const capabilities = { elicitation: {} };
export const agree = async () => ({ action: "accept", content: { ok: true } });

async function readSteps() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text || "[]");
}

const takers = {
  "resources/list": "listResources",
  "resources/templates/list": "listResourceTemplates",
  "resources/read": "readResource",
  "prompts/list": "listPrompts",
  "prompts/get": "getPrompt",
  "completion/complete": "complete",
};

async function attempt(client, { do: method, ...params }) {
  try {
    if (takers[method]) return await client[takers[method]](params);
    const result = await client.callTool(params);
    return { isError: result.isError === true, structured: result.structuredContent ?? null, content: result.content };
  } catch (error) {
    return { error: { code: error.code ?? null, message: error.message } };
  }
}

export async function converse(client, Transport, negotiated) {
  const steps = await readSteps();
  const transport = new Transport(address, transportOptions);
  await client.connect(transport);
  const { tools } = await client.listTools();
  const results = [];
  for (const step of steps) results.push(await attempt(client, step));
  const saw = {
    version: negotiated(client, transport),
    server: client.getServerVersion() ?? null,
    capabilities: client.getServerCapabilities() ?? null,
    instructions: client.getInstructions() ?? null,
    session: transport.sessionId ?? null,
    tools,
    results,
  };
  // The handshake versions end a session by DELETE; `close` alone only drops the connection.
  if (transport.sessionId) await transport.terminateSession();
  await client.close();
  process.stdout.write(`${JSON.stringify({ ...saw, methods })}\n`);
}
