import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { urlOf } from '../../src/kit/expect-no-leaks.ts';
import { expectNoLeaks, startServer } from '../../src/vitest.ts';
import { isGone } from '../cli-process.ts';

/** Two examinations of up to a minute each, on a machine that may be busy. */
const ENDS_WITHIN_MS = 180_000;
const ECHO = ['node', fileOf('ws-server.mjs')];

function fileOf(fixture: string): string {
  return fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
}

/** In a process without a test runner, whose heap is quickly looked at. */
async function call(what: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileOf('kit-cycle.mjs'), what]);
  return stdout;
}

test(
  '[TK1] a function that keeps something of every call fails with name and place, its twin passes',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const [kept, letGo] = await Promise.all([call('keep'), call('let-go')]);
    expect(kept).toContain('WATERTIGHT_E_LEAK: takeSeat() is not watertight: leak');
    expect(kept).toMatch(/1 Seat per call.*\n.*kit-cycle\.mjs:\d+:\d+ in takeSeat/);
    expect(letGo).toBe('watertight\n');
  },
);

test('[TK3] a wrong option is named with its limit and unit, and nothing is started', async () => {
  await expect(expectNoLeaks({ command: ECHO }, { limit: 0 })).rejects.toThrow(
    '--limit is 0; expected a whole number from 1 to 10000 managers per user',
  );
  await expect(expectNoLeaks(createServer())).rejects.toThrow('does not listen on a TCP port');
});

test('[TK13] without an argument it is about what the config names, and says so where it names nothing', async () => {
  const error: unknown = await expectNoLeaks(undefined, { limit: 5 }).catch((caught: unknown) => caught);
  expect(String(error)).toContain('nothing to examine: give --url');
});

test('[TK3] a target that cannot be examined fails as inconclusive, not as passed', async () => {
  const error = await expectNoLeaks({ command: ['node', '-e', 'process.exit(3)'] }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'WATERTIGHT_E_LEAK', result: { verdict: 'inconclusive', exitCode: 3 } });
});

test('[TK3, TK20] an examination that the test ends is inconclusive, and calls a server of its process so, with its address', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const error = await expectNoLeaks(server, { signal: AbortSignal.abort() }).catch((caught: unknown) => caught);
  expect(String(error)).toContain(
    `whether the server of this test (${urlOf(server).slice(0, -1)}) is watertight could not be told`,
  );
  expect(error).toMatchObject({ result: { stopped: 'the test ended the examination' } });
});

test('[TK4] in a worker thread it says that what runs in-process cannot be examined, and why', async () => {
  const kit = new URL('../../dist/kit.js', import.meta.url).href;
  const code = `import { parentPort } from 'node:worker_threads';
const { expectNoLeaks } = await import(${JSON.stringify(kit)});
parentPort.postMessage(await expectNoLeaks(() => {}).catch((error) => error.message));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  expect(message).toMatch(/the tests run in a worker thread.*--pool=forks/);
});

test('[TK5] a command is started, found, and ended with everything it started', async () => {
  const server = await startServer({ command: ECHO });
  expect(new URL(server.url).protocol).toBe('ws:');
  expect(server.output()).toContain('listening on');
  expect(process.kill(server.pid, 0)).toBe(true);
  await server.close();
  expect(await isGone(server.pid)).toBe(true);
});

test('[TK5] what a function answers listens on a free loopback port, and closes with connections open', async () => {
  const http = createServer();
  const server = await startServer(() => http, { path: '/chat' });
  expect(server).toMatchObject({ isInProcess: true, pid: process.pid });
  expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/chat$/);
  const open = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(open, 'connect');
  await Promise.all([once(open, 'close'), server.close(), server.close()]);
  expect(http.listening).toBe(false);
});
