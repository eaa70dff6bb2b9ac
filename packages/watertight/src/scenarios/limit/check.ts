import { AnswersWatch } from './answers.ts';
import { checkAttack } from './attack.ts';
import { checkEarly } from './early.ts';
import { type Entered, enterUntil } from './enter-until.ts';
import { checkForwarded } from './forwarded.ts';
import { checkInit } from './init.ts';
import { NamelessWatch } from './nameless.ts';
import { checkPolicies } from './policies.ts';
import { checkProcessLimit } from './process-limit.ts';
import { PolicyRehearsals } from './rehearsals.ts';
import { checkTalking } from './talking.ts';
import type { Client } from '../../drive/types.ts';
import { PONG_MS, proveAboveLimit } from '../shared/above-limit.ts';
import { countAnswering, type Crowd, type Entry } from '../shared/crowd.ts';
import { poll } from '../../evidence/poll.ts';
import { deadlineMsOf } from '../shared/promised.ts';
import { refusalFigures, wasAnswered, whatIsUndocumented } from '../shared/refusal.ts';
import type { Steps } from '../steps.ts';
import type { ScenarioContext, StepOutcome } from '../types.ts';

const NO_FACTORY = 'the server shows no factory that can be asked';
export const RACING_COUNT = 50;
const ENDING_COUNT = 5;

/** The steps of `manager-creation-limit-enforcement`, one after another: each begins where the one before ended. */
export class LimitCheck {
  readonly #context: ScenarioContext;
  readonly #steps: Steps;
  readonly #crowd: Crowd;
  readonly #limit: number;
  readonly #user: string;
  readonly #nameless: NamelessWatch = new NamelessWatch();
  readonly #answers: AnswersWatch = new AnswersWatch();
  #admitted: Client[] = [];
  /** Of somebody else, there before the first: whatever happens to the user at the limit is none of theirs. */
  #bystanders: Client[] = [];

  constructor(context: ScenarioContext, steps: Steps, crowd: Crowd, limit: number) {
    this.#context = context;
    this.#steps = steps;
    this.#crowd = crowd;
    this.#limit = limit;
    this.#user = context.drive.userId(1_000);
  }

