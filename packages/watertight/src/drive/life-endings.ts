import { randomBytes } from 'node:crypto';
import type { CutPoint } from './life-watch.ts';
import type { LifeEnding } from './recipes/types.ts';
import type { Strand } from './strand.ts';
import { forbiddenFrame, oversizedHead, partOfFrame } from './frames.ts';
import type { Wire } from './wire.ts';

/** Where on the way a life with this ending is cut; `undefined`: it is ended after it was served. */
export function cutPointOf(ending: LifeEnding, writeNumber: number): CutPoint | undefined {
  if (ending === 'abort-in-upgrade') return { at: 'upgrade-asked' };
  if (ending === 'abort-after-response') return { at: 'upgrade-answered' };
  return ending === 'during-work' ? { at: 'write', number: writeNumber } : undefined;
}

/** Lives that end like this keep their connection to the server until they are released. */
export function isHeld(ending: LifeEnding): boolean {
  return ending === 'vanish' || ending === 'stall';
}

/** Puts the ending of a served life on its wire. `goodbye` is how the client itself would leave. */
export async function endLife(
  ending: LifeEnding,
  wire: Wire,
  main: Strand | undefined,
  goodbye: () => Promise<void>,
): Promise<void> {
  if (ending === 'as-written') return;
  if (ending === 'stall') wire.stall();
  await flush(wire);
  switch (ending) {
    case 'close-frame':
      await goodbye();
      return await flush(wire);
    case 'fin':
      wire.sever();
      await Promise.all(wire.strands.map(async (strand) => await strand.halfClose()));
      return;
    case 'vanish':
      return wire.goDeaf();
    case 'stall':
      return;
    case 'protocol-error':
      return await say(wire, main, forbiddenFrame());
    case 'oversized-frame':
      return await say(wire, main, Buffer.concat([oversizedHead(), randomBytes(64)]));
    case 'mid-frame':
      await say(wire, main, partOfFrame());
      return wire.reset();
    case 'rst':
    case 'abort-in-upgrade':
    case 'abort-after-response':
    case 'during-work':
      return wire.reset();
  }
}

/** Nothing of the client may follow: it would be read as the rest of what was said here. */
async function say(wire: Wire, main: Strand | undefined, bytes: Buffer): Promise<void> {
  wire.sever();
  main?.mute();
  main?.inject(bytes);
  await main?.flushed(() => 0);
}

async function flush(wire: Wire): Promise<void> {
  await Promise.all(wire.strands.map(async (strand) => await strand.flushed()));
}
