import { announced } from './announced.ts';
import { MAX_TIMER_MS } from './clock.ts';
import { InvalidOptionsError, ManagerClosedError } from './errors.ts';
import { type FinalizerContext, LazyFinalizerContext } from './finalizer-context.ts';
import type { FinalizerReport } from './finalizer-report.ts';
import { FinalizerRun } from './finalizers.ts';
import { type Host, reportError } from './host.ts';
import {
  Owned,
  OwnedDisposable,
  OwnedFinalizer,
  OwnedListener,
  type OwnedList,
  OwnedTimer,
  disposeOf,
  isDisposable,
  isEmitter,
} from './owned.ts';
import { show } from './show.ts';
import { NO_SITE, type Site, siteOfCaller } from './registration-site.ts';
import type { ChildScope, Emitter, Finalizer, Registration, Scope } from './scope.ts';
import { isThenable } from './thenable.ts';

/** What a manager and a scope within it are alike: owners of resources. */
export class ScopeRecord implements Scope, OwnedList {
  protected readonly host: Host;
  readonly user: string;
  tail: Owned | undefined = undefined;
  /** Set when the end was issued. */
  ended = false;

  constructor(host: Host, user: string) {
    this.host = host;
    this.user = user;
  }

  defer(finalizer: Finalizer, options?: { readonly name?: string }): Registration {
    requireFunction('the finalizer of defer', finalizer);
    refuseIfEnded(this, this.host, 'defer', () => finalizer(new LazyFinalizerContext('closed')));
    return new OwnedFinalizer(this, siteOf(this.host, this.defer), finalizer, options?.name);
  }

  use<Resource extends Disposable | AsyncDisposable>(resource: Resource): Resource {
    if (!isDisposable(resource)) {
      const needed = 'use needs a resource with [Symbol.dispose]() or [Symbol.asyncDispose]()';
      throw new InvalidOptionsError([`${needed}; got ${show(resource)}`]);
    }
    refuseIfEnded(this, this.host, 'use', () => disposeOf(resource));
    // The node hangs in the list; nobody else has to hold it.
    void new OwnedDisposable(this, siteOf(this.host, this.use), resource);
    return resource;
  }

  listen(emitter: Emitter, event: string | symbol, listener: (...args: never[]) => unknown): Registration {
    if (!isEmitter(emitter))
      throw new InvalidOptionsError([`listen needs an EventEmitter or an EventTarget; got ${show(emitter)}`]);
    requireFunction('the listener of listen', listener);
    refuseIfEnded(this, this.host, 'listen', () => undefined);
    return new OwnedListener(this, emitter, event, listener);
  }

  every(intervalMs: number, run: () => unknown): Registration {
    requireTime('intervalMs', intervalMs, 0);
    requireFunction('the callback of every', run);
    refuseIfEnded(this, this.host, 'every', () => undefined);
    // Bound: an arrow function keeps a context of its own besides, and there is one of these per connection.
    return new OwnedTimer(this, this.host, () =>
      this.host.clock.setInterval(callback.bind(undefined, this.host, this, run), intervalMs),
    );
  }

  after(delayMs: number, run: () => unknown): Registration {
    requireTime('delayMs', delayMs);
    requireFunction('the callback of after', run);
    refuseIfEnded(this, this.host, 'after', () => undefined);
    return new OwnedTimer(this, this.host, (owned) =>
      this.host.clock.setTimeout(
        () => {
          owned.unlink();
          callback(this.host, this, run);
        },
        Math.max(0, delayMs),
      ),
    );
  }

  failed(error: unknown, name: string): void {
    reportError(this.host, error, 'finalizer', this.user, name);
  }

  child(): ChildScope {
    refuseIfEnded(this, this.host, 'child', () => undefined);
    const scope = new ChildScopeRecord(this.host, this.user);
    scope.node = new OwnedScope(this, scope);
    return scope;
  }
}