  async run(): Promise<void> {
    const rehearsals = new PolicyRehearsals(this.#context.inside?.factory);
    await this.#nameless.begin(this.#context);
    this.#answers.begin(this.#crowd, this.#context.drive.userId(1_107));
    await this.#fill();
    await checkEarly(this.#context, this.#steps);
    await checkTalking(this.#context, this.#steps);
    await this.#exceed();
    await this.#comeBack();
    await this.#race();
    await checkInit(this.#context, this.#steps);
    await checkPolicies(this.#context, this.#steps);
    await checkForwarded(this.#context, this.#steps);
    await checkProcessLimit(this.#context, this.#steps);
    await rehearsals.check(this.#steps);
    await this.#nameless.check(this.#steps);
    await checkAttack(this.#context, this.#steps, this.#user);
  }

  /** Gives up whoever is none of the crowd. */
  dispose(): void {
    this.#nameless.dispose();
  }

  async #fill(): Promise<void> {
    this.#bystanders = await this.#crowd.fill(this.#context.drive.userId(1_101), Math.min(2, this.#limit));
    await this.#steps.check('limit/all-within-the-limit-are-admitted', async () => {
      this.#admitted = await this.#crowd.fill(this.#user, this.#limit);
      const admitted = this.#admitted.length;
      return {
        ok: admitted === this.#limit,
        message: `${admitted} of ${this.#limit} sockets within the limit were admitted and answered`,
        type: 'limit-undershoot',
        figures: { limit: this.#limit, admitted },
      };
    });
  }

  async #exceed(): Promise<void> {
    const hitsBefore = await this.#limitHits();
    const entry = await this.#crowd.enter(this.#user);
    const hitsAfter = await this.#limitHits();
    await this.#steps.check('limit/the-21st-is-refused', () => this.#judgeRefusal(entry));
    await this.#steps.check('limit/the-refused-is-not-served', () => this.#judgeService(entry));
    if (hitsBefore === undefined || hitsAfter === undefined) {
      this.#steps.skip('limit/one-refusal-is-one-limit-hit', 'not visible', NO_FACTORY);
    } else {
      await this.#steps.check('limit/one-refusal-is-one-limit-hit', () => ({
        ok: hitsAfter - hitsBefore === 1,
        message: `one refused attempt was counted as ${hitsAfter - hitsBefore} limit hits instead of 1`,
        type: 'limit-hits-wrong',
        isTimeless: true,
        figures: { hitsBefore, hitsAfter },
      }));
    }
    await this.#steps.check('limit/another-user-is-admitted', async () => {
      const other = await this.#crowd.enter(this.#context.drive.userId(1_100));
      return {
        ok: other.admitted,
        message: 'while one user was at the limit another user was not admitted',
        type: 'other-user-affected',
        figures: other.admitted ? { admitted: true } : { admitted: false, ...refusalFigures(other.refusal) },
      };
    });
    await this.#steps.check('limit/everybody-admitted-is-still-served', async () => {
      const answering = await countAnswering(this.#admitted, PONG_MS);
      const others = await countAnswering(this.#bystanders, PONG_MS);
      const figures = {
        admitted: this.#admitted.length,
        answering,
        others: this.#bystanders.length,
        othersAnswering: others,
      };
      const message = `after the refusal ${answering} of ${figures.admitted} admitted sockets answered a ping, and ${others} of ${figures.others} of another user`;
      const isRight = answering === this.#admitted.length && others === this.#bystanders.length;
      return {
        ok: isRight,
        message,
        type: others < this.#bystanders.length ? 'other-user-affected' : 'unresponsive-connection',
        figures,
      };
    });
    await this.#answers.check(this.#steps, this.#admitted);
    // Above the limit nobody stays: what follows counts places.
    if (entry.admitted) await this.#leave([entry.client]);
  }

  async #judgeRefusal(entry: Entry): Promise<StepOutcome> {
    const limit = this.#limit;
    if (entry.admitted) {
      const message = `socket ${limit + 1} of a user with a limit of ${limit} was admitted and answered a ping`;
      await this.#proveAboveLimit(message, [entry.client]);
      return {
        ok: false,
        message,
        type: 'limit-not-enforced',
        severity: 'critical',
        isTimeless: true,
        figures: { limit, admitted: limit + 1 },
      };
    }
    const wrong = whatIsUndocumented(entry.refusal, limit);
    const figures = { limit, ...refusalFigures(entry.refusal) };
    if (wrong === undefined) return { ok: true, figures };
    return {
      ok: false,
      message: `socket ${limit + 1} was refused, but ${wrong}`,
      type: 'refusal-undocumented',
      figures,
    };
  }

