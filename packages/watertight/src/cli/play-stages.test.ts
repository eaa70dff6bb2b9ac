import { expect, test } from 'vitest';
import { runContext, URL_OF_NOBODY } from '../../test/run-context.ts';
import { openDrive } from '../drive/drive.ts';
import { parseIdentity } from '../drive/identity.ts';
import { situations } from '../scenarios/situations.ts';
import type { Scenario, ScenarioContext } from '../scenarios/types.ts';
import { playStages, type Played } from './play-stages.ts';
import { planStages, type Stage } from './stages.ts';
import { suiteCoverage } from '../scenarios/suite-coverage.ts';

function scenario(name: string, more: Partial<Scenario> = {}): Scenario {
  return {
    name,
    aliases: [],
    purpose: '',
    steps: [{ id: `${name}/holds`, title: '' }],
    estimate: () => ({ sockets: 0, seconds: 0 }),
    run: ({ tracker }) => tracker.step(`${name}/holds`, () => ({ ok: true })).then(() => undefined),
    ...more,
  };
}

function play(stages: readonly Stage[], said: string[] = []): Promise<Played> {
  return playStages(stages, {
    run: runContext(),
    progress: { update: () => undefined, line: (text) => said.push(text), end: () => undefined },
    openDrive: () => openDrive(URL_OF_NOBODY, parseIdentity()),
    stopped: () => undefined,
    known: () => undefined,
  });
}

const namesOf = (stages: readonly Stage[]): unknown =>
  stages.map((stage) => stage.map((lane) => lane.map((turn) => turn.map(({ name }) => name).join(' + '))));

test('[PS9] who counts what the whole target holds has it alone, users wait together, copies run beside all', () => {
  const [critical, other] = [scenario('critical'), scenario('other')];
  expect(namesOf(planStages([critical, other, ...situations], { isAlone: false }))).toEqual([
    [['critical']],
    [['other']],
    [
      [
        'browser-multi-tab + cold-start-burst + reconnect-cycles + identity-mismatch + idle-but-alive',
        'cleanup-versus-creation',
        'slow-consumer',
        'upgrade-abort-storm',
        'statistics-polling',
        'soak',
      ],
      ['process-restart', 'deploy-rollover'],
    ],
  ]);
  expect(namesOf(planStages([critical, ...situations.slice(0, 2)], { isAlone: true }))).toEqual([
    [['critical']],
    [['browser-multi-tab']],
    [['cold-start-burst']],
  ]);
});

test('[PS9] beside the fault matrix whoever needs the processor comes last, and without it nobody changes places', () => {
  const critical = [scenario('first'), scenario('second', { isBusy: true }), scenario('third')];
  const order = (scenarios: readonly Scenario[]): readonly string[] =>
    planStages(scenarios, { isAlone: false }).flatMap((stage) => stage.flat(2).map(({ name }) => name));
  expect(order(critical)).toEqual(['first', 'second', 'third']);
  expect(order([...critical, suiteCoverage, scenario('later')])).toEqual([
    'first',
    'third',
    'second',
    'suite-coverage',
    'later',
  ]);
});

/** Holds while nothing else runs. */
function disturbed(running: Set<string>): Scenario {
  const run = async ({ tracker }: ScenarioContext): Promise<void> => {
    await tracker.step('disturbed/holds', () => ({
      ok: running.size === 0,
      type: 'other-user-affected',
      message: 'somebody else was there',
    }));
  };
  return scenario('disturbed', { run });
}

test('[PS9] what was not in order beside others is looked at again alone, and that look counts', async () => {
  const running = new Set<string>();
  let looks = 0;
  const busy = scenario('busy', {
    run: async ({ tracker }) => {
      running.add('busy');
      await tracker.step('busy/holds', async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { ok: true };
      });
      running.delete('busy');
    },
  });
  const broken = scenario('broken', {
    run: async ({ tracker }) => {
      looks += 1;
      await tracker.step('broken/holds', () => ({ ok: false, type: 'managers-left', message: 'one is left' }));
    },
  });
  const said: string[] = [];
  const { results } = await play([[[[busy, disturbed(running)]], [[broken]]]], said);
  expect(Object.fromEntries([...results].map(([name, { verdict }]) => [name, verdict]))).toEqual({
    broken: 'leak',
    busy: 'watertight',
    disturbed: 'watertight',
  });
  expect(looks).toBe(2);
  const noteOf = (name: string): unknown => results.get(name)?.steps[0]?.note;
  expect(noteOf('disturbed')).toBe('it held alone, which counts; beside others: somebody else was there');
  expect([noteOf('busy'), noteOf('broken')]).toEqual([undefined, 'one is left']);
  expect(said).toEqual([
    expect.stringContaining('disturbed ran beside others'),
    'watertight: disturbed/holds: it held alone, which counts; beside others: somebody else was there',
    expect.stringContaining('broken ran beside others'),
  ]);
});

test('[PS9] what ran alone is looked at once', async () => {
  let looks = 0;
  const broken = scenario('broken', {
    run: async ({ tracker }) => {
      looks += 1;
      await tracker.step('broken/holds', () => ({ ok: false, type: 'managers-left', message: 'one is left' }));
    },
  });
  await play([[[[broken]]]]);
  expect(looks).toBe(1);
});
