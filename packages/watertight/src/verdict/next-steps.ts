import type { CheckResult, ScenarioResult } from './types.ts';
import type { ViolationType } from './violation-types.ts';

interface Advice {
  readonly types: readonly ViolationType[];
  readonly advice: string;
  /** Where no finding came with it, as with what stays of silent peers: there is nothing in the report that the advice could point to. */
  readonly withoutFinding?: string;
}

/** Most useful first: a server without a limit is fixed before its clean-up is made faster. */
const ADVICE: readonly Advice[] = [
  {
    types: ['limit-not-enforced', 'limit-overshoot'],
    advice:
      'Enforce the limit where the connection is admitted: count and take the slot in one synchronous stretch, before the first await.',
  },
  {
    types: ['managers-left', 'users-left', 'slot-not-reusable', 'limit-undershoot'],
    advice:
      "Release the slot in the listener for the socket's end (close, end and error), registered before the first await, not in code somebody has to call.",
  },
  {
    types: ['sockets-left', 'silence-undetected', 'emergency-kept-silent'],
    advice:
      'Find peers that vanished: send a ping each heartbeat interval, and terminate() a socket from which nothing came since the last one.',
  },
  {
    types: ['file-descriptors-left'],
    advice:
      'Close what a connection has opened where its socket ends, also where it is still being opened then: the finding names the files.',
    withoutFinding:
      'Close what a connection has opened where its socket ends, also where it is still being opened then.',
  },
  {
    types: ['timers-left', 'handles-left', 'listeners-left', 'left-behind', 'processes-left'],
    advice:
      'Clear every timer, listener and subscription of a connection where its socket ends; the evidence names the kind that stayed.',
  },
  {
    types: ['instances-left'],
    advice:
      'Look for a collection that is filled at connect and not emptied after the endings that are named: a close listener often returns early for some of them (code 1006: the connection was lost). The class that is named first is what it holds.',
  },
  {
    types: ['collection-grows'],
    advice:
      'Delete the entry of a connection where its socket ends, or bound the collection: the finding names the collection and who reaches it.',
    withoutFinding:
      'Delete the entry of a connection where its socket ends, or bound the collection: the violation says after which endings entries stay, and what the collection holds.',
  },
  {
    types: ['gauge-grows'],
    advice:
      'The server counts it itself: look where that gauge goes up and down; the way down is missed after the endings that are named.',
  },
  {
    types: ['memory-left'],
    advice:
      'Memory outside the heap grows although no object of JavaScript stands for it: look at native add-ons, and at streams that were never destroyed. Of a process that cannot be looked into nobody knows what it is: use the profiler of its language.',
  },
  {
    types: ['planted-leak-unseen'],
    advice:
      'The detector did not see a leak of its own in this server: believe nothing it says about objects, and report it with --json.',
  },
  {
    types: ['emergency-removed-living', 'living-removed', 'emergency-overreach', 'other-user-affected'],
    advice:
      "Before a manager is removed, ask its peer and wait for the answer: quiet is not dead, and another user's managers are never a victim.",
  },
  {
    types: ['emergency-not-triggered', 'emergency-wrong-reason', 'manual-cleanup-ineffective', 'pending-undetected'],
    advice:
      'Run the emergency cleanup at the start of an admission, at the promised share of the limit, and let it remove what is dead, never attached or silent.',
  },
  {
    types: [
      'slow-cleanup',
      'slow-batch-cleanup',
      'slow-socket-close',
      'slow-finalizers',
      'slow-slot-release',
      'finalizer-blocks-others',
      'overdue-finalizer-unnamed',
      'late-release',
    ],
    advice:
      'Bound the close: close frame, then terminate() well before the deadline; start finalizers one after another without waiting for one that hangs.',
  },
  {
    types: [
      'refusal-undocumented',
      'limit-hits-wrong',
      'wrong-held-count',
      'accounting-mismatch',
      'reading-changes-state',
    ],
    advice:
      'Derive every count from the size of the collection that owns the managers; keep no counter beside it, and let reading change nothing.',
  },
  {
    types: ['cycles-incomplete', 'unresponsive-connection'],
    advice:
      'Look at what blocks the event loop while clients connect: the timings of this scenario say which operation is slow.',
  },
  {
    types: ['fault-not-caught', 'healthy-convicted'],
    advice:
      'The kit itself is wrong: the coverage matrix names the fault that no scenario catches, or the step that convicts a healthy server.',
  },
  {
    types: ['promise-broken'],
    advice: 'Read the sentence of the violation: it says what was seen and what was promised.',
  },
  {
    types: ['expected-violation-missing'],
    advice: 'A violation expected by name did not occur: if it is fixed, remove its --expect.',
  },
];

