import { PassThrough } from 'node:stream';
import type { FactoryStats, OnLimit, ReleaseReport, SlowConsumerPolicy, Transport } from '@watertight/server';
import type { Admission } from './specimen-admission.ts';
import { SpecimenConnection } from './specimen-connection.ts';
import { SPECIMEN_DEFAULTS, type SpecimenHooks, type SpecimenOptions } from './specimen-options.ts';
import type { Drained } from './specimen-road-out.ts';

/** What another one may be made with, by the names that factories have for it. */
export interface RehearsalOptions extends Partial<Omit<SpecimenOptions, 'onLimit' | 'onSlowConsumer' | 'hooks'>> {
  readonly onLimit?: SpecimenOptions['onLimit'] | OnLimit;
  readonly onSlowConsumer?: SlowConsumerPolicy;
  readonly readGauges?: SpecimenHooks['readGauges'];
}

export function rehearsalOptions(given: RehearsalOptions): SpecimenOptions {
  const { onLimit = 'reject', onSlowConsumer = 'terminate', readGauges, ...others } = given;
  const hooks: SpecimenHooks = {
    ...(readGauges === undefined ? undefined : { readGauges }),
    ...(typeof onLimit === 'function' ? { onLimit } : undefined),
    ...(typeof onSlowConsumer === 'function' ? { onSlowConsumer } : undefined),
  };
  return {
    ...SPECIMEN_DEFAULTS,
    ...others,
    onLimit: typeof onLimit === 'function' ? 'function' : onLimit,
    onSlowConsumer: typeof onSlowConsumer === 'function' ? 'function' : onSlowConsumer,
    hooks,
  };
}

/** What a rehearsal asks of a specimen. */
interface Rehearsed {
  start(): void;
  admit(
    request: { readonly user: string; readonly remoteAddress?: string },
    using: { readonly connection?: SpecimenConnection },
  ): Promise<Admission>;
  connectionEnded(connection: SpecimenConnection): void;
  maySend(connection: SpecimenConnection, unsentBytes: number, frameBytes: number): boolean;
  empty(windowMs: number, closeLast?: readonly (() => unknown)[]): Promise<Drained>;
  setOverride(user: string, override: { readonly maxManagers: number }): void;
  closeAllForUser(user: string, reason: string): Promise<readonly ReleaseReport[]>;
  stats(): FactoryStats;
  close(): Promise<void>;
}

/** A connection without a socket under it, as a factory hands one out for a transport. */
class RehearsedConnection extends SpecimenConnection {
  readonly #specimen: Rehearsed;
  readonly #transport: Transport;

  constructor(specimen: Rehearsed, transport: Transport) {
    super(new PassThrough(), Buffer.alloc(0), (ended) => specimen.connectionEnded(ended));
    this.#specimen = specimen;
    this.#transport = transport;
  }

  override get unsentBytes(): number {
    return this.#transport.unsentBytes?.() ?? 0;
  }

  override sayGoodbye(code: number, reason: string): boolean {
    this.#transport.close(code, reason);
    return true;
  }

  override letGo(): void {
    this.#transport.destroy('fin');
    this.raw.destroy();
  }

  override ask(): void {
    this.askedCount += 1;
    this.#transport.ping();
  }

  inbound(): void {
    this.touch();
  }

  maySend(frameBytes: number): boolean {
    return this.#specimen.maySend(this, this.unsentBytes, frameBytes);
  }

  markGone(): void {
    this.ended('client-close');
    this.raw.destroy();
  }
}

/** As much of a specimen as a rehearsal asks for, by the names that factories have for it. */
export class SpecimenRehearsal {
  readonly #specimen: Rehearsed;

  constructor(specimen: Rehearsed) {
    this.#specimen = specimen;
  }

  start(): void {
    this.#specimen.start();
  }

  connect(transport: Transport): RehearsedConnection {
    return new RehearsedConnection(this.#specimen, transport);
  }

  admit(
    request: { readonly user: string; readonly remoteAddress?: string },
    using: { readonly connection?: SpecimenConnection } = {},
  ): Promise<Admission> {
    return this.#specimen.admit(request, using);
  }

  drain(how: { readonly windowMs: number; readonly closeLast?: readonly (() => unknown)[] }): Promise<Drained> {
    return this.#specimen.empty(how.windowMs, how.closeLast);
  }

  setOverride(user: string, override: { readonly maxManagers: number }): void {
    this.#specimen.setOverride(user, override);
  }

  closeAllForUser(user: string, reason: string): Promise<readonly ReleaseReport[]> {
    return this.#specimen.closeAllForUser(user, reason);
  }

  stats(): FactoryStats {
    return this.#specimen.stats();
  }

  close(): Promise<void> {
    return this.#specimen.close();
  }
}
