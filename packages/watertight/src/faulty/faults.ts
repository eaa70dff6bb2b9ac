import type { ResolvedOptions } from '@watertight/server';
import { Specimen } from './specimen.ts';

export interface Fault {
  readonly id: string;
  readonly title: string;
  make(options: ResolvedOptions): Specimen;
}

export function findFault(id: string): Fault {
  if (id === 'healthy') return { id, title: 'healthy', make: (options) => new Specimen(options) };
  throw new RangeError(`no fault is called ${id}`);
}