  /** A refusal before the upgrade leaves nobody to serve; one after it must be the last thing on the line. */
  async #judgeService(entry: Entry): Promise<StepOutcome> {
    if (!entry.admitted) return { ok: true, figures: refusalFigures(entry.refusal) };
    const answers = await entry.client.ping(PONG_MS);
    const message = `socket ${this.#limit + 1} is above the limit of ${this.#limit} and is served all the same: it answers a ping`;
    if (answers) await this.#proveAboveLimit(message, [entry.client]);
    return {
      ok: !answers,
      message,
      type: 'limit-not-enforced',
      severity: 'critical',
      isTimeless: true,
      figures: { answers },
    };
  }

  async #comeBack(): Promise<void> {
    const ending = this.#admitted.splice(0, Math.min(ENDING_COUNT, this.#limit));
    const returning = Math.max(0, ending.length - 2);
    await this.#leave(ending);
    await this.#steps.check('limit/three-of-five-come-back', async () => {
      const { inTime: back, afterMs, waitedMs } = await this.#enterUntil(returning);
      return {
        ok: back === returning,
        message: `${ending.length} sockets ended, but ${back} of ${returning} came back within ${this.#deadlineMs} ms`,
        type: 'slot-not-reusable',
        severity: 'critical',
        waitedMs,
        figures: { ended: ending.length, returning, back, afterMs: Math.round(afterMs) },
      };
    });
    const expected = this.#limit - ending.length + returning;
    await this.#checkHeld('limit/eighteen-are-held', expected);
    await this.#steps.check('limit/exactly-two-more-fit', async () => {
      const missing = this.#limit - this.#admitted.length;
      const { inTime: more, waitedMs } = await this.#enterUntil(missing);
      const above = await this.#crowd.enter(this.#user);
      const tooMany = `after ${missing} more a user with ${this.#limit} sockets was admitted once more`;
      if (above.admitted) {
        await this.#proveAboveLimit(tooMany, [above.client]);
        await this.#leave([above.client]);
      }
      return {
        ok: more === missing && !above.admitted,
        message: above.admitted
          ? tooMany
          : `${more} of ${missing} more were admitted, although only ${expected} of ${this.#limit} were there`,
        type: above.admitted ? 'limit-overshoot' : 'slot-not-reusable',
        severity: 'critical',
        isTimeless: above.admitted,
        waitedMs,
        figures: { held: expected, missing, more, oneAboveAdmitted: above.admitted },
      };
    });
  }

  async #race(): Promise<void> {
    await this.#leave(this.#admitted.splice(0, Math.max(1, this.#admitted.length - this.#limit + 1)));
    // Whoever left is gone, but its place may come back a moment later: at the limit a race has no winner.
    const { last } = await poll(
      async () => {
        const hits = await this.#limitHits();
        return { hitsBefore: hits, entries: await this.#crowd.enterAtOnce(this.#user, RACING_COUNT) };
      },
      (raced) => raced.entries.some((entry) => entry.admitted),
      { deadlineMs: this.#deadlineMs, everyMs: 25, signal: this.#context.signal },
    );
    const { hitsBefore, entries } = last;
    const winners = entries.filter((entry) => entry.admitted);
    const refused = entries.filter((entry) => !entry.admitted && wasAnswered(entry.refusal)).length;
    await this.#steps.check('limit/a-race-for-the-last-slot-admits-one', async () => {
      const message =
        `${RACING_COUNT} sockets at once at ${this.#limit - 1} of ${this.#limit}: ` +
        `${winners.length} were admitted instead of exactly 1, ${refused} got a refusal`;
      if (winners.length > 1) {
        const clients = winners.map(({ client }) => client);
        await this.#proveAboveLimit(message, clients);
      }
      return {
        ok: winners.length === 1 && refused === RACING_COUNT - 1,
        message,
        type:
          winners.length > 1 ? 'limit-overshoot' : winners.length === 0 ? 'limit-undershoot' : 'refusal-undocumented',
        severity: 'critical',
        isTimeless: winners.length > 1,
        figures: { racing: RACING_COUNT, admitted: winners.length, refused },
      };
    });
    const hitsAfter = await this.#limitHits();
    const extra =
      hitsBefore === undefined || hitsAfter === undefined ? {} : { limitHits: hitsAfter - hitsBefore, refused };
    await this.#checkHeld('limit/after-the-race-the-limit-is-held', this.#limit, extra);
  }

  async #proveAboveLimit(what: string, above: readonly Client[]): Promise<void> {
    await proveAboveLimit(what, { limit: this.#limit, clients: [...this.#admitted, ...above] });
  }

  /** See {@link enterUntil}: whoever comes in belongs to the user at the limit. */
  async #enterUntil(count: number): Promise<Entered> {
    const { signal, isFaulty } = this.#context;
    const enter = async (): Promise<boolean> => {
      const entry = await this.#crowd.enter(this.#user);
      if (entry.admitted) this.#admitted.push(entry.client);
      return entry.admitted;
    };
    // A server known to be faulty has no excuse anyway.
    return await enterUntil(enter, count, {
      deadlineMs: this.#deadlineMs,
      tellsLateFromNever: isFaulty !== true,
      signal,
    });
  }

  /** Says goodbye and waits until the server has let go, so that what follows looks at a settled server. */
  async #leave(clients: readonly Client[]): Promise<void> {
    await Promise.all(clients.map((client) => client.end('close-frame')));
    await Promise.all(clients.map((client) => client.gone(this.#deadlineMs)));
  }

  async #checkHeld(id: string, expected: number, extra: { limitHits?: number; refused?: number } = {}): Promise<void> {
    const usage = await this.#context.inside?.factory?.usage(this.#user);
    if (usage === undefined) return this.#steps.skip(id, 'not visible', NO_FACTORY);
    const { held } = usage;
    await this.#steps.check(id, () => {
      const figures = {
        held,
        expected,
        pending: usage.pending,
        active: usage.active,
        closing: usage.closing,
        ...extra,
      };
      if (held === expected && extra.limitHits !== extra.refused) {
        const message = `${extra.refused} refused attempts were counted as ${extra.limitHits} limit hits`;
        return { ok: false, message, type: 'limit-hits-wrong', figures };
      }
      const message = `the server says that ${held} are held, ${expected} are`;
      return { ok: held === expected, message, type: 'wrong-held-count', figures };
    });
  }

  async #limitHits(): Promise<number | undefined> {
    return (await this.#context.inside?.factory?.stats())?.limitHits;
  }

  get #deadlineMs(): number {
    return deadlineMsOf(this.#context.promises);
  }
}
