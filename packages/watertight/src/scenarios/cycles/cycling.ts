import type { LifeDrive, LifeEnding } from '../../drive/recipes/types.ts';
import { SURVIVORS_ALONE, type Examination, type Look, type LookDepth } from '../../evidence/examination.ts';
import { seriesOf, sitesOf } from '../../evidence/series.ts';
import type { FindingKind } from '../../verdict/finding.ts';
import { doubtStacks, isCountedLeak, isOpen, judgeSuspects, type Suspect } from '../../verdict/suspects.ts';
import { deadlineMsOf } from '../shared/promised.ts';
import { runWave, type Wave } from '../shared/wave.ts';
import type { ScenarioContext } from '../types.ts';
import { armedSince, FEWEST_ARMED_COUNT, repeating, type Armed } from './armed-timers.ts';
import { cycleUsers, type CycleUsers } from './cycle-users.ts';
import { goesByItself, isGone } from './going.ts';
import { keepProfiles } from './keep-profiles.ts';
import { LAST_PRESSING, pressedCycles, pressingFactors, WARM_UP_COUNT } from './pressing.ts';
import { splitCycles } from './split-cycles.ts';

/** Timers fire late, and what they release is collected later still. */
export const TIMER_SLACK_MS = 500;
/** What is less than this share of what it was has begun to go. */
const STAYS_SHARE = 0.8;
/** Waiting for timers that may release what grew may take this share of what is left of the budget. */
const TIMERS_SHARE = 0.7;
/** Of those that repeat nobody knows what they are for: most send pings. */
const REPEATS_SHARE = 0.5;
/** Pressing may take this share of what is left of the budget: attribution and trace come after it. */
const PRESSING_SHARE = 0.5;
/** All that a server can notice by itself; each in equal shares, so that two windows do not differ in what happened in them. */
export const MIXED_ENDINGS: readonly LifeEnding[] = [
  'close-frame',
  'rst',
  'fin',
  'protocol-error',
  'abort-in-upgrade',
  'abort-after-response',
  'during-work',
  'mid-frame',
  'oversized-frame',
];

export interface Cycled extends CycleUsers {
  readonly endings: readonly LifeEnding[];
  readonly examination: Examination;
  /** The cycles that were asked for; not the warm-up, nor what suspicion added. */
  readonly waves: readonly Wave[];
  /** Cycles after the baseline, all together. */
  readonly cycles: number;
  /** Those of them that were asked for: only then is anything judged. */
  readonly askedFor: number;
  /** How long one life is waited for. */
  readonly patienceMs: number;
  /** What grew, worth a word or a verdict. */
  readonly suspects: readonly Suspect[];
  /** When the budget of the scenario ends (performance.now). */
  readonly deadlineAtMs: number;
  /** Why suspicion was not pursued to its end, when it was not. */
  readonly cutShort: string | undefined;
}

/** Warm-up, baseline, three windows of co-prime length; under suspicion a wait and more windows, until it is settled or the budget ends. */
export async function cycleThrough(
  context: ScenarioContext,
  lives: LifeDrive,
  examination: Examination,
): Promise<Cycled> {
  return await new Cycling(context, lives, examination).run();
}

const COUNTED_IN_HEAP: ReadonlySet<FindingKind> = new Set(['objects', 'collection', 'timers', 'listeners']);

/** What can be followed without its stack. */
function isCountedInHeap(suspect: Suspect): boolean {
  return suspect.from === 'count' && COUNTED_IN_HEAP.has(suspect.series.kind);
}

/** Whether nothing goes on growing, and what goes by itself has gone: of what only begins to go nobody knows yet. */
function isOver(suspects: readonly Suspect[], looks: readonly Look[]): boolean {
  return suspects.every((one) => !isOpen(one) && (one.growth.is !== 'late' || isGone(looks, one)));
}

class Cycling {
  readonly #context: ScenarioContext;
  readonly #lives: LifeDrive;
  readonly #examination: Examination;
  readonly #users: CycleUsers;
  readonly #endings: readonly LifeEnding[];
  readonly #patienceMs: number;
  readonly #settleMs: number;
  readonly #deadlineAtMs: number;
  #cycles = 0;
  #elapsedMs = 0;

  constructor(context: ScenarioContext, lives: LifeDrive, examination: Examination) {
    this.#context = context;
    this.#lives = lives;
    this.#examination = examination;
    this.#users = cycleUsers((index) => context.drive.userId(index), context.effort.newUsers);
    this.#endings = lives.recipe.endings ?? MIXED_ENDINGS;
    this.#patienceMs = deadlineMsOf(context.promises);
    // Asking only whether a fault is seen, nobody waits to learn how late the late come.
    this.#settleMs = context.bail ? Math.min(context.settleMs, 2 * this.#patienceMs) : context.settleMs;
    this.#deadlineAtMs = performance.now() + context.effort.budgetMs;
  }

