import { relative } from 'node:path';
import type { SourcePosition } from '../inspector/heap-types.ts';
import type { Place } from '../verdict/finding.ts';
import { ownerOf, pathOf } from './owner.ts';

/** Makes positions readable: relative to the folder where the target was started. */
export class PlaceResolver {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async resolve(position: SourcePosition): Promise<Place> {
    const path = pathOf(position.url);
    const below = relative(this.#folder, path);
    return {
      functionName: position.functionName,
      file: below.startsWith('..') || path.startsWith('node:') ? path : below,
      line: position.line,
      column: position.column,
      owner: ownerOf(position.url),
    };
  }
}
