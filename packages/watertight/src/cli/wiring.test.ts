import { describe, expect, it } from 'vitest';

import type { Scenario } from '../scenarios/types.ts';
import { commandText } from './command-text.ts';
import { openFilesLimit, refuseForOpenFiles } from './open-files.ts';
import { resolvePromises } from './promises.ts';
import { chooseScenarios } from './scenario-choice.ts';
import { seededRandom } from '../drive/seeded-random.ts';

const named = (name: string): Scenario => ({
  name,
  aliases: [`long-${name}`],
  purpose: '',
  steps: [],
  estimate: () => ({ sockets: 0, seconds: 0 }),
  run: () => Promise.resolve(),
});
const catalogue = ['a', 'b', 'suite-coverage'].map(named);
const find = (text: string): Scenario | undefined =>
  catalogue.find(({ name, aliases }) => name === text || aliases.includes(text));

describe('the choice of scenarios', () => {
  it.each([
    [[], undefined, ['a', 'b']],
    [[], 'quick', ['a', 'b', 'suite-coverage']],
    [['b', 'long-a', 'b'], undefined, ['a', 'b']],
    [['suite-coverage'], undefined, ['suite-coverage']],
    [['b'], 'full', ['b', 'suite-coverage']],
  ] as const)('[C8] --only %j, --coverage %s: %j', (only, coverage, names) => {
    expect(chooseScenarios(catalogue, { only, coverage }, find).map(({ name }) => name)).toEqual(names);
  });

  it.each([
    [{ only: [], suite: undefined }, ['a', 'b']],
    [{ only: [], suite: 'critical' }, ['a', 'b']],
    [{ only: [], suite: 'production' }, ['p']],
    [{ only: [], suite: 'gentle' }, ['b']],
    [{ only: [], suite: 'all' }, ['a', 'b', 'p']],
    [{ only: ['p'], suite: undefined }, ['p']],
    [{ only: ['a'], suite: 'production' }, ['a', 'p']],
  ] as const)('[PS4] %j: %j', (settings, names) => {
    const [a, b, own] = catalogue;
    if (a === undefined || b === undefined || own === undefined) throw new Error('three are named above');
    const all = [a, { ...b, isGentle: true }, own, { ...named('p'), suite: 'production' as const }];
    const chosen = chooseScenarios(all, { ...settings, coverage: undefined }, (text) =>
      all.find(({ name }) => name === text),
    );
    expect(chosen.map(({ name }) => name)).toEqual(names);
  });

  it.each([
    [[], undefined, ['mine']],
    [['a'], undefined, ['a', 'mine']],
    [['mine'], undefined, ['mine']],
    [[], 'critical', ['a', 'b', 'mine']],
  ] as const)("[PS5] a scenario of one's own runs alone unless others are named: %j, %s: %j", (only, suite, names) => {
    const chosen = chooseScenarios(catalogue, { only, suite, coverage: undefined }, find, [named('mine')]);
    expect(chosen.map(({ name }) => name)).toEqual(names);
  });

  it('[C8] an unknown name is answered with the known ones', () => {
    expect(() => chooseScenarios(catalogue, { only: ['c'], coverage: undefined }, find)).toThrow(
      '--only is "c", which is no scenario; known are\n  a\n  b\n  suite-coverage',
    );
  });
});

describe('promises', () => {
  const factory = {
    maxManagersPerUser: 7,
    cleanupDeadlineMs: 400,
    emergencyThreshold: false,
    heartbeatIntervalMs: 1_000,
    heartbeatMisses: 2,
  };
  type Options = Parameters<typeof resolvePromises>[1];
  const options = factory as unknown as NonNullable<Options>;
  const none = { limit: undefined, deadlineMs: undefined, silenceMs: undefined, emergencyThreshold: undefined };

  it('[C9] come from the command line or config before the target', () => {
    const given = { ...none, limit: { by: 'config', value: 20 } } as const;
    expect(resolvePromises(given, options)).toEqual({
      limit: { by: 'config', value: 20 },
      deadlineMs: { by: 'target', value: 400 },
      emergencyThreshold: { by: 'nobody' },
      silenceDetectedWithinMs: { by: 'target', value: 3_000 },
    });
  });

  it('[C9] of silence come from the command line too, whatever the heartbeat of the target is', () => {
    const given = { ...none, silenceMs: { by: 'option', value: 2_000 } } as const;
    const promised = { by: 'option', value: 2_000 };
    expect(resolvePromises(given, options).silenceDetectedWithinMs).toEqual(promised);
    expect(resolvePromises(given, undefined).silenceDetectedWithinMs).toEqual(promised);
  });

  it('[C9] come from nobody otherwise, and so does silence without a heartbeat', () => {
    const nobody = { by: 'nobody' };
    expect(resolvePromises(none, undefined)).toEqual({
      limit: nobody,
      deadlineMs: nobody,
      emergencyThreshold: nobody,
      silenceDetectedWithinMs: nobody,
    });
    const mute = { ...options, heartbeatIntervalMs: false } as unknown as NonNullable<Options>;
    expect(resolvePromises(none, mute).silenceDetectedWithinMs).toEqual({ by: 'nobody' });
  });
});

describe('open files', () => {
  it('[C10] the limit of this process is read', () => {
    expect(openFilesLimit('self')).toBeGreaterThan(0);
    expect(openFilesLimit(2 ** 30)).toBeUndefined();
  });

  it('[C10] too low a limit is refused with the number that is needed, here and in the target', () => {
    expect(refuseForOpenFiles(100, 363, undefined)).toContain(
      'the open-files limit is 363; 100 sockets at once need 364 here',
    );
    expect(refuseForOpenFiles(100, 364, 163)).toContain(
      "the target's open-files limit is 163; 100 sockets at once need 164 there",
    );
    expect(refuseForOpenFiles(100, 364, 164)).toBeUndefined();
    expect(refuseForOpenFiles(1e6, undefined, undefined)).toBeUndefined();
  });
});

describe('chance', () => {
  const draw = (seed: number, name: string): number[] => Array.from({ length: 1_000 }, seededRandom(seed, name));

  it('[C17] is decided by seed and scenario', () => {
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
  });

  it('[C17] is spread over [0, 1)', () => {
    const values = draw(0, '');
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(values.reduce((sum, value) => sum + value) / values.length).toBeCloseTo(0.5, 1);
  });
});

describe('the command in the report', () => {
  it('[C1] can be typed again', () => {
    expect(commandText(['node', 'my server.js', "it's", '--a=b', ''])).toBe(
      String.raw`node 'my server.js' 'it'\''s' --a=b ''`,
    );
  });
});
