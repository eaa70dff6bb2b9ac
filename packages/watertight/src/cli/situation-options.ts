import type { OptionRow } from './option-row.ts';

const path = { is: 'text', maxBytes: 4096 } as const;
const WEEK_MINUTES = 10_080;

/** Options of `watertight check` about the situations of production, and scenarios of one's own. */
export const SITUATION_OPTIONS: readonly OptionRow[] = [
  {
    flag: 'suite',
    value: 'name',
    configKey: 'suite',
    kind: { is: 'choice', of: ['critical', 'production', 'gentle', 'all'] },
    description:
      'which scenarios run: the critical ones (the default on this machine), the situations of production, the gentle ones (the default elsewhere), or all but suite-coverage',
  },
  {
    flag: 'scenario',
    value: 'file',
    configKey: 'scenario',
    kind: { is: 'list' },
    description: 'run a scenario of your own (.mjs, .js, .ts), alone unless --only or --suite add others; repeatable',
  },
  {
    flag: 'long',
    configKey: 'long',
    kind: { is: 'flag' },
    description: 'situations of production the long way: 1 000 reconnects, minutes of creation and of being idle',
  },
  {
    flag: 'soak-for',
    value: 'minutes',
    configKey: 'soakForMinutes',
    kind: { is: 'number', whole: false, min: 0.05, max: WEEK_MINUTES, unit: 'minutes' },
    description:
      'how long the scenario soak goes on, over all its sessions; the run gets as much time on top (default: seconds)',
  },
  {
    flag: 'soak-file',
    value: 'file',
    configKey: 'soakFile',
    kind: path,
    description:
      'where soak writes each lap down, one line of JSON; with a file that is there it goes on from the last',
  },
  {
    flag: 'next',
    value: 'command',
    configKey: 'nextCommand',
    kind: path,
    description:
      'the command of the next version, for deploy-rollover (default: the same command once more); it is told its port by PORT',
  },
  {
    flag: 'lease',
    value: 'ms',
    configKey: 'leaseMs',
    kind: { is: 'number', whole: true, min: 1, max: 600_000, unit: 'milliseconds' },
    description: 'promise: what a killed process held in a quota that nodes share is free this soon (its leaseTtlMs)',
  },
];
