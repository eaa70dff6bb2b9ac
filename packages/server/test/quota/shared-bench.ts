import { createManagerFactory } from '../../src/factory.ts';
import type { ManagerFactory } from '../../src/manager-factory.ts';
import type { AdmitOptions, Admission } from '../../src/admission.ts';
import type { Manager } from '../../src/manager.ts';
import type { ManagerFactoryOptions } from '../../src/options.ts';
import type { SharedQuota } from '../../src/quota/shared.ts';
import { type LeaseOptions, resolveTerms } from '../../src/quota/lease-terms.ts';
import { MemoryStore } from '../../src/quota/memory-store.ts';
import type { LeaseStore } from '../../src/quota/types.ts';
import { type Reported, atEnd } from '../factory-kit.ts';
import { ManualClock } from '../manual-clock.ts';

/** The way to a store that can be cut: `fail` answers with an error at once, `hang` never, `late` does it and does not say so. */
export class CutWire {
  state: 'whole' | 'fail' | 'hang' | 'late' = 'whole';
  answersAfterMs = 0;
  /** Commands that fail although the wire is whole. */
  refuses: (name: string, args: readonly unknown[]) => boolean = () => false;
  readonly calls: string[] = [];
  #store: LeaseStore;
  readonly #clock: ManualClock;
  readonly #reconnected = new Set<() => void>();

  constructor(store: LeaseStore, clock: ManualClock) {
    this.#store = store;
    this.#clock = clock;
  }

  count(name: string): number {
    return this.calls.filter((call) => call === name).length;
  }

  /** Leads to another store from now on. */
  to(store: LeaseStore): void {
    this.#store = store;
  }

  reconnect(): void {
    for (const listener of this.#reconnected) listener();
  }

  get end(): LeaseStore {
    return new Proxy(this.#store, {
      get: (_first, key) => {
        const store = this.#store;
        const value: unknown = Reflect.get(store, key, store);
        if (key === 'onReconnect')
          return (listener: () => void) => {
            this.#reconnected.add(listener);
            return () => this.#reconnected.delete(listener);
          };
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => this.#call(String(key), args, () => Reflect.apply(value, store, args));
      },
    });
  }

  async #call(name: string, args: readonly unknown[], work: () => unknown): Promise<unknown> {
    this.calls.push(name);
    if (this.refuses(name, args)) throw new Error('refused');
    if (this.state === 'fail') throw new Error('the wire is cut');
    if (this.state === 'hang') return new Promise(() => undefined);
    const answer = await work();
    if (this.state === 'late') return new Promise(() => undefined);
    const { answersAfterMs } = this;
    if (answersAfterMs > 0) await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, answersAfterMs));
    return answer;
  }
}

export interface BenchNode {
  readonly factory: ManagerFactory;
  readonly shared: SharedQuota;
  readonly wire: CutWire;
  readonly errors: Reported[];
}

/** Several nodes on one clock that is moved by hand, and one store. */
export class SharedBench {
  readonly clock = new ManualClock();
  /** The store's own clock, which no node can see: it runs as theirs does. */
  storeAheadMs = 1_800_000_000_000;
  store: LeaseStore = new MemoryStore(() => this.clock.now() + this.storeAheadMs);

  readonly #wires: CutWire[] = [];

  /** The store forgets everything: all nodes find an empty one. */
  forget(): void {
    this.store = new MemoryStore(() => this.clock.now() + this.storeAheadMs);
    for (const wire of this.#wires) wire.to(this.store);
  }

  node(lease: LeaseOptions = {}, options: ManagerFactoryOptions = {}): BenchNode {
    const wire = new CutWire(this.store, this.clock);
    this.#wires.push(wire);
    const errors: Reported[] = [];
    const factory = createManagerFactory({
      clock: this.clock,
      onError: (error, { stage, name }) => errors.push({ error, stage, name }),
      quota: { store: wire.end, terms: resolveTerms(lease) },
      ...options,
    });
    factory.start();
    atEnd(async () => {
      wire.state = 'whole';
      const closed = factory.close();
      await this.clock.advance(1000);
      await closed;
    });
    if (factory.shared === undefined) throw new Error('the factory has no quota');
    return { factory, shared: factory.shared, wire, errors };
  }

  async admit(
    { factory }: BenchNode,
    user = 'ada',
    options: AdmitOptions & { readonly sessionId?: string } = {},
  ): Promise<Admission> {
    const { sessionId, ...others } = options;
    const admission = factory.admit(
      { user, sessionId },
      others.connection === undefined ? { withoutConnection: true, ...others } : others,
    );
    await this.clock.advance(0);
    return admission;
  }

  async manager(node: BenchNode, user = 'ada', options: AdmitOptions = {}): Promise<Manager> {
    const admission = await this.admit(node, user, options);
    if (!admission.admitted) throw new Error(`${user} was refused: ${admission.message}`);
    return admission.manager;
  }

  async managers(count: number, node: BenchNode, user = 'ada'): Promise<Manager[]> {
    const managers: Manager[] = [];
    for (let index = 0; index < count; index += 1) managers.push(await this.manager(node, user));
    return managers;
  }

  async held(user = 'ada'): Promise<number> {
    await this.clock.advance(1);
    return (await this.store.usage({ user, tenant: '' })).held;
  }
}
