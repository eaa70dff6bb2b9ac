import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { loadConfig } from './config-file.ts';
import { defineConfig, type WatertightConfig } from './define-config.ts';
import { CHECK_OPTIONS, CONFIG_ONLY_KEYS } from './option-table.ts';

function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'watertight-config-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

describe('the config file', () => {
  it.each([
    ['watertight.config.json', '{ "limit": 5, "only": ["a"] }'],
    ['watertight.config.mjs', 'export default { limit: 5, only: ["a"] };'],
    [
      'watertight.config.ts',
      'interface Shape { limit: number; only: string[] }\nexport default { limit: 5, only: ["a"] } satisfies Shape;',
    ],
  ])('[C6] %s is found', async (name, text) => {
    const { values } = await loadConfig(folder({ [name]: text }), undefined);
    expect(Object.fromEntries(values)).toEqual({ limit: 5, only: ['a'] });
  });

  it('[C6] none is no problem, a named one that is missing is', async () => {
    const cwd = folder({});
    expect((await loadConfig(cwd, undefined)).values.size).toBe(0);
    await expect(loadConfig(cwd, 'mine.json')).rejects.toThrow('mine.json does not exist');
  });

  it('[C6] two are one too many', async () => {
    const cwd = folder({ 'watertight.config.json': '{}', 'watertight.config.mjs': 'export default {};' });
    await expect(loadConfig(cwd, undefined)).rejects.toThrow('there are several config files');
    expect((await loadConfig(cwd, 'watertight.config.json')).values.size).toBe(0);
  });

  it.each([
    ['an unknown key', '{ "limits": 5 }', /unknown key "limits"; known are url, .*limit.*command/],
    [
      'a wrong type',
      '{ "limit": "5" }',
      /limit is "5", which is not a number; expected a whole number from 1 to 10000 managers per user/,
    ],
    ['a number out of range', '{ "limit": 0 }', /limit is 0; expected/],
    ['a flag that is text', '{ "bail": "yes" }', /bail is "yes"; expected true or false/],
    ['a list that is none', '{ "only": 3 }', /only is 3; expected a list of names/],
    ['a command that is one text', '{ "command": "node x" }', /command is not a list of words/],
    ['no object', '[]', /does not hold an object/],
    ['no JSON', '{ limit }', /cannot be read/],
    ['null for a number', '{ "seed": null }', /seed is null, which is not a number/],
  ])('[C6] %s is named', async (_, text, message) => {
    await expect(loadConfig(folder({ 'watertight.config.json': text }), undefined)).rejects.toThrow(message);
  });

  it('[C6] one that throws is named with what it threw', async () => {
    const cwd = folder({ 'watertight.config.mjs': 'throw new Error("no database");' });
    await expect(loadConfig(cwd, undefined)).rejects.toThrow(/watertight\.config\.mjs cannot be read: no database/);
  });

  it('[C6] a last day of an allowance that no calendar has is named', async () => {
    for (const until of ['2026-02-31', '2026-13-01', 'soon']) {
      const allow = [{ match: 'Session', reason: 'a ring of 500', until }];
      const cwd = folder({ 'watertight.config.json': JSON.stringify({ allow }) });
      await expect(loadConfig(cwd, undefined)).rejects.toThrow(
        `allow[0] ("Session") has until "${until}"; expected a day such as 2026-12-31`,
      );
    }
  });

  it('[C6] one in JSON may begin with a byte order mark', async () => {
    const cwd = folder({ 'watertight.config.json': '\ufeff{ "limit": 3 }' });
    expect((await loadConfig(cwd, undefined)).values).toEqual(new Map([['limit', 3]]));
  });

  it('[C6] another ending is refused', async () => {
    await expect(loadConfig(folder({ 'a.yaml': '' }), 'a.yaml')).rejects.toThrow(
      'a config file ends in .ts, .mjs or .json',
    );
  });
});

describe('the type of the config', () => {
  const everything: Required<WatertightConfig> = {
    command: ['node', 'server.js'],
    url: 'ws://127.0.0.1:1/',
    pid: 1,
    inspect: '127.0.0.1:9229',
    path: '/chat',
    waitFor: 'ready',
    user: 'u{n}',
    userCommand: 'node mint.js',
    recipe: 'ws',
    send: [],
    metrics: 'http://127.0.0.1:9/metrics',
    gauges: [],
    subscribe: 'topic',
    limit: 20,
    deadlineMs: 500,
    silenceMs: 2_000,
    emergencyThreshold: 0.8,
    only: [],
    coverage: 'quick',
    suite: 'production',
    scenario: ['mine.mjs'],
    long: true,
    soakForMinutes: 60,
    soakFile: 'soak.jsonl',
    nextCommand: 'node next.js',
    leaseMs: 30_000,
    iOwnThisHost: true,
    ratePerSecond: 5,
    header: ['x-team: a'],
    ca: 'ca.pem',
    cert: 'cert.pem',
    key: 'key.pem',
    insecure: true,
    proxy: 'http://127.0.0.1:3128',
    scheduled: true,
    push: 'http://127.0.0.1:9091',
    textfile: 'watertight.prom',
    cycles: 100,
    concurrency: 10,
    newUsers: true,
    budgetMs: 90_000,
    plant: true,
    noTrace: true,
    maxStopMs: 5_000,
    baseline: 'last.json',
    allow: [{ match: 'Session', reason: 'a ring of 500', until: '2027-01-31' }],
    seed: 1,
    settleMs: 1,
    timeoutMs: 1_000,
    expect: ['timers-left'],
    bail: false,
    json: 'a.json',
    reportMd: 'a.md',
    reportHtml: 'a.html',
    reportJunit: 'a.xml',
    reportSarif: 'a.sarif',
    reportGitlab: 'a.gl.json',
    reportDir: 'a',
    github: true,
    noColor: true,
  };

  it('[C6] has every key of the option table, and no other, with the type it is checked for', async () => {
    const keys = [...CONFIG_ONLY_KEYS, ...CHECK_OPTIONS.flatMap((row) => row.configKey ?? [])];
    expect(new Set(Object.keys(defineConfig(everything)))).toEqual(new Set(keys));
    const cwd = folder({ 'watertight.config.json': JSON.stringify(everything) });
    const { values, allow } = await loadConfig(cwd, undefined);
    expect({ ...Object.fromEntries(values), allow }).toEqual(everything);
  });
});
