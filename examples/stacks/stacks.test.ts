import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, expect, test, vi } from 'vitest';

const CHECK = fileURLToPath(new URL('../../packages/watertight/dist/cli/main.js', import.meta.url));
const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Checks an example; answers the exit code, and what was printed when that is not 0. */
async function check(file: string, only: string, options: readonly string[]): Promise<[number | null, string]> {
  const args = ['check', ...options, '--only', only, '--', process.execPath, fileOf(file)];
  const running = spawn(process.execPath, [CHECK, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(running);
  let output = '';
  running.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  running.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [exitCode] = (await once(running, 'close')) as [number | null];
  return [exitCode, exitCode === 0 ? '' : output];
}

const CYCLES = 'rapid-connection-cycles-stress';
const TIMING = 'manager-cleanup-timing-precision';
const LIMIT = 'manager-creation-limit-enforcement';
const FORCE = 'emergency-cleanup-threshold-trigger';
const IN_PARAMS = 'message:{"user":"test-user-{n}"}';

test.each([
  ['express.js', CYCLES, []],
  ['fastify.js', CYCLES, []],
  ['socket-io.js', CYCLES, []],
  ['socket-io.js', FORCE, []],
  ['socket-io-namespace.js', LIMIT, []],
  ['h3.js', TIMING, []],
  ['nestjs.js', TIMING, []],
  ['hocuspocus.js', FORCE, ['--recipe', fileOf('hocuspocus-recipe.js')]],
  ['graphql-ws.js', TIMING, ['--user', IN_PARAMS]],
] as const)('[B34] %s is watertight in %s', { timeout: 120_000 }, async (file, only, options) => {
  expect(await check(file, only, options)).toEqual([0, '']);
});

test('[B34] mcp.js serves a client of MCP', { timeout: 60_000 }, async () => {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port) };
  children.push(spawn(process.execPath, [fileOf('mcp.js')], { stdio: 'ignore', env }));
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
