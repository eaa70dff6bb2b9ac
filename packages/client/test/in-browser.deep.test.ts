import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { noBrowser, openPage, takeComplaints, useBrowser } from '../../dashboard/test/browser-kit.ts';
import { guarded } from './guarded-server.ts';
import { type Told, goesTheWholeWay, turnstile } from './visit.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const PAGE = `<!doctype html>
<script type="module">
  import { visit } from './test/visitor.js';
  globalThis.told = [];
  visit('ws://' + location.host + '/?user=ada', (what) => globalThis.told.push(what));
</script>`;

/** The page, and the package as it was built. */
const answer: RequestListener = ({ url = '' }, response) => {
  const isModule = /^\/(?:dist|test)\/[a-z-]+\.js$/.test(url);
  // A browser asks for an icon too, and complains where there is none.
  response.writeHead(url === '/favicon.ico' ? 204 : 200, {
    'content-type': isModule ? 'text/javascript' : 'text/html',
  });
  response.end(isModule ? readFileSync(`${PACKAGE}${url}`) : PAGE);
};

useBrowser();

test.skipIf(noBrowser)(
  '[Z10] in a browser it is refused by close code, waits as long as asked, comes in, and stops where it is of no use',
  async () => {
    const server = await turnstile(answer);
    const page = await openPage(`http://127.0.0.1:${server.port}/`);
    await goesTheWholeWay(server, () => page.evaluate<readonly Told[]>('globalThis.told'));
  },
);

test.skipIf(noBrowser)('[Z10] of a refusal over HTTP a browser tells nothing but 1006, and it comes back', async () => {
  const { port, factory, wss } = await guarded({}, {}, answer);
  wss.on('connection', (socket) => socket.send('hello'));
  factory.setOverride('ada', { maxManagers: 0 });
  const page = await openPage(`http://127.0.0.1:${port}/`);
  const told = (): Promise<readonly Told[]> => page.evaluate('globalThis.told');
  await vi.waitFor(async () => expect((await told()).length).toBeGreaterThan(1), { timeout: 60_000, interval: 20 });
  factory.clearOverride('ada');
  await vi.waitFor(async () => expect((await told()).at(-1)).toMatchObject({ heard: 'hello' }), { timeout: 60_000 });
  for (const wait of (await told()).slice(0, -1))
    expect(wait).toMatchObject({ code: 1006, retry: 'retry', retryAfterMs: null });
  for (const complaint of takeComplaints()) expect(complaint).toContain('WebSocket connection to');
});
