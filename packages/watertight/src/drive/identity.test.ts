import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isAlive, processRecord } from '../target/proc.ts';
import { IdentityError, MAX_USER_ID_BYTES, parseIdentity, placed } from './identity.ts';
import { TokenCommand } from './user-token.ts';

const url = new URL('ws://127.0.0.1:1/chat?room=a');

test.each([
  [undefined, 'test-user-7', { url: 'ws://127.0.0.1:1/chat?room=a&user=test-user-7' }],
  ['u{n}', 'u7', { url: 'ws://127.0.0.1:1/chat?room=a&user=u7' }],
  ['query:uid=u {n}', 'u 7', { url: 'ws://127.0.0.1:1/chat?room=a&uid=u+7' }],
  ['header:x-user=u{n}', 'u7', { headers: { 'x-user': 'u7' } }],
  ['header:x-user=ü{n}', 'ü7', { headers: { 'x-user': '%C3%BC7' } }],
  ['cookie:session=u;{n}', 'u;7', { headers: { cookie: 'session=u%3B7' } }],
  ['protocol:user.u({n})', 'u(7)', { protocols: ['user.u%287%29'] }],
  ['protocol:chat, user.u{n}', 'u7', { protocols: ['chat', 'user.u7'] }],
  ['message:{"type":"hello","user":"{n}"}', '7', { firstMessage: '{"type":"hello","user":"7"}' }],
  ['message:{"user":"u\'{n}"}', "u'7", { firstMessage: '{"user":"u\'7"}' }],
  ['message:{"user":"u{n}","room":"r{n}"}', 'u7', { firstMessage: '{"user":"u7","room":"r7"}' }],
  ['message:LOGIN u{n} now', 'u7', { firstMessage: 'LOGIN u7 now' }],
])('[D10] the template %s names %s and puts it where it says', (spec, id, expected) => {
  const identity = parseIdentity(spec);
  expect(identity.userId(7)).toBe(id);
  const placement = identity.applyTo(url, identity.userId(7));
  expect({ ...placement, url: placement.url.href }).toMatchObject({ ...expected });
});

const MINT = `node -e "process.stdout.write('t-' + process.env.WATERTIGHT_USER)"`;

test.each([
  ['header:authorization=Bearer {token}', { headers: { authorization: 'Bearer t-test-user-7' } }],
  ['query:access={token}', { url: 'ws://127.0.0.1:1/chat?room=a&access=t-test-user-7' }],
  ['cookie:sid={token}', { headers: { cookie: 'sid=t-test-user-7' } }],
  ['protocol:chat, auth.{token}', { protocols: ['chat', 'auth.t-test-user-7'] }],
  ['message:{"auth":"{token}"}', { firstMessage: '{"auth":"t-test-user-7"}' }],
  ['message:{"user":"{n}","auth":"{token}"}', { firstMessage: '{"user":"test-user-7","auth":"t-test-user-7"}' }],
])('[D30] %s carries what the command prints for the user', async (spec, expected) => {
  const identity = parseIdentity(spec, MINT);
  const placement = await placed(identity, url, 'test-user-7');
  expect({ ...placement, url: placement.url.href }).toMatchObject({ ...expected });
});

test('[D30] the command is asked once for each user, and again after it failed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-'));
  try {
    const log = join(folder, 'log');
    const command = new TokenCommand(`node -e "fs.appendFileSync(process.argv[1], '.'); console.log('t')" "${log}"`);
    expect(await Promise.all([command.tokenOf('a'), command.tokenOf('a'), command.tokenOf('b')])).toEqual([
      't',
      't',
      't',
    ]);
    expect(readFileSync(log, 'utf8')).toBe('..');
  } finally {
    rmSync(folder, { recursive: true });
  }
  const failing = new TokenCommand('node -e "console.error(\'no key\'); process.exit(3)"');
  await expect(failing.tokenOf('a')).rejects.toThrow('no token for a: the command ended with 3: no key');
  await expect(failing.tokenOf('a')).rejects.toThrow('ended with 3');
  await expect(new TokenCommand('node -e 0').tokenOf('a')).rejects.toThrow(
    'no token for a: the command printed nothing',
  );
});

