import { describe, expect, it } from 'vitest';

import { sample } from '../../test/sample-result.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { renderTerminal, wantsColor } from './terminal.ts';

describe('the report in the terminal', () => {
  it('[H1] shows scenarios, violations, what was not looked at, promises, coverage, advice and a last line', () => {
    expect(renderTerminal(sample, { color: false })).toMatchInlineSnapshot(`
      "scenario                             verdict       what was seen                                     elapsed
      manager-creation-limit-enforcement   watertight    1 of 2 steps held, 1 not visible; admitted 20;    0.3 s
                                                         admission p50 1.2 ms, max 12.3 s (21)
      rapid-connection-cycles-stress       leak          after 100 cycles 100 timers stayed; user          2.0 s
                                                         \\u{1b}[2J<b>*x*; 0 of 1 steps held, 1 broken; 1
                                                         violation as expected
      emergency-cleanup-threshold-trigger  not promised  0 of 4 steps held, 4 not promised                 0.0 s

      What the server complained of
        - MaxListenersExceededWarning × 30, 1 per connection: Possible EventEmitter memory leak \\u{1b}[2J
        - unhandled rejection × 2

      Leaks and violations
        1. timers-left (leak, critical)
           in rapid-connection-cycles-stress, step stress/timers
           after 100 cycles 100 timers stayed; user \\u{1b}[2J<b>*x*
           evidence: timers 100, per cycle 1
        2. late-release (violation, medium) - expected
           in rapid-connection-cycles-stress, step stress/timers
           released after 3 s

      Not looked at
        not visible  limit/held
           no factory
        not promised  emergency/a, emergency/b, emergency/c and 1 more
           nobody said when (--emergency-threshold)

      Promises
        limit                    20 managers per user (command line)
        cleanup deadline         500 ms (the target itself)
        emergency threshold      80 % of the limit (config file)
        silence detected within  not promised

      Coverage: faulty servers by scenario
        fault    what is wrong with it                         1  2  caught by
        healthy  Nothing                                       .  .  nobody
        D-01     No release on close                           X  -  limit/three-of-five-come-back
        D-99     A fault nobody sees                           .  .  nobody (wrong)
        1 = limit, 2 = timing; X caught, . green, - not run

      What this cannot show
        - Lost packets were not part of it.

      Ended early
        the target crashed
        Last output:
          | Error: \\u{7}boom

      What to do next
        1. Clear every timer where its socket ends.
        2. Repeat it alone: --only rapid-connection-cycles-stress

      leak: 3 of 3 scenarios, 312 sockets, 4.3 s; exit code 1
      "
    `);
  });

  it('[H1] leaves evidence that is longer than a line to the files, and says how much', () => {
    const [, stress] = sample.scenarios;
    const [leak] = stress?.violations ?? [];
    if (stress === undefined || leak === undefined) throw new Error('the sample has no leak');
    const bulky = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`after ending ${index}`, 'x'.repeat(60)]),
    );
    const shown = (evidence: typeof leak.evidence): string =>
      renderTerminal({ ...sample, scenarios: [{ ...stress, violations: [{ ...leak, evidence }] }] }, { color: false });
    expect(shown({ cycles: 7, ...bulky })).toMatch(
      /evidence: cycles 7, after ending 0 x{60}, 19 more figures in --json and --report-md\n/,
    );
    expect(shown({ all: 'x'.repeat(200) })).toContain('evidence: 1 figure in --json and --report-md\n');
  });

  it('[H1] of a clean run is short', () => {
    const [first] = sample.scenarios;
    const steps = first === undefined ? [] : first.steps.slice(0, 1);
    const clean = {
      ...sample,
      scenarios: first === undefined ? [] : [{ ...first, steps }],
      complaints: [],
      coverage: null,
      stopped: null,
      nextSteps: [],
    };
    expect(renderTerminal({ ...clean, verdict: 'watertight', exitCode: 0 }, { color: false })).toMatchInlineSnapshot(`
      "scenario                            verdict       what was seen                                     elapsed
      manager-creation-limit-enforcement  watertight    1 of 1 steps held; admitted 20; admission p50     0.3 s
                                                        1.2 ms, max 12.3 s (21)

      Promises
        limit                    20 managers per user (command line)
        cleanup deadline         500 ms (the target itself)
        emergency threshold      80 % of the limit (config file)
        silence detected within  not promised

      What this cannot show
        - Lost packets were not part of it.

      watertight: 1 of 1 scenarios, 312 sockets, 4.3 s; exit code 0
      "
    `);
  });

  it('[H3] is the same text in colours', () => {
    const colored = renderTerminal(sample, { color: true });
    expect(colored).toContain('\u001b[31mleak\u001b[39m');
    expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderTerminal(sample, { color: false }));
  });

  it.each([
    [true, {}, true, true],
    [false, {}, true, false],
    [undefined, {}, true, false],
    [true, { NO_COLOR: '1' }, true, false],
    [true, { NO_COLOR: '' }, true, true],
    [true, { TERM: 'dumb' }, true, false],
    [true, {}, false, false],
  ] as const)('[H3] terminal %s, environment %o, asked %s: colours %s', (isTTY, env, asked, colors) => {
    expect(wantsColor(isTTY === undefined ? {} : { isTTY }, env, asked)).toBe(colors);
  });
});

it('[H10] what the target complained of is told with its number, its rate and its first text, without control characters', () => {
  const lines = [
    'MaxListenersExceededWarning × 30, 1 per connection: Possible EventEmitter memory leak',
    'unhandled rejection × 2\n',
  ];
  const text = renderTerminal(sample, { color: false });
  for (const line of lines) expect(text).toContain(line);
  expect(text).not.toContain('\u001b');
  for (const line of lines) expect(renderMarkdown(sample)).toContain(line);
  expect(JSON.parse(renderJson(sample))).toMatchObject({ complaints: sample.complaints });
});

it('[H30] what grew and is no leak is named in the terminal and in Markdown, beside a leak as well', () => {
  const harmless = [
    {
      kind: 'objects',
      name: 'Page',
      growth: { is: 'bounded', at: 50 },
      sentence: 'Page: bounded (fills to 50)',
      seen: '+29 +21 +0 in 29 + 33 + 38 cycles',
    },
    {
      kind: 'objects',
      name: '<b>Visit\u001b[2J',
      growth: { is: 'late', afterMs: 3_000 },
      sentence: '<b>Visit\u001b[2J: late release (after 3.0 s)',
      seen: '100 more at most, 0 left at the end, in 100 cycles',
    },
  ] as const;
  const [first, second, ...rest] = sample.scenarios;
  if (first === undefined || second === undefined) throw new Error('the sample has too few scenarios');
  const told = {
    ...sample,
    scenarios: [first, { ...second, evidence: { looks: [], rows: [], unseen: [], harmless } }, ...rest],
  };
  expect(renderTerminal(told, { color: false })).toContain(
    [
      'What grew, and is no leak',
      '  - Page: bounded (fills to 50); seen: +29 +21 +0 in 29 + 33 + 38 cycles',
      '  - <b>Visit\\u{1b}[2J: late release (after 3.0 s); seen: 100 more at most, 0 left at the end, in 100 cycles',
      '',
    ].join('\n'),
  );
  const markdown = renderMarkdown(told);
  expect(markdown).toContain('## What grew, and is no leak\n\n- Page: bounded');
  expect(markdown).toMatch(/late release \(after 3\.0 s\)/);
  expect(markdown).not.toContain('<b>Visit');
  expect(renderTerminal(sample, { color: false })).not.toContain('and is no leak');
});
