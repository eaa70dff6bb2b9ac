// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, NotSeenError } from './story.js';

/** @import { ChildProcess } from 'node:child_process' */

/** Whoever is on call knows it too. */
export const SECRET = 'known-to-the-server-and-to-whoever-is-on-call';

/** @param {string} code `leaky` or `fixed` @param {string} webhook @param {string} [port] */
export async function startServer(code, webhook, port = '0') {
  const places = code === 'fixed' ? './places.fixed.js' : './places.js';
  const server = fileURLToPath(new URL('server.js', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--inspect-port=0', server, '--port', port, '--places', places, '--webhook', webhook],
    {
      env: { ...process.env, WEBHOOK_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  // Node says of its inspector that it is open; whatever else there is to complain of is shown.
  createInterface(child.stderr).on('line', (text) => {
    if (!/^(Debugger |For help, see)/.test(text)) console.error(text);
  });
  const ended = once(child, 'exit').then(([exitCode]) => {
    throw new NotSeenError(`the server listens; it ended with ${exitCode}`);
  });
  ended.catch(() => undefined);
  const listens = once(createInterface(child.stdout), 'line');
  const [line] = /** @type {[string]} */ (await Promise.race([listens, ended]));
  return { child, places, url: line.slice('news: '.length) };
}

/** Lets it drain. @param {ChildProcess} child */
export async function stopServer(child) {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = /** @type {[number | null]} */ (await gone);
  expect(code === 0, `the server ends with 0 when it is asked to (it was ${code})`);
}