  async run(): Promise<Cycled> {
    await this.#wave(WARM_UP_COUNT);
    this.#elapsedMs = 0;
    await this.#examination.lookAtBaseline(this.#settleMs);
    const waves: Wave[] = [];
    const [first, second, third] = splitCycles(this.#context.cycles);
    // Where only a quick answer is wanted, two windows show as well what has stopped growing.
    const windows = this.#context.bail ? [first + second, third] : [first, second, third];
    for (const [index, cycles] of windows.entries()) {
      waves.push(await this.#wave(cycles, (done) => this.#tell(done)));
      // Where a walk is dear, it is for the end of them all.
      const isQuick = this.#examination.isDear && index < windows.length - 1;
      await this.#lookAfter(cycles, isQuick ? SURVIVORS_ALONE : {});
    }
    await this.#lookTwice();
    await keepProfiles(this.#context, this.#examination);
    const isSuspicious = this.#judge(true).some(isOpen);
    const askedFor = this.#cycles;
    const cutShort = isSuspicious ? await this.#press() : await this.#settle();
    const suspects = this.#judge(false);
    return {
      ...this.#users,
      endings: this.#endings,
      examination: this.#examination,
      waves,
      cycles: this.#cycles,
      askedFor,
      patienceMs: this.#patienceMs,
      suspects:
        cutShort === undefined ? suspects : doubtStacks(suspects, cutShort, (this.#cycles - askedFor) / askedFor),
      deadlineAtMs: this.#deadlineAtMs,
      cutShort,
    };
  }

  /** Where nothing grew, whatever an ending left behind outside the heap may still be on its way. */
  async #settle(): Promise<undefined> {
    if (this.#examination.last.settled.settled) return;
    await this.#examination.lookAgain(this.#settleMs, (look) => look.settled.settled, SURVIVORS_ALONE);
    await this.#examination.lookAgain(0, () => true);
  }

  /** More cycles and more waiting, as long as something is growing; answers why it was left off before its end. */
  async #press(): Promise<string | undefined> {
    const screened = this.#examination.last;
    await this.#awaitTimers();
    if (!this.#judge(true).some(isOpen)) return undefined;
    const isOnlyInDoubt = !this.#judge(false).some(isOpen);
    const factors = pressingFactors(this.#context.bail, isOnlyInDoubt);
    await this.#stopSamplingIfCounted();
    for (const [index, factor] of factors.entries()) {
      if (factor === LAST_PRESSING && this.#judge(false).some(({ growth }) => growth.is === 'leak')) break;
      const cycles = pressedCycles(this.#context.cycles, factor, index);
      const why = this.#whyNot(cycles);
      if (why !== undefined) {
        await this.#age(screened);
        return this.#judge(false).some(isOpen) ? why : undefined;
      }
      await this.#wave(cycles, () => this.#tell());
      await this.#lookAfter(cycles);
      await this.#lookTwice();
      // What goes by itself would look bounded while more comes: it is given its time before it is called that.
      if (this.#isLettingGo(screened)) await this.#wait();
      // What is rare may be uneven for long.
      if (!this.#judge(true).some(isOpen)) return undefined;
      await this.#stopSamplingIfCounted();
    }
    if (!this.#context.bail) await this.#age(screened);
    return undefined;
  }

  /** Until what the first windows left is old enough to be called a leak, and every timer that may release it had its turn. */
  async #age(screened: Look): Promise<void> {
    const agedMs = performance.now() - screened.atMs;
    const waitMs = Math.max(this.#settleMs - agedMs, this.#nextReleaseMs());
    if (waitMs > 0) await this.#wait(waitMs);
    await this.#waitWhileItGoes();
  }

  /** What is swept when it is old enough goes bit by bit: as long as a wait took some of what still seems to grow, there is another. */
  async #waitWhileItGoes(): Promise<void> {
    const waitMs = Math.max(this.#settleMs, this.#nextReleaseMs());
    const isGoing = (): boolean => this.#judge(false).some((one) => isOpen(one) && goesByItself(this.#looks, one));
    while (isGoing() && waitMs <= this.#leftMs() * TIMERS_SHARE) await this.#wait(waitMs);
  }

  /**
   * What has become more together with timers that fire once may go when they do, such as the half of an upgrade that a
   * heartbeat removes, and what is swept every ten seconds goes with a timer that repeats: they are waited for, one after another,
   * as far as the budget allows.
   */
  async #awaitTimers(): Promise<void> {
    if (this.#context.bail) return;
    const known = new Set<string>();
    for (;;) {
      const { baseline, lastWalk } = this.#examination;
      const within =
        (share: number) =>
        ({ key, delayMs }: Armed): boolean =>
          !known.has(key) && delayMs > this.#settleMs && delayMs <= this.#leftMs() * share;
      const armed = [
        ...armedSince(baseline, lastWalk).filter(within(TIMERS_SHARE)),
        ...repeating(lastWalk).filter(within(REPEATS_SHARE)),
      ];
      if (armed.length === 0 || !this.#judge(false).some(isOpen)) return;
      for (const { key } of armed) known.add(key);
      const delayMs = Math.max(...armed.map((timer) => timer.delayMs));
      this.#context.say(
        `what has grown stands with timers of ${delayMs} ms, which may release it: they are waited for (--budget)`,
      );
      await this.#wait(delayMs + TIMER_SLACK_MS);
    }
  }

  /**
   * Until every armed timer that may be the one that releases had its turn: one that repeats, or that is armed for many
   * connections. What takes longer than the time to settle is not waited for. 0 when there is none.
   */
  #nextReleaseMs(): number {
    const armed = this.#examination.lastWalk.heap?.timers ?? [];
    const mayRelease = armed.filter(
      ({ delayMs, repeats, count }) => delayMs <= this.#settleMs && (repeats || count >= FEWEST_ARMED_COUNT),
    );
    return mayRelease.length === 0 ? 0 : Math.max(...mayRelease.map(({ delayMs }) => delayMs)) + TIMER_SLACK_MS;
  }

  /** Who made what is counted is known by now; sampling makes every further life several times dearer. */
  async #stopSamplingIfCounted(): Promise<void> {
    if (this.#judge(false).some((suspect) => isOpen(suspect) && isCountedInHeap(suspect)))
      await this.#examination.heap?.stopSampling();
  }

  /** Whether of what the first windows left some has gone meanwhile. */
  #isLettingGo(screened: Look): boolean {
    if (this.#context.bail || this.#examination.last.heap?.sampled !== true) return false;
    const suspicious = new Set(
      this.#judge(true).flatMap((suspect) => (suspect.from === 'site' ? [suspect.site.site.key] : [])),
    );
    const until = screened.heap?.index ?? 0;
    const countIn = ({ heap }: Look): number =>
      (heap?.survivors ?? [])
        .filter(({ key }) => suspicious.has(key))
        .flatMap(({ windows }) => windows.slice(0, until + 1))
        .reduce((sum, { objects }) => sum + objects, 0);
    return countIn(this.#examination.last) < STAYS_SHARE * countIn(screened);
  }

  /** Gives whatever is released late its time; over when nothing has anything left of what grew. */
  async #wait(waitMs: number = this.#settleMs): Promise<void> {
    this.#context.progress({ step: 'cycles/nothing-is-left-after-any-ending' });
    const atMostMs = Math.min(waitMs, this.#leftMs());
    const judged = (look: Look): readonly Suspect[] => this.#judge(false, [...this.#looks, look]);
    const areStacksLeft = (suspects: readonly Suspect[]): boolean =>
      suspects.some((suspect) => suspect.from === 'site' && isOpen(suspect));
    // Survivors are cheap to ask; without them every question is a walk.
    if (this.#examination.last.heap?.sampled !== true || !areStacksLeft(this.#judge(false))) {
      await this.#examination.lookAgain(atMostMs, (look) => isOver(judged(look), [...this.#looks, look]));
      return;
    }
    await this.#examination.lookAgain(atMostMs, (look) => !areStacksLeft(judged(look)), SURVIVORS_ALONE);
    await this.#examination.lookAgain(0, () => true);
  }

  #whyNot(cycles: number): string | undefined {
    const leftMs = this.#leftMs();
    const needMs = (cycles * this.#elapsedMs) / Math.max(1, this.#cycles);
    if (needMs <= leftMs * PRESSING_SHARE) return undefined;
    return `${cycles} cycles more would take about ${Math.ceil(needMs / 1_000)} s, of the budget ${Math.max(0, Math.round(leftMs / 1_000))} s were left (--budget)`;
  }

  async #wave(cycles: number, onCycle: (done: number) => void = () => undefined): Promise<Wave> {
    const wave = await runWave({
      lives: this.#lives,
      cycles,
      ...this.#users,
      endings: this.#endings,
      concurrency: this.#context.effort.concurrency,
      patienceMs: this.#patienceMs,
      random: this.#context.random,
      signal: this.#context.signal,
      onCycle,
    });
    this.#elapsedMs += wave.elapsedMs;
    return wave;
  }

  async #lookAfter(cycles: number, what: Partial<LookDepth> = {}): Promise<void> {
    await this.#examination.lookAfter(cycles, this.#patienceMs, what);
    this.#cycles += cycles;
  }

  /** Only of stacks that may convict it matters what the engine still holds. */
  async #lookTwice(): Promise<void> {
    if (!this.#context.bail) await this.#examination.lookTwice();
  }

  get #looks(): readonly Look[] {
    return this.#examination.looks;
  }

  #judge(doubt: boolean, looks: readonly Look[] = this.#looks): readonly Suspect[] {
    const suspects = judgeSuspects(looks, seriesOf(looks), sitesOf(looks), { doubt });
    // So few cycles do not tell stacks from code that warms up: there they say where what is counted comes from, no more.
    const isNamingOnly = this.#context.bail && !suspects.some(isCountedLeak);
    return isNamingOnly ? suspects.filter(({ from }) => from === 'count') : suspects;
  }

  #tell(done: number = 0): void {
    const { cycles } = this.#context;
    const step = 'cycles/every-cycle-is-admitted-and-served';
    this.#context.progress({ step, done: Math.min(cycles, this.#cycles + done), of: cycles });
  }

  #leftMs(): number {
    return Math.max(0, this.#deadlineAtMs - performance.now());
  }
}
