import { Deadline } from './deadline-queue.ts';
import { describeThrown } from './errors.ts';
import { LazyFinalizerContext } from './finalizer-context.ts';
import { type FinalizerReport, type NamedFinalizer, NONE } from './finalizer-report.ts';
import { type Host, reportError } from './host.ts';
import { type Owned, OwnedFinalizer, type OwnedList } from './owned.ts';
import { describeSite } from './registration-site.ts';
import { isThenable } from './thenable.ts';

/** Who waits for a run. */
export interface FinalizerRunOwner {
  finalizersDone(report: FinalizerReport): void;
}

/**
 * Disposes of everything a scope owns: started last acquired first, each isolated, each holding the next back for at most
 * `finalizerHoldMs`, nested scopes in their place.
 */
export class FinalizerRun extends Deadline {
  readonly #host: Host;
  readonly #context: LazyFinalizerContext;
  /** The innermost that is being emptied; `undefined` when all are empty. */
  #list: OwnedList | undefined;
  /** Those around it, the outermost first; only where scopes are nested. */
  #around: OwnedList[] | undefined;
  readonly #user: string;
  readonly #owner: FinalizerRunOwner;
  // Made when there is one: each connection that ends has a run, and next to none has either.
  #failed: NamedFinalizer[] | undefined;
  #overdue: NamedFinalizer[] | undefined;
  /** Started and not settled; most runs never have one. */
  #unsettled: Set<Owned> | undefined;
  /** Overdue ones by the number of their suspicion. */
  #late: Map<Owned, number> | undefined;
  #holder: Owned | undefined;
  #finalizersRun = 0;
  #finished = false;
  #end: RunEnd | undefined;
  /** Made when somebody waits for it beside its owner. */
  #whenDone: Promise<FinalizerReport> | undefined;
  #resolveDone: ((report: FinalizerReport) => void) | undefined;

  constructor(host: Host, scope: OwnedList, reason: string, owner: FinalizerRunOwner) {
    super();
    this.#host = host;
    this.#context = new LazyFinalizerContext(reason);
    this.#list = scope;
    this.#user = scope.user;
    this.#owner = owner;
    scope.ended = true;
  }

  get finished(): boolean {
    return this.#finished;
  }

  start(): void {
    this.#startNext(true);
  }

  /** Starts everything that has not been started: nothing holds back any more. */
  startRest(): void {
    if (this.#finished) return;
    this.#context.abort();
    this.#startNext(false);
  }

  /** Ends by itself at a deadline, for scopes whose end no teardown watches over. */
  endBy(deadlineMs: number): void {
    if (this.#finished) return;
    this.#end = new RunEnd(this);
    this.#host.deadlines.schedule(this.#end, deadlineMs, this.#host.clock.now());
  }

  /** Names what is overdue and finishes. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#host.deadlines.cancel(this);
    if (this.#end !== undefined) this.#host.deadlines.cancel(this.#end);
    const failed = this.#failed === undefined ? NONE : [...this.#failed];
    for (const owned of this.#unsettled ?? []) this.#suspect(owned);
    const isNoneOverdue = this.#overdue === undefined && (this.#unsettled === undefined || this.#unsettled.size === 0);
    const overdue = isNoneOverdue ? NONE : [...(this.#overdue ?? []), ...[...(this.#unsettled ?? [])].map(named)];
    const report = { finalizersRun: this.#finalizersRun, failed, overdue };
    this.#owner.finalizersDone(report);
    this.#resolveDone?.(report);
  }

  get #done(): Promise<FinalizerReport> {
    this.#whenDone ??= new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    return this.#whenDone;
  }

  /** The hold of the finalizer that is running is over. */
  override onDue(): void {
    this.#startNext(true);
  }

  #startNext(hold: boolean): void {
    for (let owned = this.#take(); owned !== undefined; owned = this.#take()) {
      this.#finalizersRun += 1;
      const settled = this.#run(owned);
      if (settled || !hold) continue;
      this.#holder = owned;
      this.#host.deadlines.schedule(this, this.#host.options.finalizerHoldMs, this.#host.clock.now());
      return;
    }
    if (this.#unsettled === undefined || this.#unsettled.size === 0) this.finish();
  }

  #take(): Owned | undefined {
    while (this.#list !== undefined) {
      const owned = this.#list.tail;
      if (owned === undefined) {
        this.#list = this.#around?.pop();
        continue;
      }
      owned.unlink();
      if (owned.nested === undefined) return owned;
      owned.nested.ended = true;
      owned.nested.enteredBy?.(this.#done);
      (this.#around ??= []).push(this.#list);
      this.#list = owned.nested;
    }
    return undefined;
  }

  /** Answers whether it is settled already. */
  #run(owned: Owned): boolean {
    try {
      const result = owned.release(this.#context);
      if (!isThenable(result)) return true;
      this.#unsettled ??= new Set();
      this.#unsettled.add(owned);
      // What is no promise of the language may call back at once, twice, or throw when it is asked.
      Promise.resolve(result).then(
        () => {
          this.#adopt(owned.report);
          this.#settled(owned);
        },
        (error: unknown) => {
          this.#fail(owned, error);
          this.#settled(owned);
        },
      );
      return false;
    } catch (error) {
      this.#fail(owned, error);
      return true;
    }
  }

  #suspect(owned: Owned): void {
    const id = this.#host.suspicions.raise({
      kind: owned instanceof OwnedFinalizer ? 'finalizer-overdue' : 'resource-outlived',
      user: this.#user,
      managerId: null,
      name: owned.name,
      place: describeSite(owned.site),
    });
    (this.#late ??= new Map()).set(owned, id);
  }

  #settled(owned: Owned): void {
    this.#unsettled?.delete(owned);
    const suspicion = this.#late?.get(owned);
    if (suspicion !== undefined) this.#host.suspicions.withdraw(suspicion);
    if (this.#holder === owned) {
      this.#holder = undefined;
      this.#startNext(true);
    } else if (this.#holder === undefined && this.#unsettled?.size === 0 && this.#list === undefined) {
      this.finish();
    }
  }

  /** A scope that was closing by itself has its own report: its names belong into ours. */
  #adopt(report: FinalizerReport | undefined): void {
    if (report === undefined) return;
    if (report.failed.length > 0) (this.#failed ??= []).push(...report.failed);
    if (report.overdue.length > 0) (this.#overdue ??= []).push(...report.overdue);
  }

  #fail(owned: Owned, error: unknown): void {
    const message = describeThrown(error);
    (this.#failed ??= []).push({ ...named(owned), error: message });
    reportError(this.#host, error, 'finalizer', this.#user, owned.name);
  }
}

class RunEnd extends Deadline {
  readonly #run: FinalizerRun;

  constructor(run: FinalizerRun) {
    super();
    this.#run = run;
  }

  override onDue(): void {
    this.#run.startRest();
    this.#run.finish();
  }
}

function named(owned: Owned): NamedFinalizer {
  return { name: owned.name, registeredAt: describeSite(owned.site) };
}
