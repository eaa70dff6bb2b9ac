import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANSWERS, ERROR_CODES, REFUSALS } from '../src/index.ts';
import { NETWORK_DEFAULTS } from '../src/adapters/network-options.ts';
import { NUMBER_OPTIONS } from '../src/number-options.ts';
import { examplesIn, runModule } from './examples.ts';

function read(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
}

/** The rows of the table under a heading, each a list of its cells. */
function tableUnder(page: string, heading: string): readonly (readonly string[])[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  return body
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const code = (name: string): string => `\`${name}\``;

test('[X1] ERRORS.md lists exactly the error codes, each with meaning, cause and advice', () => {
  const rows = tableUnder(read('ERRORS.md'), 'Errors');
  expect(rows.map(([name]) => name)).toEqual(Object.keys(ERROR_CODES).map(code));
  for (const row of rows) expect([row.length, row.every((cell) => cell.length > 0)]).toEqual([4, true]);
});

test('[X1] ERRORS.md lists exactly the refusals, as the table in the code has them', () => {
  const expected = Object.entries(REFUSALS).map(([reason, { httpStatus, closeCode, retry, retryAfterMs, meaning }]) => [
    code(reason),
    String(httpStatus),
    String(closeCode),
    retry,
    retryAfterMs === null ? '–' : `${retryAfterMs / 1000} s`,
    meaning,
  ]);
  expect(tableUnder(read('ERRORS.md'), 'Refusals')).toEqual(expected);
});

test('[X1] ERRORS.md lists exactly the close codes, the HTTP statuses and the warnings', () => {
  const rows = (answers: Readonly<Record<number, { readonly retry: string; readonly meaning: string }>>): unknown =>
    Object.entries(answers).map(([number, { retry, meaning }]) => [number, retry, meaning]);
  expect(tableUnder(read('ERRORS.md'), 'Close codes')).toEqual(rows(ANSWERS.closeCodes));
  expect(tableUnder(read('ERRORS.md'), 'HTTP statuses')).toEqual(rows(ANSWERS.httpStatuses));
  const sources = ['src/resolve-options.ts', 'src/factory.ts', 'src/adapters/ws.ts']
    .map((file) => read(file))
    .join('\n');
  const warnings = [...new Set(sources.match(/WATERTIGHT_W_\w+/g))].toSorted().map(code);
  expect(tableUnder(read('ERRORS.md'), 'Warnings').map(([name]) => name)).toEqual(warnings);
});

test('[O1] the options of README.md are those of the code, with default, bounds and off switch', () => {
  const expected = Object.entries(NUMBER_OPTIONS).map(([name, rule]) => [
    code(name),
    name === 'maxClosingPerUser'
      ? 'the limit'
      : rule.default === false
        ? 'off'
        : `${rule.default}${rule.unit === ' ms' ? rule.unit : ''}`,
    `${rule.min} – ${rule.max === Number.MAX_SAFE_INTEGER ? 'any' : rule.max}`,
    rule.off ? code('false') : 'no',
  ]);
  expect(tableUnder(read('README.md'), 'Options').map((row) => row.slice(0, 4))).toEqual(expected);
});

test('[O1] README.md has the options of a guard against a hostile network, with their defaults', () => {
  const rows = tableUnder(read('README.md'), 'A hostile network');
  const documented = new Map(rows.map(([name = '', fallback = '']) => [name, fallback]));
  for (const [name, fallback] of Object.entries(NETWORK_DEFAULTS)) {
    expect([name, documented.get(code(name))]).toEqual([name, String(fallback)]);
    documented.delete(code(name));
  }
  expect([...documented.keys()]).toEqual(['identifyTimeoutMs', 'trustedProxies', 'forwardedHeader'].map(code));
});

test('[X3] the example of createManagerFactory runs and leaves nothing that keeps the process alive', async () => {
  const [example = ''] = examplesIn('src/factory.ts');
  const result = await runModule(
    `${example}\nconsole.log(admission.admitted, admission.manager.state, factory.stats().released.total);`,
  );
  expect(result).toMatchObject({ exitCode: 0, stdout: 'true closed 1\n' });
});

/** Connects, hands what the server sends to the test, leaves without a word, and sees what is held then. */
const VISIT = `
import { once } from 'node:events';
import WebSocket from 'ws';
if (!server.listening) server.listen(0);
if (server.address() === null) await once(server, 'listening');
const client = new WebSocket('ws://127.0.0.1:' + server.address().port + '/?user=ada');
await once(client, 'open');
if (process.env.SAY) client.send(process.env.SAY);
console.log(String((await once(client, 'message'))[0]), factory.usage('ada').held);
const [manager] = factory.managersOf('ada');
client.terminate();
const { deadlineMet } = await manager.released;
console.log(factory.usage('ada').held, deadlineMet);
await factory.close();
wss.close();
server.close();
`;

test('[X3] the example of guard serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/ws.ts');
  expect(await runModule(`${example}\n${VISIT}`)).toMatchObject({ exitCode: 0, stdout: 'hello ada 1\n0 true\n' });
});

