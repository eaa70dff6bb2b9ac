import { afterEach, expect, test } from 'vitest';
import { rapidConnectionCyclesStress } from '../src/scenarios/rapid-connection-cycles-stress.ts';
import { USUAL_EFFORT } from '../src/scenarios/types.ts';
import { check } from './channel-check.ts';
import { examine, NOTHING_PROMISED, startSpecimen, type Bench } from './scenario-bench.ts';

const UNTRACED = { ...USUAL_EFFORT, trace: false };
/** What a suspicion costs grows with them; enough for a rate of one in three. */
const FEW_CYCLES = 40;
/** Every ending alone takes seconds, and many more where both cores are busy. */
const MANY_WINDOWS_MS = 120_000;

/** Vitest types its matchers as `any`. */
const textMatching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.end();
  bench = undefined;
});

const ATTRIBUTION = 'cycles/nothing-is-left-after-any-ending';

test(
  '[N15] W-13 is convicted of a room entry after a reset, and of nothing after any other ending',
  async () => {
    bench = await startSpecimen('W-13');
    const result = await examine(bench, rapidConnectionCyclesStress, { cycles: FEW_CYCLES, effort: UNTRACED });
    const [first] = result.violations;
    expect(first).toMatchObject({ step: ATTRIBUTION, type: 'instances-left', kind: 'leak' });
    // Where the client resets in the middle of the upgrade the server may not have got as far as the room.
    expect(first?.message).toMatch(
      /^left after RST\b[^;]*: 1 SpecimenConnection\b[^;]* per connection \([67] of 7\);(?: after [^;]*;)* nothing after a close frame, FIN, [^;]*and a vanish$/,
    );
    expect(first?.evidence).toMatchObject({
      'cycles per ending': 7,
      'after RST': textMatching(/^[67] SpecimenConnection\b/),
      'after RST in the middle of a frame': textMatching(/^[67] SpecimenConnection\b/),
      'after FIN': 'nothing',
      'after a protocol error': 'nothing',
      'after a close frame': 'nothing',
      'after a vanish': textMatching(/^nothing, /),
    });
    expect(result.leftOpen).toBe(0);
  },
  MANY_WINDOWS_MS,
);

test(
  '[N15] W-11 is convicted of a running timer after every ending, by the name of what stays',
  async () => {
    bench = await startSpecimen('W-11');
    const result = await examine(bench, rapidConnectionCyclesStress, {
      cycles: FEW_CYCLES,
      promises: NOTHING_PROMISED,
      effort: UNTRACED,
    });
    expect(result.violations[0]).toMatchObject({ step: ATTRIBUTION, type: 'timers-left' });
    for (const ending of ['RST', 'FIN', 'a protocol error', 'a close frame'])
      expect(result.violations[0]?.evidence[`after ${ending}`]).toMatch(
        /^7 interval 60000 ms calling \(anonymous\), 7 SpecimenConnection\b/,
      );
    expect(result.violations[0]?.message).toContain('which nobody promised to notice (--silence)');
  },
  MANY_WINDOWS_MS,
);

test(
  '[N41] W-82 is convicted of what stays of peers that vanished or stalled, after cycles in which nothing grew',
  async () => {
    bench = await startSpecimen('W-82');
    const result = await examine(bench, rapidConnectionCyclesStress, { cycles: FEW_CYCLES, effort: UNTRACED });
    expect(result.violations).toMatchObject([
      { step: 'cycles/nothing-is-left-of-silent-peers', type: 'instances-left', kind: 'leak' },
    ]);
    expect(result.violations[0]?.message).toMatch(
      /^left of peers that vanished or stalled, \d+ ms later: 1 SpecimenConnection\b[^;]* per connection \(22 of 22\)$/,
    );
    expect(result.leftOpen).toBe(0);
  },
  MANY_WINDOWS_MS,
);

test(
  '[N41] W-35, which never notices silence, is convicted of the connections and not of the managers that hang on them',
  async () => {
    bench = await startSpecimen('W-35');
    const result = await examine(bench, rapidConnectionCyclesStress, { cycles: FEW_CYCLES, effort: UNTRACED });
    expect(result.violations).toMatchObject([
      { step: 'cycles/nothing-is-left-of-silent-peers', type: 'sockets-left', kind: 'leak' },
    ]);
    expect(result.violations[0]?.message).toMatch(/ 1 socket \(ESTABLISHED\)[^;]* per connection \(22 of 22\)$/);
    expect(result.leftOpen).toBe(0);
  },
  MANY_WINDOWS_MS,
);

test('[N41] where nobody promised to notice silence, nobody waits for it', async () => {
  bench = await startSpecimen('W-82');
  const settings = { cycles: FEW_CYCLES, promises: NOTHING_PROMISED, effort: UNTRACED };
  const { steps, violations } = await examine(bench, rapidConnectionCyclesStress, settings);
  const step = steps.find(({ id }) => id === 'cycles/nothing-is-left-of-silent-peers');
  expect([violations, step]).toMatchObject([[], { status: 'not promised', note: textMatching(/--silence/) }]);
});

test.each([
  ['copy', 'entry in a copied Array of number'],
  ['dictionary', 'entry in an Object of boolean'],
  ['nobody', undefined],
])(
  '[N41] of peers that fall silent, what is no object is found too: %s',
  { timeout: MANY_WINDOWS_MS },
  async (how, name) => {
    const { cycles } = await check(['remembers-silent.mjs', how], ['--no-trace', '--silence', '1000']);
    const messages = cycles.violations.map(({ message }) => message);
    expect(messages).toEqual(
      name === undefined ? [] : [textMatching(new RegExp(`: 1 ${name} per connection \\(22 of 22\\)$`))],
    );
  },
);

test.each([
  ['never', [textMatching(/: 1 socket \(ESTABLISHED\)[^;]* per connection \(22 of 22\)$/)]],
  ['late', []],
])(
  '[N41] a server that gives silent peers up %s is convicted where their connections stay for good',
  { timeout: MANY_WINDOWS_MS },
  async (when, messages) => {
    const { cycles } = await check(['notices-silence.mjs', when], ['--no-trace', '--silence', '1000']);
    expect(cycles.violations.map(({ message }) => message)).toEqual(messages);
    const step = cycles.steps.find(({ id }) => id === 'cycles/nothing-is-left-of-silent-peers');
    expect(step?.figures).toMatchObject({ stayed: textMatching(/\b34 socket \(ESTABLISHED\)/) });
  },
);
