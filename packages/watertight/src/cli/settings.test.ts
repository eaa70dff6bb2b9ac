import { describe, expect, it } from 'vitest';

import { EXIT_CODES } from './exit-codes.ts';
import { CHECK_OPTIONS } from './option-table.ts';
import { parseArguments } from './program.ts';
import { readSettings, type CheckSettings } from './settings.ts';
import type { OptionValue } from './read-value.ts';

function settings(args: readonly string[], config: Record<string, OptionValue> = {}): CheckSettings {
  const invocation = parseArguments(['check', ...args], '1.2.3');
  if (invocation.do !== 'check') throw new Error(`did ${invocation.do}`);
  return readSettings(invocation.line, { values: new Map(Object.entries(config)), allow: [] });
}

const problem = (args: readonly string[], config: Record<string, OptionValue> = {}): string => {
  try {
    settings(args, config);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'no problem';
};

describe('the command behind --', () => {
  it('[C1] is passed on untouched', () => {
    const { target } = settings(['--limit', '3', '--', 'node', '--limit', '--', '--help', '']);
    expect(target).toEqual({ command: ['node', '--limit', '--', '--help', ''] });
  });

  it('[C1] is missed when it stands in front', () => {
    expect(problem(['node', 'server.js'])).toBe(
      'unexpected "node": the command to start stands behind --, such as: watertight check -- node server.js',
    );
  });
});

it('[C1] a URL in its place is told where it belongs', () => {
  expect(problem(['ws://127.0.0.1:3000/chat'])).toBe(
    'unexpected "ws://127.0.0.1:3000/chat": a server that runs already is named by --url',
  );
});

describe('what is unknown', () => {
  it.each([
    [['--limt', '3', '--', 'x'], /unknown option '--limt'\n\(Did you mean one of --limit/],
    [['--limit'], /option '--limit <count>' argument missing/],
    [['--expect', 'leeks', '--', 'x'], /--expect is "leeks"; known are limit-overshoot, .*timers-left/],
    [['--coverage', 'half', '--', 'x'], /--coverage is "half"; expected quick or classic or each or full/],
  ])('[C2] %j is named', (args, message) => {
    expect(problem(args)).toMatch(message);
  });

  it('[C2] a command is named, with the one that was meant', () => {
    expect(() => parseArguments(['chekc'], '1.2.3')).toThrow(/unknown command 'chekc'\n\(Did you mean check\?\)/);
    expect(() => parseArguments([], '1.2.3')).toThrow(/Usage: watertight/);
  });
});

describe('numbers', () => {
  const limit = 'expected a whole number from 1 to 10000 managers per user';
  it.each([
    ['--limit', '0', `--limit is 0; ${limit}`],
    ['--limit', '-4', `--limit is -4; ${limit}`],
    ['--limit', '1e9', `--limit is 1000000000; ${limit}`],
    ['--limit', 'NaN', `--limit is "NaN", which is not a number; ${limit}`],
    ['--limit', 'Infinity', `--limit is "Infinity", which is not a number; ${limit}`],
    ['--limit', '20 managers', `--limit is "20 managers", which is not a number; ${limit}`],
    ['--limit', '', `--limit is "", which is not a number; ${limit}`],
    ['--limit', '0x10', `--limit is "0x10", which is not a number; ${limit}`],
    ['--limit', '2.5', `--limit is 2.5, which is not whole; ${limit}`],
    ['--deadline', '0', '--deadline is 0; expected a whole number from 1 to 600000 milliseconds'],
    ['--silence', '0', '--silence is 0; expected a whole number from 1 to 3600000 milliseconds'],
    [
      '--silence',
      '2s',
      '--silence is "2s", which is not a number; expected a whole number from 1 to 3600000 milliseconds',
    ],
    ['--emergency-threshold', '80', '--emergency-threshold is 80; expected a number from 0.01 to 1 of the limit'],
    ['--timeout', '99', '--timeout is 99; expected a whole number from 100 to 3600000 milliseconds'],
    ['--seed', '4294967296', '--seed is 4294967296; expected a whole number from 0 to 4294967295'],
  ])('[C3] %s %j', (flag, value, message) => {
    expect(problem([flag, value, '--', 'x'])).toBe(message);
  });

  it('[C3] everything that is wrong is named at once', () => {
    expect(problem(['--limit', '0', '--cycles', 'many']).split('\n')).toHaveLength(3);
  });

  it.each([
    ['1', 1],
    ['+20', 20],
    ['10000', 10_000],
    ['2e1', 20],
  ])('[C3] --limit %s is accepted', (text, value) => {
    expect(settings(['--limit', text, '--', 'x']).limit).toEqual({ by: 'option', value });
  });
});

describe('conflicts', () => {
  it.each([
    [
      ['--url', 'ws://localhost/', '--', 'node', 'x y'],
      "--url ws://localhost/ and the command `node 'x y'` both name a target; give one of them",
    ],
    [
      ['--url', 'ws://localhost/', '--wait-for', 'up'],
      '--wait-for and --url exclude each other: --wait-for is about a command that is started',
    ],
    [
      [],
      'nothing to examine: give --url <ws-url>, --pid <number>, or a command behind --, such as: watertight check -- node server.js',
    ],
    [
      ['--'],
      'nothing to examine: give --url <ws-url>, --pid <number>, or a command behind --, such as: watertight check -- node server.js',
    ],
    [['--', ''], 'the command behind -- is empty'],
    [['--url', 'ws://localhost/', '--path', '/b'], '--path and --url exclude each other: the URL says the path itself'],
    [['--pid', '12', '--', 'x'], '--pid 12 and the command `x` both name a target; give one of them'],
    [['--inspect', '9229', '--', 'x'], '--inspect 9229 and the command `x` both name a target; give one of them'],
    [['--pid', '12', '--inspect', '9229'], '--pid 12 and --inspect 9229 both name a target; give one of them'],
    [
      ['--pid', '12', '--wait-for', 'up'],
      '--wait-for and --pid exclude each other: --wait-for is about a command that is started',
    ],
    [
      ['--inspect', '9229', '--wait-for', 'up'],
      '--wait-for and --inspect exclude each other: --wait-for is about a command that is started',
    ],
    [
      ['--pid', '12', '--url', 'ws://localhost/', '--path', '/b'],
      '--path and --url exclude each other: the URL says the path itself',
    ],
    [
      ['--inspect', 'localhost'],
      '--inspect is "localhost"; expected <host>:<port> with a port from 1 to 65535, such as 127.0.0.1:9229',
    ],
    [
      ['--inspect', '127.0.0.1:70000'],
      '--inspect is "127.0.0.1:70000"; expected <host>:<port> with a port from 1 to 65535, such as 127.0.0.1:9229',
    ],
    [['--pid', '0'], '--pid is 0; expected a whole number from 1 to 4194304'],
    [
      ['--wait-for', 'http://localhost:http/', '--', 'x'],
      '--wait-for is "http://localhost:http/", which begins like a URL and is none',
    ],
    ...['--proxy', '--push', '--metrics'].map((flag): [string[], string] => [
      [
        '--url',
        'ws://localhost/',
        flag,
        'http://me:100%@localhost/',
        ...(flag === '--metrics' ? ['--gauge', 'x'] : []),
      ],
      `${flag} has a % in its user or password that begins no escape; a % itself is written as %25`,
    ]),
    [
      ['--url', 'ws://me:100%@localhost/'],
      '--url has a % in its user or password that begins no escape; a % itself is written as %25',
    ],
    [['--path', 'b', '--', 'x'], '--path is "b"; expected a path that begins with /'],
    [
      ['--url', 'http://localhost/'],
      '--url is "http://localhost/"; expected a URL that begins with ws:// or wss://, such as ws://localhost/',
    ],
    [
      ['--url', 'localhost:3000/chat'],
      '--url is "localhost:3000/chat"; expected a URL that begins with ws:// or wss://, such as ws://localhost:3000/chat',
    ],
    [['--url', 'not a url'], '--url is "not a url", which is not a URL; expected one such as ws://127.0.0.1:3000/chat'],
    [['--url', ''], '--url is empty; expected text of 1 to 4096 bytes'],
  ])('[C4] %j', (args, message) => {
    expect(problem(args)).toBe(message);
  });
});

describe('a process that runs already', () => {
  it('[K10] is named by --pid, and --url or --path may say where it serves', () => {
    expect(settings(['--pid', '12']).target).toEqual({ pid: 12 });
    expect(settings(['--pid', '12', '--url', 'ws://localhost/']).target).toEqual({ pid: 12, url: 'ws://localhost/' });
    expect(settings(['--pid', '12', '--path', '/b'])).toMatchObject({ target: { pid: 12 }, path: '/b' });
  });

  it('[K11] is named by --inspect, with or without a host', () => {
    expect(settings(['--inspect', '9229', '--url', 'ws://localhost/']).target).toEqual({
      inspect: '9229',
      url: 'ws://localhost/',
    });
    expect(settings(['--inspect', '[::1]:9229', '--path', '/b'])).toMatchObject({ path: '/b' });
  });
});

describe('text', () => {
  it.each([
    ['empty', '', '--user is empty; expected text of 1 to 1024 bytes'],
    ['too long in bytes', 'ü'.repeat(600), '--user is 1200 bytes long; at most 1024 bytes'],
    [
      'with a control character',
      'a\u0007{n}',
      '--user has the control character U+0007 at position 1; expected plain text',
    ],
    ['that was no UTF-8', 'a\uFFFD{n}', '--user is not valid UTF-8'],
    ['with a lone surrogate', 'a\ud800{n}', '--user is not valid UTF-8'],
  ])('[C16] a user template %s', (_, user, message) => {
    expect(problem(['--user', user, '--', 'x'])).toBe(message);
  });

  it('[C16] 10 MB long, from a config file, costs a sentence and not a screen', () => {
    const invocation = parseArguments(['check', '--', 'x'], '1.2.3');
    expect(invocation.do).toBe('check');
    expect(problem(['--user', 'u'.repeat(10 * 1024 * 1024), '--', 'x'])).toBe(
      '--user is 10485760 bytes long; at most 1024 bytes',
    );
  });
});

describe('command line over config over defaults', () => {
  it('[C6] every value says where it comes from', () => {
    const read = settings(['--limit', '5', '--', 'x'], {
      limit: 9,
      deadlineMs: 700,
      silenceMs: 1_500,
      only: ['a'],
      bail: true,
      noColor: true,
    });
    expect(read).toMatchObject({
      limit: { by: 'option', value: 5 },
      deadlineMs: { by: 'config', value: 700 },
      silenceMs: { by: 'config', value: 1_500 },
      emergencyThreshold: undefined,
      only: ['a'],
      bail: true,
      color: false,
      cycles: 100,
      seed: 1,
      settleMs: 5_000,
      timeoutMs: 120_000,
    });
  });

  it('[C6] a flag that is false in the config is as if it were not there', () => {
    expect(settings(['--', 'x'], { long: false })).toEqual(settings(['--', 'x']));
    expect(settings(['--', 'x'], { long: true }).timeoutMs).toBe(1_320_000);
  });

  it('[C6] a target on the command line replaces the one of the config', () => {
    expect(settings(['--url', 'ws://localhost/'], { command: ['node', 'x'] }).target).toEqual({
      url: 'ws://localhost/',
    });
    expect(settings(['--', 'node'], { url: 'ws://localhost/' }).target).toEqual({ command: ['node'] });
    expect(settings([], { command: ['node', 'x'] }).target).toEqual({ command: ['node', 'x'] });
    expect(problem([], { command: ['x'], url: 'ws://localhost/' })).toContain('both name a target');
    expect(settings(['--pid', '12'], { command: ['x'], url: 'ws://localhost/', waitFor: 'up' }).target).toEqual({
      pid: 12,
    });
    expect(settings(['--inspect', 'box:9229'], { pid: 3 }).target).toEqual({ inspect: 'box:9229' });
  });
});

describe('--help', () => {
  const help = (args: readonly string[]): string => {
    const invocation = parseArguments(args, '1.2.3');
    return invocation.do === 'print' ? invocation.text : '';
  };

  it('[C7] shows every option of the table, and no other', () => {
    const shown = [...help(['check', '--help']).matchAll(/^ {2}--([a-z-]+)/gm)].map((match) => match[1]);
    expect(shown).toEqual([...CHECK_OPTIONS.map((row) => row.flag), 'help']);
  });

  it('[C7] shows limits, units and defaults', () => {
    const text = help(['check', '--help']).replaceAll(/\s+/g, ' ');
    for (const row of CHECK_OPTIONS) {
      if (row.kind.is === 'number')
        expect(text).toContain(`${row.kind.min} to ${row.kind.max} ${row.kind.unit}`.trimEnd());
      if (row.default !== undefined) expect(text).toContain(`default ${row.default}`);
    }
  });

  it('[C5] shows every exit code', () => {
    for (const { code, meaning } of EXIT_CODES)
      expect(help(['check', '--help'])).toContain(`${String(code).padEnd(4)} ${meaning}`);
  });

  it('[C7] and --version end well', () => {
    expect(help(['--version'])).toBe('1.2.3\n');
    expect(help(['--help'])).toContain('check [options]');
  });

  it('[C19] --list and list do the same', () => {
    for (const args of [['list'], ['--list'], ['check', '--list']])
      expect(parseArguments(args, '1.2.3')).toEqual({ do: 'list' });
  });
});

it('[FL2] elsewhere 5 connections a second, 20 cycles and 2 at a time are the default, and on this machine no rate', () => {
  const counts = (args: readonly string[]): unknown => {
    const { cycles, fleet, effort } = settings(args);
    return [fleet.ratePerSecond, cycles, effort.concurrency];
  };
  const elsewhere = ['--url', 'ws://chat.example/', '--i-own-this-host'];
  expect(counts(elsewhere)).toEqual([5, 20, 2]);
  expect(counts([...elsewhere, '--rate', '7', '--cycles', '30', '--concurrency', '3'])).toEqual([7, 30, 3]);
  expect(counts(['--url', 'ws://127.0.0.1:1/'])).toEqual([undefined, 100, 10]);
});
