import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { RENDERERS } from '../src/cli/renderers.ts';
import { REDACTED, Secrets } from '../src/cli/secrets.ts';
import { renderOneLine } from '../src/report/one-line.ts';
import { renderTerminal } from '../src/report/terminal.ts';
import { startCli, type Ended } from './cli-process.ts';
import { sample } from './sample-result.ts';

const PEM = fileURLToPath(new URL('./fixtures/self-signed.pem', import.meta.url));
/** On Linux a name for this machine that is not its loopback. */
const ELSEWHERE = '0.0.0.0';
const GENTLE = ['browser-multi-tab', 'idle-but-alive', 'rapid-connection-cycles-stress'];

interface Serving {
  readonly port: number;
  /** Every request that came: upgrades and questions. */
  readonly requests: readonly IncomingMessage[];
}

async function serve(server: Server, refuseWith?: (upgrades: number) => number | undefined): Promise<Serving> {
  const requests: IncomingMessage[] = [];
  const wss = new WebSocketServer({ noServer: true });
  wss.on('connection', (socket) => socket.on('error', () => undefined));
  let upgrades = 0;
  server.on('request', (request: IncomingMessage, response) => {
    requests.push(request);
    response.writeHead(404).end();
  });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    requests.push(request);
    socket.on('error', () => undefined);
    const status = refuseWith?.((upgrades += 1));
    if (status === undefined) wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request));
    else socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(() => {
    for (const client of wss.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

async function check(...args: readonly string[]): Promise<Ended> {
  return await startCli(['check', ...args], { deadlineMs: 90_000 }).ended;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-fleet-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a host that is not this machine', () => {
  test('[FL1] is left alone without --i-own-this-host, and so are users who need not be test users', async () => {
    const { port, requests } = await serve(createServer());
    const url = `ws://${ELSEWHERE}:${port}/`;
    const [unowned, real] = await Promise.all([
      check('--url', url),
      check('--url', url, '--i-own-this-host', '--user', 'query:user=customer-{n}'),
    ]);
    expect([unowned.code, real.code]).toEqual([2, 2]);
    expect(unowned.stderr).toContain(`--url names ${ELSEWHERE}:${port}, which is not this machine`);
    expect(real.stderr).toContain('put "test" into them');
    expect(requests).toHaveLength(0);
  });

  test('[FL2] is treated politely: the gentle scenarios, few connections, evenly spaced', async () => {
    const { port, requests } = await serve(createServer());
    const file = join(newFolder(), 'result.json');
    const ended = await check(
      '--url',
      `ws://${ELSEWHERE}:${port}/`,
      '--i-own-this-host',
      '--rate',
      '40',
      '--json',
      file,
    );
    expect(ended.code).toBe(0);
    const result = JSON.parse(readFileSync(file, 'utf8')) as typeof sample;
    expect(result.scenarios.map(({ name }) => name).toSorted()).toEqual(GENTLE);
    expect(result.socketsOpened).toBeLessThan(100);
    const users = requests.map(({ url = '' }) => new URL(url, 'ws://a').searchParams.get('user'));
    expect(users.filter((user) => user !== null && !/^test-user-\d+$/.test(user))).toEqual([]);
    expect(result.elapsedMs).toBeGreaterThanOrEqual(((result.socketsOpened - 1) * 1_000) / 40);
    // Nothing of its process is called right because it was not seen.
    expect(result.blindSpots.join('\n')).toMatch(
      /could not be opened: .* were not counted. Its process is not on this machine/,
    );
    const unseen = ['cycles/no-file-descriptor-is-left', 'cycles/no-instance-is-left', 'cycles/no-process-is-left'];
    const steps = result.scenarios.flatMap((scenario) => scenario.steps).filter(({ id }) => unseen.includes(id));
    expect(steps.map(({ status }) => status)).toEqual(unseen.map(() => 'not visible'));
  });

  test('[FL3] is left alone at the fifth 5xx in a row', async () => {
    const { port, requests } = await serve(createServer(), (upgrades) => (upgrades > 12 ? 502 : undefined));
    const ended = await check('--url', `ws://${ELSEWHERE}:${port}/`, '--i-own-this-host', '--rate', '100');
    expect(ended.stdout).toContain('stopped at a storm of 5xx: 5 attempts in a row were answered HTTP 502');
    expect(ended.code).toBe(3);
    expect(requests.filter(({ headers }) => headers.upgrade !== undefined).length).toBeLessThan(25);
  });
});

describe('the way to a server', () => {
  test('[FL4] headers are in every handshake and question', async () => {
    const { port, requests } = await serve(createServer());
    const url = `ws://127.0.0.1:${port}/`;
    const ended = await check(
      '--url',
      url,
      '--only',
      'browser-multi-tab',
      '--header',
      'X-Team: blue',
      '--header',
      'cookie: a=b',
    );
    expect(ended.code).toBe(0);
    expect(requests.length).toBeGreaterThan(8);
    for (const { headers } of requests) {
      expect(headers['x-team']).toBe('blue');
      expect(headers.cookie).toContain('a=b');
    }
  });

  test('[FL5] TLS trusts another authority, shows a certificate, or is told not to look, and says so', async () => {
    const pem = readFileSync(PEM);
    const { port } = await serve(createSecureServer({ key: pem, cert: pem }));
    const picky = await serve(
      createSecureServer({ key: pem, cert: pem, ca: pem, requestCert: true, rejectUnauthorized: true }),
    );
    const only = ['--only', 'browser-multi-tab'];
    const [trusted, untrusted, insecure, known, unreadable] = await Promise.all([
      check('--url', `wss://localhost:${port}/`, ...only, '--ca', PEM),
      check('--url', `wss://localhost:${port}/`, ...only),
      check('--url', `wss://localhost:${port}/`, ...only, '--insecure'),
      check('--url', `wss://localhost:${picky.port}/`, ...only, '--ca', PEM, '--cert', PEM, '--key', PEM),
      check('--url', `wss://localhost:${port}/`, ...only, '--ca', '/nowhere.pem'),
    ]);
    expect([trusted.code, untrusted.code, insecure.code, known.code, unreadable.code]).toEqual([0, 3, 0, 0, 2]);
    expect(untrusted.stdout).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(insecure.stderr).toContain('WARNING: the certificate of the server is NOT checked');
    expect(insecure.stdout).toContain('INSECURE: the certificate of the server was not checked');
    expect(unreadable.stderr).toContain('--ca: /nowhere.pem cannot be read (ENOENT)');
  });

  test('[FL6] a proxy is asked for every connection; one that refuses is named without its password', async () => {
    const { port, requests } = await serve(createServer());
    const proxy = createServer();
    const asked: (string | undefined)[] = [];
    proxy.on('connect', (request, client, head) => {
      asked.push(request.url);
      client.on('error', () => undefined);
      const login = Buffer.from('me:pass-word-1').toString('base64');
      if (request.headers['proxy-authorization'] !== `Basic ${login}`)
        return void client.end('HTTP/1.1 407 Who\r\n\r\n');
      const upstream = connect({ host: '127.0.0.1', port, allowHalfOpen: true }, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const at = (login: string): string => `http://${login}@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    // A name that nobody here could look up.
    const target = [
      '--url',
      'ws://chat.staging.invalid/',
      '--i-own-this-host',
      '--rate',
      '200',
      '--only',
      'browser-multi-tab',
    ];
    const [through, refused] = await Promise.all([
      check(...target, '--proxy', at('me:pass-word-1')),
      check(...target, '--proxy', at('me:wrong-word')),
    ]);
    expect(through.code).toBe(0);
    expect(asked.length).toBeGreaterThan(10);
    expect(new Set(asked)).toEqual(new Set(['chat.staging.invalid:80']));
    expect(new Set(requests.map(({ headers }) => headers.host))).toEqual(new Set(['chat.staging.invalid']));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain('refused the connection (HTTP 407)');
    expect(through.stdout + through.stderr + refused.stdout + refused.stderr).not.toMatch(/pass-word-1|wrong-word/);
  });
});

test('[FL7] a scheduled run prints one line, and its metrics go to a gateway and a text file', async () => {
  const { port } = await serve(createServer());
  const pushed: { readonly url: string | undefined; readonly login: string | undefined; readonly body: string }[] = [];
  const gateway = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      pushed.push({ url: request.url, login: request.headers.authorization, body });
      response.writeHead(request.url?.startsWith('/broken') === true ? 500 : 200).end();
    });
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  onTestFinished(() => void gateway.close());
  const at = `127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const textfile = join(newFolder(), 'watertight.prom');
  const run = ['--url', `ws://127.0.0.1:${port}/`, '--only', 'browser-multi-tab', '--scheduled'];
  const [good, broken] = await Promise.all([
    check(...run, '--push', `http://bot:hush-hush@${at}`, '--textfile', textfile),
    check(...run, '--push', `http://${at}/broken`),
  ]);
  expect(good.code).toBe(0);
  expect(good.stdout).toMatch(
    /^watertight: watertight · ws:\S+ · 1 scenario · \d+ sockets · [\d.]+ s · exit code 0\n$/,
  );
  expect(good.stderr).toBe('');
  const { url, login, body } = pushed.find((one) => one.login !== undefined) ?? { body: '' };
  expect(url).toMatch(/^\/metrics\/job\/watertight\/instance\/[^/]+$/);
  expect(login).toBe(`Basic ${Buffer.from('bot:hush-hush').toString('base64')}`);
  expect(body).toBe(readFileSync(textfile, 'utf8'));
  expect(body).toContain('# TYPE watertight_check_exit_code gauge\nwatertight_check_exit_code 0\n');
  expect(body).toContain('watertight_check_verdict{scenario="browser-multi-tab",verdict="watertight"} 1\n');
  expect(broken.code).toBe(3);
  expect(broken.stderr).toContain(`the metrics could not be pushed to ${at}: HTTP 500`);
});

describe('secrets', () => {
  const SECRET = 'sekrit "7/x" value';
  const told = `Bearer ${SECRET} at ws://a/?token=${encodeURIComponent(SECRET)}`;
  const spoilt = {
    ...sample,
    command: `watertight check --header 'authorization: ${told}'`,
    stopped: told,
    target: { ...sample.target, label: told, url: `ws://a/?token=${encodeURIComponent(SECRET)}` },
    nextSteps: [told],
    blindSpots: [told],
    complaints: sample.complaints.map((complaint) => ({ ...complaint, name: told })),
    scenarios: sample.scenarios.map((scenario) => ({
      ...scenario,
      steps: scenario.steps.map((step) => ({ ...step, note: told, figures: { ...step.figures, said: told } })),
      violations: scenario.violations.map((violation) => ({ ...violation, message: told })),
    })),
  };
  const formats: readonly (readonly [string, (result: typeof sample) => string])[] = [
    ...Object.entries(RENDERERS).map(
      ([name, render]) => [name, (result: typeof sample) => render(result, '')] as const,
    ),
    ['terminal', (result) => renderTerminal(result, { color: false })],
    ['one line', renderOneLine],
  ];
  /** Parts of it, whatever a format escapes. */
  const traces = ['sekrit', '7%2Fx', '7/x'];

  test.each(formats)('[FL8] are in no report: %s', (name, render) => {
    const secrets = new Secrets();
    secrets.add(SECRET);
    const whole = render(spoilt);
    const redacted = render(secrets.redactAll(spoilt));
    for (const trace of traces) expect(redacted).not.toContain(trace);
    // What does not tell it in the first place proves nothing.
    if (!['gitlab', 'prometheus'].includes(name)) {
      expect(whole).toContain('sekrit');
      expect(redacted).toContain(REDACTED);
    }
  });

  test('[FL8] of header, URL, token command and target command are nowhere in what a run writes', async () => {
    const { port, requests } = await serve(createServer());
    const folder = newFolder();
    const url = `ws://127.0.0.1:${port}/?api_key=url-secret-1`;
    const ended = await check(
      '--url',
      url,
      '--only',
      'browser-multi-tab',
      '--report-dir',
      folder,
      '--header',
      'x-key: header-secret-2',
      '--user',
      'header:authorization=Bearer {token}',
      '--user-command',
      'echo "minted-$((3))-$WATERTIGHT_USER" # command-secret-4',
    );
    expect(ended.code).toBe(0);
    expect(
      requests.some(({ headers }) => headers.authorization?.startsWith('Bearer minted-3-test-user') === true),
    ).toBe(true);
    expect(requests.some(({ headers }) => headers['x-key'] === 'header-secret-2')).toBe(true);
    const files = ['result.json', 'report.html', 'report.md', 'junit.xml', 'watertight.sarif', 'watertight.prom'];
    const texts = [ended.stdout, ended.stderr, ...files.map((file) => readFileSync(join(folder, file), 'utf8'))];
    for (const text of texts) expect(text).not.toMatch(/url-secret-1|header-secret-2|minted-3-|command-secret-4/);
    expect(texts[2]).toContain(REDACTED);
  });

  test('[FL8] a token is not told either by a server that repeats what it refuses', async () => {
    const server = createServer();
    const wss = new WebSocketServer({ server });
    wss.on('connection', (socket, { headers }) => socket.close(4401, `no ${headers.authorization}`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const mint = ['--user', 'header:authorization=Bearer {token}', '--user-command', 'echo "minted-$((3))"'];
    const ended = await check('--url', url, '--recipe', 'ws', ...mint);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toContain('close code 4401 (no Bearer [redacted])');
    expect(ended.stdout + ended.stderr).not.toContain('minted-3');
  });
});