test('[X3] the example of guardUpgrades serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/node.ts');
  expect(await runModule(`${example}\n${VISIT}`)).toMatchObject({ exitCode: 0, stdout: 'hello ada 1\n0 true\n' });
});

const FASTIFY = `
await app.listen({ port: 0, host: '127.0.0.1' });
const server = app.server;
const wss = { close: () => app.close() };
`;

test('[X3] the example of fastifyGuard serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/fastify.ts');
  expect(await runModule(`${example}\n${FASTIFY}\n${VISIT}`)).toMatchObject({
    exitCode: 0,
    stdout: 'hello ada 1\n0 true\n',
  });
});

test('[X3] the example of guardHttp serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/http.ts');
  const visit = `
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = new AbortController();
const response = await fetch('http://127.0.0.1:' + server.address().port + '/?user=ada', { signal: client.signal });
for await (const chunk of response.body) { console.log(Buffer.from(chunk).toString().trim(), factory.usage('ada').held); break; }
client.abort();
while (factory.usage('ada').held > 0) await new Promise((resolve) => setTimeout(resolve, 5));
console.log(factory.stats().released.total);
await factory.close();
server.close();
server.closeAllConnections();
`;
  expect(await runModule(`${example}\n${visit}`)).toMatchObject({ exitCode: 0, stdout: 'data: hello ada 1\n1\n' });
});

test('[X3] the example of guardEngine serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/socket-io.ts');
  const visit = `
const { io: connect } = await import('socket.io-client');
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = connect('http://127.0.0.1:' + server.address().port, { query: { user: 'ada' } });
console.log('hello ' + await new Promise((resolve) => client.on('hello', resolve)), factory.usage('ada').held);
const [manager] = factory.managersOf('ada');
client.close();
console.log((await manager.released).deadlineMet, factory.usage('ada').held);
await factory.close();
io.close();
`;
  expect(await runModule(`${example}\n${visit}`)).toMatchObject({ exitCode: 0, stdout: 'hello ada 1\ntrue 0\n' });
});

test('[X3] the example of guardGraphql serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/graphql-ws.ts');
  const visit = `
const { createClient } = await import('graphql-ws');
const { WebSocket } = await import('ws');
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = createClient({ url: 'ws://127.0.0.1:' + server.address().port, webSocketImpl: WebSocket, connectionParams: { user: 'ada' }, lazy: false });
for await (const { data } of client.iterate({ query: '{ hello }' })) console.log(data.hello, factory.usage('ada').held);
const [manager] = factory.managersOf('ada');
void client.dispose();
console.log((await manager.released).deadlineMet, factory.usage('ada').held);
await factory.close();
wss.close();
server.close();
`;
  expect(await runModule(`${example}\n${visit}`)).toMatchObject({ exitCode: 0, stdout: 'hello ada 1\ntrue 0\n' });
});

test('[X3] the example of guardCrossws serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/crossws.ts');
  const ready = 'await server.ready();\nconst wss = { close: () => server.close(true) };';
  const visit = VISIT.replaceAll('server.', 'server.node.server.');
  const result = await runModule(`${example}\n${ready}\n${visit}`, { env: { PORT: '0' } });
  expect(result.stdout.trimEnd().split('\n').slice(-2)).toEqual(['hello ada 1', '0 true']);
  expect(result.exitCode).toBe(0);
});

test('[X3] the example of guardHocuspocus serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/hocuspocus.ts');
  // Opens the document with a token, as its provider does.
  const open = '\\x05notes\\x02\\x00\\x05token';
  const ready = `const opening = Buffer.from('${open}');\nconst wss = { close: () => server.httpServer.close() };`;
  const visit = VISIT.replaceAll('server.', 'server.httpServer.')
    .replace('client.send(process.env.SAY)', 'client.send(opening)')
    .replace("String((await once(client, 'message'))[0])", "String((await once(client, 'message'))[0]).slice(-10)");
  const result = await runModule(`${example}\n${ready}\n${visit}`, { env: { SAY: 'opening' } });
  expect(result).toMatchObject({ exitCode: 0, stdout: 'read-write 1\nada left notes\n0 true\n' });
});