/** What Node prints of a process that an event for which nobody listens has ended. */
const UNHANDLED_ERROR_EVENT = "Unhandled 'error' event";
const LISTEN_FOR_ERRORS =
  "Listen for 'error' on every WebSocket where it is accepted, before the first await: without a listener a frame that breaks the protocol, or a connection that is cut off, ends the server for everybody.";

type Judged = Pick<CheckResult, 'promises' | 'stopped' | 'seed'> & { readonly scenarios: readonly ScenarioResult[] };

/** What to do next, most useful first; empty when there is nothing left to do. */
export function suggestNextSteps(result: Judged): string[] {
  const unexpected = result.scenarios.flatMap(({ violations, findings }) =>
    violations.filter(({ expected }) => !expected).map(({ type }) => ({ type, hasFinding: findings.length > 0 })),
  );
  const steps = ADVICE.flatMap(({ types, advice, withoutFinding = advice }) => {
    const seen = unexpected.filter(({ type }) => types.includes(type));
    if (seen.length === 0) return [];
    return [seen.some(({ hasFinding }) => hasFinding) ? advice : withoutFinding];
  });
  steps.push(...whatIsNoLeak(result.scenarios));
  const convicted = result.scenarios.find((scenario) => scenario.violations.some((violation) => !violation.expected));
  if (convicted !== undefined && convicted.name !== 'expectations') {
    steps.push(`Repeat what failed alone: --only ${convicted.name} --seed ${result.seed}`);
  }
  if (result.stopped?.includes(UNHANDLED_ERROR_EVENT) === true) steps.push(LISTEN_FOR_ERRORS);
  if (result.stopped !== null)
    steps.push('The run did not reach its end: deal with the reason above, then run it again.');
  else steps.push(...adviseUndecided(result.scenarios));
  const missing = [
    result.promises.limit.by === 'nobody' ? '--limit <count>' : '',
    result.promises.deadlineMs.by === 'nobody' ? '--deadline <ms>' : '',
    result.promises.silenceDetectedWithinMs.by === 'nobody' ? '--silence <ms>' : '',
    result.promises.emergencyThreshold.by === 'nobody' ? '--emergency-threshold <share>' : '',
  ].filter((option) => option !== '');
  if (missing.length > 0 && result.stopped === null)
    steps.push(`Say what the server promises, so that it can be held to it: ${missing.join(', ')}`);
  return steps;
}

/** A ring that was not full and entries that nobody had swept yet grow as a leak does: what the run could not tell it from. */
function whatIsNoLeak(scenarios: readonly ScenarioResult[]): readonly string[] {
  const growing = scenarios.find(({ violations }) =>
    violations.some(({ type, expected }) => type === 'collection-grows' && !expected),
  );
  const looks = growing?.evidence?.looks ?? [];
  const cycles = looks.reduce((sum, look) => sum + look.cycles, 0);
  const oldestMs = (looks.at(-1)?.atMs ?? 0) - (looks.find((look) => look.cycles > 0)?.atMs ?? 0);
  if (cycles === 0) return [];
  const seconds = Math.ceil(oldestMs / 1_000);
  return [
    `If a collection that grew is bounded, but above the ${cycles} connections of this run, or is swept later than ${seconds} s after they ended, that is no leak: repeat it with --cycles well above its bound, or with a --settle of more than ${seconds * 1_000} ms.`,
  ];
}

/** A step that a busy machine kept from being decided says so; every other says in its note what would settle it. */
const BY_LOAD = /\bless busy machine\b/;

function adviseUndecided(scenarios: readonly ScenarioResult[]): string[] {
  const undecided = scenarios.flatMap(({ steps }) => steps.filter(({ status }) => status === 'inconclusive'));
  const [first, ...others] = new Set(undecided.flatMap(({ note = '' }) => (BY_LOAD.test(note) ? [] : note)));
  const isByLoad = undecided.some(({ note = '' }) => BY_LOAD.test(note));
  return [
    ...(isByLoad ? ['Repeat the inconclusive steps on a quieter machine, or with a longer --settle.'] : []),
    ...(first === undefined
      ? []
      : [`Settle what was inconclusive: ${first}${others.length > 0 ? '; and more, see above' : ''}`]),
  ];
}
