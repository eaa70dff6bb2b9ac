import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** The example, but on a port that nobody else has. */
function onPortOf(example: string): string {
  const onAnyPort = example.replace("'ws://127.0.0.1:8081/'", '`ws://127.0.0.1:${server.address().port}/`');
  expect(onAnyPort).not.toBe(example);
  return onAnyPort;
}

test('[Z8] the example of README.md runs as it stands and leaves nothing that keeps the process alive', async () => {
  const [, example = ''] = /^```js\n(.*?)^```/ms.exec(readFileSync(`${PACKAGE}/README.md`, 'utf8')) ?? [];
  const server = `
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
globalThis.WebSocket ??= WebSocket;
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await once(server, 'listening');
server.on('connection', (socket) => socket.once('message', (data) => { console.log('heard ' + data); socket.close(4401, 'unauthenticated'); server.close(); }));
`;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', `${server}\n${onPortOf(example)}`],
    { cwd: PACKAGE, timeout: 15_000 },
  );
  expect([stdout, stderr]).toEqual(['heard hello\nsigned out\n', '']);
});

test('[Z8] the package has no dependencies', () => {
  const manifest = JSON.parse(readFileSync(`${PACKAGE}/package.json`, 'utf8')) as Record<string, unknown>;
  expect([manifest['dependencies'], manifest['peerDependencies'], manifest['optionalDependencies']]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
