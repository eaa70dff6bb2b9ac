import { COVERAGE_MODES } from '../scenarios/types.ts';
import { FLEET_OPTIONS } from './fleet-options.ts';
import type { OptionKind, OptionRow } from './option-row.ts';
import { REPORT_FORMATS } from './report-formats.ts';
import { SITUATION_OPTIONS } from './situation-options.ts';

const ms = (min: number, max: number): OptionKind => ({ is: 'number', whole: true, min, max, unit: 'milliseconds' });
const path: OptionKind = { is: 'text', maxBytes: 4096 };

/** Every option of `watertight check`, in the order of --help. */
export const CHECK_OPTIONS: readonly OptionRow[] = [
  {
    flag: 'url',
    value: 'ws-url',
    configKey: 'url',
    kind: { is: 'text', maxBytes: 4096 },
    description: 'examine a server that is already running, instead of starting a command',
  },
  {
    flag: 'pid',
    value: 'number',
    configKey: 'pid',
    kind: { is: 'number', whole: true, min: 1, max: 4_194_304, unit: '' },
    description:
      'examine a process that is already running, or the one behind it that listens; its inspector is opened by signal and closed again',
  },
  {
    flag: 'inspect',
    value: 'host:port',
    configKey: 'inspect',
    kind: { is: 'text', maxBytes: 300 },
    description: 'examine a process that is already running, through its inspector, which is open and is left open',
  },
  {
    flag: 'path',
    value: 'path',
    configKey: 'path',
    kind: { is: 'text', maxBytes: 4096 },
    default: '/',
    description: 'path of the WebSocket on the port that the command or the process listens on',
  },
  {
    flag: 'wait-for',
    value: 'text|url',
    configKey: 'waitFor',
    kind: { is: 'text', maxBytes: 4096 },
    description:
      'the command is ready when it prints this text or this http(s)/ws(s) URL answers (default: when it listens)',
  },
  {
    flag: 'user',
    value: 'template',
    configKey: 'user',
    kind: { is: 'text', maxBytes: 1024 },
    default: 'query:user=test-user-{n}',
    description:
      'how clients say who they are: query:, header: or cookie:<name>=<id>, protocol:<id>, message:<text>; {n} is the number',
  },
  {
    flag: 'user-command',
    value: 'command',
    configKey: 'userCommand',
    kind: { is: 'text', maxBytes: 4096 },
    description:
      'prints the token of the user in WATERTIGHT_USER, for {token} in --user, such as header:authorization=Bearer {token}; runs once a user',
  },
  {
    flag: 'recipe',
    value: 'name|file',
    configKey: 'recipe',
    kind: { is: 'text', maxBytes: 4096 },
    description:
      'what clients say after connecting: a built-in recipe, or a module of your own (.mjs, .js, .ts); default: what the server is seen to speak',
  },
  {
    flag: 'send',
    value: 'text',
    configKey: 'send',
    kind: { is: 'list' },
    description: 'a message that clients of the recipe send; repeatable; {user} and {index} are filled in',
  },
  {
    flag: 'subscribe',
    value: 'what',
    configKey: 'subscribe',
    kind: { is: 'text', maxBytes: 65_536 },
    description: 'what clients of the recipe subscribe to: a GraphQL subscription, a topic, a destination, a method',
  },
  {
    flag: 'metrics',
    value: 'url',
    configKey: 'metrics',
    kind: { is: 'text', maxBytes: 4096 },
    description: 'metrics of the server, as text of Prometheus or as JSON, whose gauges are followed like other counts',
  },
  {
    flag: 'gauge',
    value: 'name',
    configKey: 'gauges',
    kind: { is: 'list' },
    description:
      'a gauge at --metrics that comes back when clients are gone; repeatable; name{label="value"} for some of its series, in JSON the path with dots',
  },
  {
    flag: 'limit',
    value: 'count',
    configKey: 'limit',
    kind: { is: 'number', whole: true, min: 1, max: 10_000, unit: 'managers per user' },
    description: 'promise: a user holds at most this many',
  },
  {
    flag: 'deadline',
    value: 'ms',
    configKey: 'deadlineMs',
    kind: ms(1, 600_000),
    description: 'promise: what a connection acquired is gone this soon after its end',
  },
  {
    flag: 'silence',
    value: 'ms',
    configKey: 'silenceMs',
    kind: ms(1, 3_600_000),
    description: 'promise: a peer that vanished or stalls is noticed this soon',
  },
  {
    flag: 'emergency-threshold',
    value: 'share',
    configKey: 'emergencyThreshold',
    kind: { is: 'number', whole: false, min: 0.01, max: 1, unit: 'of the limit' },
    description: 'promise: at this share of the limit an emergency cleanup runs',
  },
  {
    flag: 'only',
    value: 'scenario',
    configKey: 'only',
    kind: { is: 'list' },
    description: 'run only this scenario; repeatable (names: watertight list)',
  },
  ...SITUATION_OPTIONS,
  {
    flag: 'coverage',
    value: 'mode',
    configKey: 'coverage',
    kind: { is: 'choice', of: COVERAGE_MODES },
    description: "also run suite-coverage: this kit's own scenarios against its own faulty servers",
  },
  {
    flag: 'cycles',
    value: 'count',
    configKey: 'cycles',
    kind: { is: 'number', whole: true, min: 1, max: 100_000, unit: 'cycles' },
    default: 100,
    description: 'connection cycles of the stress scenario',
  },
  {
    flag: 'concurrency',
    value: 'count',
    configKey: 'concurrency',
    kind: { is: 'number', whole: true, min: 1, max: 1_000, unit: 'clients at the same time' },
    default: 10,
    description: 'clients of the stress scenario that live at the same time',
  },
  {
    flag: 'new-users',
    configKey: 'newUsers',
    kind: { is: 'flag' },
    description:
      'each client of the stress scenario is a user of its own: also judges what stays of every user (default: 5 take turns)',
  },
  {
    flag: 'seed',
    value: 'number',
    configKey: 'seed',
    kind: { is: 'number', whole: true, min: 0, max: 4_294_967_295, unit: '' },
    default: 1,
    description: 'decides every random choice of the run',
  },
  {
    flag: 'settle',
    value: 'ms',
    configKey: 'settleMs',
    kind: ms(0, 600_000),
    default: 5_000,
    description: 'wait at most this long for the target to come to rest before judging what is left',
  },
  {
    flag: 'budget',
    value: 'ms',
    configKey: 'budgetMs',
    kind: ms(1_000, 3_600_000),
    default: 90_000,
    description: 'what suspicion may cost in all: more cycles, more waiting, each ending alone, the trace',
  },
  {
    flag: 'plant',
    configKey: 'plant',
    kind: { is: 'flag' },
    description: 'prove with a leak of our own that the eyes are open, also where another leak was seen',
  },
  {
    flag: 'no-trace',
    configKey: 'noTrace',
    kind: { is: 'flag' },
    description: 'take no heap snapshot: findings name allocation site and class, not what keeps them alive',
  },
  {
    flag: 'max-stop',
    value: 'ms',
    configKey: 'maxStopMs',
    kind: ms(1, 3_600_000),
    default: 10_000,
    description: 'take no heap snapshot that would stop the target longer than this',
  },
  {
    flag: 'baseline',
    value: 'file',
    configKey: 'baseline',
    kind: path,
    description: 'a JSON result of an earlier run: what it knows does not fail this one, only what is new',
  },
  {
    flag: 'timeout',
    value: 'ms',
    configKey: 'timeoutMs',
    kind: ms(100, 3_600_000),
    default: 120_000,
    description: 'end the whole run after this long, with a partial verdict',
  },
  {
    flag: 'expect',
    value: 'type',
    configKey: 'expect',
    kind: { is: 'list' },
    description: 'this violation is expected: it does not fail the run, its absence does; repeatable',
  },
  {
    flag: 'bail',
    configKey: 'bail',
    kind: { is: 'flag' },
    description: 'stop at the first violation; of a leak it says where it is made, not what keeps it',
  },
  ...FLEET_OPTIONS,
  ...REPORT_FORMATS.map(({ flag, configKey, what }): OptionRow => ({
    flag,
    value: 'file',
    configKey,
    kind: path,
    description: `write ${what}`,
  })),
  {
    flag: 'report-dir',
    value: 'dir',
    configKey: 'reportDir',
    kind: path,
    description: `write one of each into this folder: ${REPORT_FORMATS.map(({ fileName }) => fileName).join(', ')}`,
  },
  {
    flag: 'github',
    configKey: 'github',
    kind: { is: 'flag' },
    description: 'in a GitHub workflow: annotate leaks at their lines, and write the summary of the job',
  },
  {
    flag: 'no-color',
    configKey: 'noColor',
    kind: { is: 'flag' },
    description: 'plain text (also with NO_COLOR set, or when the output is not a terminal)',
  },
  {
    flag: 'config',
    value: 'file',
    configKey: null,
    kind: path,
    description:
      'read options from this file (default: watertight.config.ts, .mjs or .json here); the command line wins',
  },
  { flag: 'list', configKey: null, kind: { is: 'flag' }, description: 'list the scenarios and their steps, and end' },
];

/** Keys of watertight.config that have no flag of their own. */
export const CONFIG_ONLY_KEYS: readonly string[] = ['command', 'allow'];

export function numberDefault(configKey: string): number {
  const value = CHECK_OPTIONS.find((row) => row.configKey === configKey)?.default;
  if (typeof value !== 'number') throw new TypeError(`${configKey} has no number as default`);
  return value;
}
