import { describe, expect, it } from 'vitest';
import { sample } from '../../test/sample-result.ts';
import { renderTerminal } from '../report/terminal.ts';
import { parseArguments } from './program.ts';
import { REDACTED, Secrets, secretsOf } from './secrets.ts';
import { readSettings } from './settings.ts';

function secretsIn(...args: readonly string[]): Secrets {
  const invocation = parseArguments(['check', ...args], '1.2.3');
  if (invocation.do !== 'check') throw new Error(`did ${invocation.do}`);
  return secretsOf(readSettings(invocation.line, { values: new Map(), allow: [] }));
}

describe('secrets of a command line', () => {
  it.each([
    ['in base64', 'ws://localhost/?token=abc+def/g=='],
    ['with a quotation mark', "ws://localhost/?token=abc'def"],
    ['escaped in small letters', 'ws://localhost/?token=abc%2bdef'],
  ])('[FL8] a parameter %s is told neither as it was typed nor as a URL has it', (_, url) => {
    const secrets = secretsIn('--url', url);
    for (const text of [url, new URL(url).href]) expect(secrets.redact(text)).not.toMatch(/abc|def/);
  });

  it('[FL8] URLs of metrics and of --wait-for, and the command of the next version, hold secrets too', () => {
    const args = ['--metrics', 'http://me:hush-1@localhost/?token=hush-2', '--gauge', 'held'];
    const next = ['--wait-for', 'http://localhost/?api_key=hush-3', '--next', 'API_TOKEN=hush-4 node next.js'];
    const told = [...args, ...next].join(' ');
    expect(secretsIn(...args, ...next, '--', 'node', 'server.js').redact(told)).not.toMatch(/hush-\d/);
  });

  it('[FL8] a token is found again in a URL, whatever a URL makes of it', () => {
    const secrets = new Secrets();
    const url = new URL('ws://localhost/');
    url.searchParams.set('token', "it's (mine)!");
    secrets.add("it's (mine)!");
    expect(secrets.redact(url.href)).toBe(`ws://localhost/?token=${REDACTED}`);
  });
});

it.each(['limit', 'steps', 'held', 'verdict', 'watertight', 'nobody', 'rows', 'stop'])(
  '[FL8] whoever has %s for a secret still gets a whole report',
  (word) => {
    const secrets = new Secrets();
    secrets.add(word);
    const redacted = secrets.redactAll(sample);
    expect(() => renderTerminal(redacted, { color: false })).not.toThrow();
    expect(Object.keys(redacted)).toEqual(Object.keys(sample));
    expect(redacted.scenarios.map(({ verdict }) => verdict)).toEqual(sample.scenarios.map(({ verdict }) => verdict));
  },
);

it('[FL8] names that are not of a result are redacted with the rest', () => {
  const secrets = new Secrets();
  secrets.add('hush-hush');
  const told = { figures: { 'of hush-hush': 1, type: 'hush-hush' }, evidence: { 'hush-hush': 'of hush-hush' } };
  expect(JSON.stringify(secrets.redactAll(told))).not.toContain('hush');
});

it('[FL8] a thousand tokens are looked for in a large result in no time', () => {
  const secrets = new Secrets();
  const tokens = Array.from({ length: 1_000 }, (_, index) => `eyJhbGciOiJIUzI1NiJ9.${index}+/${index * 7_919}==`);
  for (const token of tokens) secrets.add(token);
  const texts = Array.from({ length: 20_000 }, (_, index) => `object ${index} of src/chat.ts:41:7 in onConnection`);
  const startedAtMs = performance.now();
  const redacted = secrets.redactAll({ texts, told: `a ${tokens[7]}, b ${encodeURIComponent(tokens[8] ?? '')}` });
  expect(redacted).toEqual({ texts, told: `a ${REDACTED}, b ${REDACTED}` });
  // One after another, each in each text, it took half a minute.
  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
});
