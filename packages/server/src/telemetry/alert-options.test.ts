import { expect, test } from 'vitest';
import { atEnd, Bench } from '../../test/factory-kit.ts';
import { type Alert, type AlertRule, type AlertsOptions, watchAlerts, webhook } from './alerts.ts';

const rule = (name: string, value: AlertRule['value']): AlertRule => ({
  name,
  severity: 'warning',
  summary: 'Something is the matter.',
  value,
  raiseAt: 1,
  clearBelow: 1,
  forMs: 0,
});

function watched(rules: readonly AlertRule[], options: Partial<AlertsOptions> = {}) {
  const bench = new Bench();
  const told: Alert[] = [];
  const errors: unknown[] = [];
  const notify = (alert: Alert): void => void told.push(alert);
  const { clock } = bench;
  const onError = (error: unknown): void => void errors.push(error);
  const alerts = watchAlerts(bench.factory, { notify, rules, clock, onError, ...options });
  atEnd(() => alerts.stop());
  return { bench, told, errors, alerts };
}

test('[TM40] what is no number raises nothing: a share of nothing is no signal, anything else is reported', async () => {
  let share = 0 / 0;
  const { bench, told, errors } = watched([
    rule('Share', () => share),
    rule('Text', () => 'much' as never),
    rule('Later', (async () => 5) as never),
    rule('Right', () => 5),
  ]);
  await bench.clock.advance(15_000);
  expect(told.map(({ rule: name }) => name)).toEqual(['Right']);
  expect(errors.map(String)).toEqual([
    'TypeError: rule Text: value must answer a number, or undefined where it does not apply; got "much"',
    'TypeError: rule Later: value must answer a number, or undefined where it does not apply; got a promise',
  ]);
  share = 1;
  await bench.clock.advance(15_000);
  share = 0 / 0;
  await bench.clock.advance(15_000);
  expect(told.slice(1).map(({ rule: name, state }) => [name, state])).toEqual([
    ['Share', 'firing'],
    ['Share', 'resolved'],
  ]);
});

test('[TM41] whoever is told and stops the watch is told no more', async () => {
  const told: string[] = [];
  const { bench, alerts } = watched([rule('First', () => 5), rule('Second', () => 5)], {
    notify: (alert) => {
      told.push(alert.rule);
      alerts.stop();
    },
  });
  await bench.clock.advance(60_000);
  expect(told).toEqual(['First']);
});

test('[TM42] options and rules that cannot work are named all at once when they are handed over', () => {
  const { factory, clock } = new Bench();
  const notify = (): void => undefined;
  const problemsOf = (options: unknown, of: unknown = factory): unknown => {
    try {
      watchAlerts(of as never, options as never);
    } catch (error) {
      return (error as { readonly problems?: unknown }).problems ?? error;
    }
    return [];
  };
  expect(problemsOf(undefined)).toEqual(['options of watchAlerts must be an object with notify; got undefined']);
  expect(
    problemsOf({ notify, clock: { now: clock.now }, interval: 5, onError: 'log', intervalMs: '5000' }, {}),
  ).toEqual([
    'interval is not an option of watchAlerts',
    'factory must be a manager factory; got an object',
    'onError is string; it must be a function',
    'intervalMs must be a number of ms; got "5000"',
    'clock must have now(), setTimeout(), setInterval(), setImmediate(), clear(); got an object',
  ]);
  const rules = [null, { ...rule('Constant', 5 as never), user: 'ada' }, { ...rule('', () => 1), raiseAt: '1x' }];
  expect(problemsOf({ notify, rules })).toEqual([
    'rules[0] must be a rule; got null',
    'rule Constant: value must be a function; got 5',
    'rule Constant: user must be a function; got "ada"',
    'rules[2]: name must be a string that is not empty; got ""',
    'rules[2]: clearBelow is 1; it must be at most raiseAt, "1x"',
  ]);
  expect(problemsOf({ notify, rules: {} })).toEqual(['rules must be a list of rules; got an object']);
});

test('[TM43] options of a webhook that do not exist, and a secret with which nothing can be signed, are refused', () => {
  const wrong = { format: 'teams', secret: '', timeout: 5 };
  expect(() => webhook('http://127.0.0.1/', wrong as never)).toThrow(
    expect.objectContaining({
      problems: [
        'timeout is not an option of webhook',
        `format must be 'generic' or 'slack'; got "teams"`,
        'secret must be a string that is not empty, or left out; got ""',
      ],
    }),
  );
  expect(() => webhook('http://127.0.0.1/', { secret: 5 } as never)).toThrow(/secret must be a string .*; got number/);
  expect(() => webhook('http://127.0.0.1/', null as never)).toThrow(/options of webhook must be an object/);
});