test('[D46] a token command that takes too long or is interrupted is ended with what it started', async () => {
  const pidFile = join(mkdtempSync(join(tmpdir(), 'watertight-token-')), 'pid');
  onTestFinished(() => rmSync(dirname(pidFile), { recursive: true }));
  const endless = `sh -c 'sleep 600 & echo $! > ${pidFile}; wait; echo late'; true`;
  const isGone = async (): Promise<void> => {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    rmSync(pidFile);
    // Whom nobody collects is a zombie for ever.
    const lives = (): boolean => {
      const record = processRecord(pid);
      return record !== undefined && isAlive(record);
    };
    await vi.waitFor(() => expect(lives()).toBe(false), { timeout: 5_000 });
  };
  await expect(new TokenCommand(endless, { withinMs: 1_000 }).tokenOf('a')).rejects.toThrow(
    'no token for a: the command did not end within 1000 ms',
  );
  await isGone();
  const stop = new AbortController();
  const interrupted = parseIdentity('header:a={token}', endless, stop.signal).tokenOf?.('a');
  const isRefused = expect(interrupted).rejects.toThrow('no token for a: the command was interrupted');
  await vi.waitFor(() => expect(readFileSync(pidFile, 'utf8')).not.toBe(''), { timeout: 5_000 });
  stop.abort();
  await isRefused;
  await isGone();
});

test('[D46] of a token that no header can carry it is said why', async () => {
  const identity = parseIdentity('header:authorization=Bearer {token}', 'printf "logged in\\nabc"');
  expect(() => identity.applyTo(url, 'a', 'logged in\nabc')).toThrow('prints the token, in one line, and nothing else');
});

test.each([
  ['header:a={token}', undefined, 'has {token}, and no --user-command says what prints it'],
  ['u{n}', MINT, 'has no {token} for what --user-command prints'],
  ['header:a={n} {token}', MINT, 'has {n} beside {token}'],
])('[D30] the template %s with the command %s is refused', (spec, command, message) => {
  expect(() => parseIdentity(spec, command)).toThrow(message);
});

test('[D10] a user in a JSON message is escaped', () => {
  const identity = parseIdentity('message:{"user":"u{n}"}');
  expect(identity.applyTo(url, 'a"b').firstMessage).toBe('{"user":"a\\"b"}');
});

test.each([
  ['body:u{n}', '"body" is no place for a user; known are query, header'],
  ['', 'user id "" is empty'],
  ['header:x-user=', 'user id "" is empty'],
  ['alice', '"alice" has no {n}'],
  ['message:hello', '"message:hello" has no {n}'],
  ['u\u0007{n}', '"u\\u0007999999" has control characters'],
  ['u\ud800{n}', 'lone surrogate'],
  ['header:host=u{n}', 'the header "host" belongs to the handshake'],
  ['cookie:a b=u{n}', '"a b" is no name for a cookie'],
  [
    `${'é'.repeat(MAX_USER_ID_BYTES / 2)}{n}`,
    `is ${MAX_USER_ID_BYTES + 6} bytes long; at most ${MAX_USER_ID_BYTES} bytes`,
  ],
])('[D11] the template %j is refused with a message that names the value', (spec, message) => {
  expect(() => parseIdentity(spec)).toThrow(IdentityError);
  expect(() => parseIdentity(spec)).toThrow(message);
});

test('[D11] a user id of 10 MB is refused without being repeated', () => {
  try {
    parseIdentity('x'.repeat(10_000_000));
    expect.unreachable();
  } catch (error) {
    expect(String(error).length).toBeLessThan(300);
  }
});
