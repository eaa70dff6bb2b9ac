import { expect, test } from 'vitest';
import { Bench } from '../test/factory-kit.ts';
import { type EmergencyRule, type ManagerFacts, planEmergency } from './emergency-plan.ts';

const LIVING: Omit<ManagerFacts, 'id'> = {
  state: 'active',
  dead: false,
  neverAttachedForMs: null,
  quietForMs: 0,
  answer: 'not asked',
  inFlight: 0,
  idleForMs: 0,
};

const RULE: EmergencyRule = { level: 'moderate', heartbeatIntervalMs: 30_000, pendingDeadlineMs: 10_000, needed: 0 };

const facts = (id: number, different: Partial<ManagerFacts> = {}): ManagerFacts => ({ ...LIVING, id, ...different });

const DEAD = { dead: true };
const NEVER_ATTACHED = { neverAttachedForMs: 10_001, quietForMs: null };
const SUSPECT = { quietForMs: 30_001 };
const SILENT = { ...SUSPECT, answer: 'none' } as const;
const BUSY = { inFlight: 1 };

test.each([
  ['someone living', {}, 'moderate', 'spared'],
  ['someone who is merely idle', { idleForMs: 1e9 }, 'moderate', 'spared'],
  ['someone just at the interval', { quietForMs: 30_000 }, 'moderate', 'spared'],
  ['someone dead', DEAD, 'conservative', 'dead'],
  ['someone never attached past its deadline', NEVER_ATTACHED, 'conservative', 'neverAttached'],
  ['someone not attached yet', { neverAttachedForMs: 10_000 }, 'moderate', 'spared'],
  [
    'a pending one before its deadline',
    { state: 'pending', quietForMs: 40_000, neverAttachedForMs: 9000 },
    'moderate',
    'spared',
  ],
  ['a suspect', SUSPECT, 'moderate', 'asked'],
  ['a suspect', SUSPECT, 'force', 'asked'],
  ['a suspect', SUSPECT, 'conservative', 'spared'],
  ['a suspect who answered', { ...SUSPECT, answer: 'answered' }, 'moderate', 'spared'],
  ['a silent one', SILENT, 'moderate', 'silent'],
  ['a silent one', SILENT, 'conservative', 'spared'],
  ['a dead one with work in flight', { ...DEAD, ...BUSY }, 'moderate', 'spared'],
  ['a suspect with work in flight', { ...SUSPECT, ...BUSY }, 'moderate', 'spared'],
  ['a silent one with work in flight', { ...SILENT, ...BUSY }, 'force', 'spared'],
  ['a session without connections', { quietForMs: null, idleForMs: 1e9 }, 'moderate', 'spared'],
] as const)('[E13] %s (%j) at level %s is %s', (_what, different, level, fate) => {
  const plan = planEmergency([facts(7, different)], { ...RULE, level });
  const removed = plan.remove.map(({ kind }) => kind);
  expect(plan.ask).toEqual(fate === 'asked' ? [7] : []);
  expect(removed).toEqual(fate === 'asked' || fate === 'spared' ? [] : [fate]);
});

test('[E13] nobody is suspected or overdue where the heartbeat or the pending deadline is off', () => {
  const rule = { ...RULE, heartbeatIntervalMs: false, pendingDeadlineMs: false } as const;
  expect(planEmergency([facts(1, SUSPECT), facts(2, NEVER_ATTACHED)], rule)).toEqual({ remove: [], ask: [] });
});

test('[E13] removal goes dead, never attached, silent, and keeps the order within each', () => {
  const managers = [facts(1, SILENT), facts(2, NEVER_ATTACHED), facts(3, DEAD), facts(4, SILENT), facts(5, DEAD)];
  expect(planEmergency(managers, RULE).remove).toEqual([
    { id: 3, kind: 'dead' },
    { id: 5, kind: 'dead' },
    { id: 2, kind: 'neverAttached' },
    { id: 1, kind: 'silent' },
    { id: 4, kind: 'silent' },
  ]);
});

test.each([
  [0, []],
  [1, [3]],
  [2, [3, 1]],
  [9, [3, 1, 2]],
])('[E13] force removes exactly %i of the idle, longest first, as far as there are any', (needed, ids) => {
  const managers = [
    facts(1, { idleForMs: 200 }),
    facts(2, { idleForMs: 100 }),
    facts(3, { idleForMs: 300 }),
    facts(4, { idleForMs: 900, ...BUSY }),
    facts(5, { idleForMs: 900, state: 'pending' }),
  ];
  const { remove } = planEmergency(managers, { ...RULE, level: 'force', needed });
  expect(remove).toEqual(ids.map((id) => ({ id, kind: 'forced' })));
});

test('[E13] what the gentler levels free counts towards what force has to free, and suspects are asked first', () => {
  const force = { ...RULE, level: 'force', needed: 2 } as const;
  const managers = [facts(1, DEAD), facts(2, { idleForMs: 50 }), facts(3, { idleForMs: 70 })];
  expect(planEmergency(managers, force).remove.map(({ id }) => id)).toEqual([1, 3]);
  const withSuspect = [...managers, facts(4, SUSPECT)];
  expect(planEmergency(withSuspect, force)).toEqual({ remove: [{ id: 1, kind: 'dead' }], ask: [4] });
});

test('[E13] the plan changes nothing it is given', () => {
  const managers = [facts(1, DEAD), facts(2, { idleForMs: 5 })].map((one) => Object.freeze(one));
  planEmergency(Object.freeze(managers), Object.freeze({ ...RULE, level: 'force', needed: 5 }));
  expect(managers.map(({ id }) => id)).toEqual([1, 2]);
});

test('[E39] what cannot be asked of a cleanup is refused with all that is wrong, and nothing is run', async () => {
  const bench = new Bench();
  bench.manager();
  const wrong = { level: 'Force', needed: -1, users: 3 } as never;
  const problems = [
    'users is not an option of an emergency cleanup',
    'level must be one of conservative, moderate, force; got "Force"',
    'needed must be a whole number of managers from 0; got -1',
  ];
  await expect(bench.factory.runEmergencyCleanup('ada', wrong)).rejects.toMatchObject({ problems });
  expect(() => bench.factory.previewEmergencyCleanup('ada', wrong)).toThrow(expect.objectContaining({ problems }));
  expect([bench.held(), bench.factory.stats().emergency.runs]).toEqual([1, 0]);
});
