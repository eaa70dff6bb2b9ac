import { expect, test } from 'vitest';
import { CHANNELS, EVENT_NAMES, publish } from './events.ts';
import { Bench, type Recorded, recordEvents } from '../test/factory-kit.ts';

function payloadsOf(events: readonly Recorded[], name: string): readonly Recorded['payload'][] {
  return events.filter((event) => event.name === name).map(({ payload }) => payload);
}

test('[T6] the life of a manager is published, in order, each payload naming its factory', async () => {
  const bench = new Bench({ name: 'chat' });
  const events = recordEvents();
  const { manager } = bench.session('ada', { closes: false });
  const released = manager.close('bye');
  await bench.clock.advance(200);
  const report = await released;
  const { id: managerId, context } = manager;
  expect(events).toEqual([
    { name: 'watertight:manager:created', payload: { factory: 'chat', managerId, context } },
    { name: 'watertight:manager:active', payload: { factory: 'chat', managerId, user: 'ada' } },
    { name: 'watertight:manager:closing', payload: { factory: 'chat', managerId, user: 'ada', reason: 'bye' } },
    { name: 'watertight:manager:released', payload: { factory: 'chat', report } },
  ]);
});

test('[T6] refusals, emergencies and errors are published', async () => {
  const bench = new Bench({ maxManagersPerUser: 1 });
  const events = recordEvents();
  bench.manager();
  const refusal = bench.factory.tryAdmit({ user: 'ada' });
  await bench.clock.settle();
  const error = new Error('broke');
  bench.factory.recordError(error, 'timer', 'ada');
  expect(payloadsOf(events, 'watertight:admission:refused')).toEqual([{ factory: 'default', user: 'ada', refusal }]);
  expect(payloadsOf(events, 'watertight:emergency:state')).toEqual([
    { factory: 'default', user: 'ada', inEmergency: true, held: 1 },
  ]);
  expect(payloadsOf(events, 'watertight:emergency:end')).toMatchObject([
    { report: { user: 'ada', level: 'moderate', heldBefore: 1 } },
  ]);
  expect(payloadsOf(events, 'watertight:error')).toEqual([{ factory: 'default', stage: 'timer', error, user: 'ada' }]);
});

test('[T7] a payload that nobody listens for is not made', () => {
  let made = 0;
  const publishOne = (): void => {
    publish(CHANNELS['watertight:error'], { options: { name: 'chat' } }, () => {
      made += 1;
      return { stage: 'timer', error: undefined, user: undefined };
    });
  };
  publishOne();
  expect(made).toBe(0);
  recordEvents(['watertight:error']);
  publishOne();
  expect(made).toBe(1);
});

test('[T6] the list of event names is complete', () => {
  expect(new Set(EVENT_NAMES).size).toBe(19);
});
