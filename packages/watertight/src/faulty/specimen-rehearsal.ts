import { PassThrough } from 'node:stream';
import type { FactoryStats, OnLimit, Transport } from '@watertight/server';
import type { Admission } from './specimen-admission.ts';
import { SpecimenConnection } from './specimen-connection.ts';
import { SPECIMEN_DEFAULTS, type SpecimenHooks, type SpecimenOptions } from './specimen-options.ts';
import type { Drained } from './specimen-road-out.ts';

/** What another one may be made with, by the names that factories have for it. */
export interface RehearsalOptions extends Partial<Omit<SpecimenOptions, 'onLimit' | 'hooks'>> {
  readonly onLimit?: SpecimenOptions['onLimit'] | OnLimit;
  readonly readGauges?: SpecimenHooks['readGauges'];
}

export function rehearsalOptions({ onLimit = 'reject', readGauges, ...given }: RehearsalOptions): SpecimenOptions {
  const options = { ...SPECIMEN_DEFAULTS, ...given };
  const hooks: SpecimenHooks = readGauges === undefined ? {} : { readGauges };
  return typeof onLimit === 'function'
    ? { ...options, onLimit: 'function', hooks: { ...hooks, onLimit } }
    : { ...options, onLimit, hooks };
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
  empty(windowMs: number): Promise<Drained>;
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

  maySend(frameBytes: number): boolean {
    return this.#specimen.maySend(this, this.#transport.unsentBytes?.() ?? 0, frameBytes);
  }

  markGone(): void {
    this.ended('client-close');
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

  drain({ windowMs }: { readonly windowMs: number }): Promise<Drained> {
    return this.#specimen.empty(windowMs);
  }

  stats(): FactoryStats {
    return this.#specimen.stats();
  }

  close(): Promise<void> {
    return this.#specimen.close();
  }
}