// Functions rather than private methods: a class with one costs each of its instances a word.

/** Only for what runs somebody else's code at the end: that can hang or fail, clearing a timer cannot. */
function siteOf(host: Host, callee: Callee): Site {
  return host.options.registrationSites ? siteOfCaller(callee) : NO_SITE;
}

function refuseIfEnded(scope: OwnedList, host: Host, what: string, dispose: () => unknown): void {
  if (!scope.ended) return;
  settle(dispose, (error) => reportError(host, error, 'finalizer', scope.user));
  throw new ManagerClosedError(what, 'closing or closed');
}

/** While what was acquired later is let go of, a timer that was started earlier is still there. */
function callback(host: Host, scope: OwnedList, run: () => unknown): void {
  if (!scope.ended) settle(run, (error) => reportError(host, error, 'timer', scope.user));
}

/** Node would run a longer one at once, and an interval below 0 every millisecond. */
function requireTime(name: string, valueMs: unknown, leastMs = -Infinity): void {
  if (typeof valueMs === 'number' && valueMs >= leastMs && valueMs <= MAX_TIMER_MS) return;
  const bound = typeof valueMs === 'number' && valueMs < leastMs ? `at least ${leastMs}` : `at most ${MAX_TIMER_MS}`;
  throw new InvalidOptionsError([`${name} must be a number of ${bound} ms; got ${show(valueMs)}`]);
}

/** What is none would be found out at the end of the connection, far from whoever handed it over. */
function requireFunction(what: string, given: unknown): void {
  if (typeof given !== 'function') throw new InvalidOptionsError([`${what} must be a function; got ${show(given)}`]);
}

type Callee = (...args: never[]) => unknown;

class ChildScopeRecord extends ScopeRecord implements ChildScope {
  #closed: Promise<FinalizerReport> | undefined;
  #run: FinalizerRun | undefined;
  node: OwnedScope | undefined = undefined;
  /** Once it has closed. */
  report: FinalizerReport | undefined = undefined;

  close(reason = 'closed'): Promise<FinalizerReport> {
    return (
      this.#closed ??
      announced(
        (closed) => (this.#closed = closed),
        () => this.#close(reason),
      )
    );
  }

  enteredBy(done: Promise<FinalizerReport>): void {
    this.#closed = done;
  }

  #close(reason: string): Promise<FinalizerReport> {
    return new Promise((resolve) => {
      // It hangs in its parent until it is done: a parent that ends meanwhile waits for it.
      this.#run = new FinalizerRun(this.host, this, reason, {
        finalizersDone: (report) => {
          this.node?.unlink();
          this.report = report;
          resolve(report);
        },
      });
      this.#run.start();
      this.#run.endBy(this.host.options.cleanupDeadlineMs);
    });
  }

  get closing(): boolean {
    return this.#run !== undefined;
  }

  /** The deadline of its parent came first: starts what is left, names what is overdue. */
  closeNow(): void {
    this.#run?.startRest();
    this.#run?.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A child scope among the resources of its parent. The run walks into it, so that all finalizers share one order and one deadline. */
class OwnedScope extends Owned {
  readonly scope: ChildScopeRecord;

  constructor(list: OwnedList, scope: ChildScopeRecord) {
    super(list);
    this.scope = scope;
  }

  override get name(): string {
    return 'child scope';
  }

  /** Once it closes by itself, its run is waited for instead. */
  override get nested(): OwnedList | undefined {
    return this.scope.closing ? undefined : this.scope;
  }

  override release(context: FinalizerContext): Promise<FinalizerReport> {
    const closed = this.scope.close(context.reason);
    context.signal.addEventListener('abort', () => this.scope.closeNow(), { once: true });
    return closed;
  }

  override get report(): FinalizerReport | undefined {
    return this.scope.report;
  }
}

/** Runs a callback and sees its failure, now or later. */
function settle(run: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = run();
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}
