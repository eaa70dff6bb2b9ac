import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, test, vi } from 'vitest';
import { check, endsWithTest, fileOf } from './example-check.ts';

/** One of them; the others, and other scenarios, are deep. */
test('[B34] socket-io-namespace.js is watertight in its limit', { timeout: 120_000 }, async () => {
  expect(await check('socket-io-namespace.js', ['--only', 'manager-creation-limit-enforcement'])).toEqual([0, '']);
});

test('[B34] mcp.js serves a client of MCP', { timeout: 60_000 }, async () => {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port) };
  endsWithTest(spawn(process.execPath, [fileOf('mcp.js')], { stdio: 'ignore', env }));
  const client = new Client({ name: 'test', version: '1.0.0' });
  const url = new URL(`http://127.0.0.1:${port}/?user=ada`);
  await vi.waitFor(() => client.connect(new StreamableHTTPClientTransport(url)), { timeout: 30_000, interval: 50 });
  const { content } = await client.callTool({ name: 'hello', arguments: {} });
  await client.close();
  expect(content).toEqual([{ type: 'text', text: 'hello ada' }]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