test('[X3] the example of guardGateways serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/nestjs.ts');
  const ready = 'await app.listen(0);\nconst server = app.getHttpServer();\nconst wss = { close: () => app.close() };';
  expect(await runModule(`${example}\n${ready}\n${VISIT}`)).toMatchObject({
    exitCode: 0,
    stdout: 'hello ada 1\n0 true\n',
  });
});

test('[X3] the example of guardSessions serves a client and lets go of it', async () => {
  const [example = ''] = examplesIn('src/adapters/sessions.ts');
  const visit = `
const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const wire = new StreamableHTTPClientTransport(new URL('http://127.0.0.1:' + server.address().port + '/?user=ada'));
const client = new Client({ name: 'visit', version: '1.0.0' });
await client.connect(wire);
const { content } = await client.callTool({ name: 'hello', arguments: {} });
console.log(content[0].text, factory.usage('ada').held);
const [manager] = factory.managersOf('ada');
await wire.terminateSession();
console.log((await manager.released).deadlineMet, factory.usage('ada').held);
await client.close();
await factory.close();
server.close();
server.closeAllConnections();
`;
  expect(await runModule(`${example}\n${visit}`)).toMatchObject({ exitCode: 0, stdout: 'hello ada 1\ntrue 0\n' });
});

test('[X3] the example of README.md serves a client and lets go of it', async () => {
  const examples = examplesIn('README.md');
  // The fourth needs a Redis: it is run by redis-quota.test.ts.
  expect(examples).toHaveLength(4);
  const result = await runModule(`${examples[0] ?? ''}\n${VISIT}`, { env: { PORT: '0', SAY: 'hello' } });
  expect(result).toMatchObject({ exitCode: 0, stdout: 'hello 1\nada left\n0 true\n' });
});

test('[X3] the example of a drain in README.md ends the process', async () => {
  const [server = '', drain = ''] = examplesIn('README.md');
  const result = await runModule(`${server}\n${drain}\nprocess.kill(process.pid, 'SIGTERM');`, { env: { PORT: '0' } });
  expect(result).toMatchObject({ exitCode: 0, stdout: 'store closed\n0 closed, 0 left by themselves\n' });
});

test('[X3] the example of the policies in README.md evicts the oldest and bans', async () => {
  const [, , example = ''] = examplesIn('README.md');
  const result = await runModule(example);
  expect(result.stdout.trimEnd().split('\n')).toEqual([
    'ada admitted 1',
    'ada admitted 2',
    'ada admitted 2',
    'mallory banned 0',
    "{ 'evicted:oldest': 1 }",
  ]);
  expect(result.exitCode).toBe(0);
});

test('[X3] the examples of the telemetry run', async () => {
  const [text = '', collected = ''] = examplesIn('src/telemetry/prometheus.ts');
  expect(await runModule(text)).toMatchObject({ exitCode: 0, stdout: 'true\n', stderr: '' });
  expect(await runModule(collected)).toMatchObject({ exitCode: 0, stdout: 'true\n', stderr: '' });
  const [observed = ''] = examplesIn('src/telemetry/opentelemetry.ts');
  expect(await runModule(observed)).toMatchObject({ exitCode: 0, stderr: '' });
  const [alerts = ''] = examplesIn('src/telemetry/alerts.ts');
  expect(await runModule(alerts)).toMatchObject({ exitCode: 0, stderr: '' });
});

test('[X3] every example in the sources is run by a test of this file', () => {
  const files = [
    'src/factory.ts',
    'src/adapters/ws.ts',
    'src/adapters/node.ts',
    'src/adapters/fastify.ts',
    'src/adapters/http.ts',
    'src/adapters/socket-io.ts',
    'src/telemetry/opentelemetry.ts',
    'src/telemetry/alerts.ts',
    'src/adapters/graphql-ws.ts',
    'src/adapters/crossws.ts',
    'src/adapters/hocuspocus.ts',
    'src/adapters/nestjs.ts',
    'src/adapters/sessions.ts',
  ];
  expect(files.map((file) => examplesIn(file).length)).toEqual(files.map(() => 1));
  expect(examplesIn('src/telemetry/prometheus.ts')).toHaveLength(2);
});
