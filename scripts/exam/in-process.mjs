// @ts-check
// Serves a case and has it examined by the test kit, in one process: what a test does that starts its server itself.
// node in-process.mjs <server file> <options as JSON>; in the folder of the server, with its environment. Prints the result as JSON.
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { expectNoLeaks, startServer } from '../../packages/watertight/dist/kit.js';
import { listenersOf } from '../../packages/watertight/dist/target/listening.js';

const [file = '', options = '{}'] = process.argv.slice(2);
const { path = '/', ...others } = JSON.parse(options);
const LISTENS_WITHIN_MS = 30_000;

const server = await startServer(async () => {
  await import(pathToFileURL(resolve(file)).href);
  const deadlineMs = performance.now() + LISTENS_WITHIN_MS;
  for (;;) {
    const [listener] = listenersOf([process.pid]);
    if (listener !== undefined) return { url: `ws://127.0.0.1:${listener.port}${path}`, close: () => undefined };
    if (performance.now() > deadlineMs) throw new Error(`${file} does not listen within ${LISTENS_WITHIN_MS} ms`);
    await delay(10);
  }
});
const result = await expectNoLeaks(server, others).catch((error) => {
  if (error.code !== 'WATERTIGHT_E_LEAK') throw error;
  return error.result;
});
process.stdout.write(JSON.stringify(result), () => process.exit());
