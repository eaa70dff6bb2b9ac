import { ClientLife } from './life.ts';
import { cutPointOf, endLife, isHeld } from './life-endings.ts';
import { RefusedError } from './life-socket.ts';
import { LifeWatch } from './life-watch.ts';
import type { LifeFacts } from './life.ts';
import type { LifeReport } from './recipes/types.ts';
import type { Strand } from './strand.ts';
import type { Upstream } from './upstream.ts';
import { within } from './within.ts';
import { openWire, type Wire } from './wire.ts';

/** Of a life that was served without the wire: where its clients went nobody knows. */
export const NOTHING_OVER_WIRE = 'the recipe opened no connection over its wire: it has to connect to life.url';
/** A goodbye that takes longer counts as said. */
const GOODBYE_MS = 2_000;

export interface LifeOrder extends Omit<LifeFacts, 'port' | 'signal'> {
  readonly to: Upstream;
  readonly patienceMs: number;
  /** How long a recipe may take to be served. */
  readonly serveWithinMs: number;
  /** For the ending `during-work`: which write of the client is the last. */
  readonly writeNumber: number;
  /** Ends the life early: the whole drive is given up. */
  readonly giveUp: AbortSignal;
}

export interface LivedLife {
  readonly report: LifeReport;
  /** Kept open until it is disposed: the life vanished or stalled. */
  readonly held: Wire | undefined;
  readonly connectionsCount: number;
  /** Writes after the upgrade request, when nothing cut them short. */
  readonly writesCount: number | undefined;
}

type Goodbye = (() => Promise<void> | void) | void;
type Service =
  | { readonly is: 'served'; readonly goodbye: Goodbye }
  | { readonly is: 'cut' | 'late' | 'given-up' }
  | { readonly is: 'failed'; readonly error: unknown };

/** Lives one life: recipe, ending, and the wait for the server to let go. Never rejects; leaves nothing but a held wire. */
export async function liveOnce(order: LifeOrder): Promise<LivedLife> {
  let cutDone: () => void = () => undefined;
  const cut = new Promise<void>((resolve) => (cutDone = resolve));
  const watch = new LifeWatch(cutPointOf(order.ending, order.writeNumber), (strand) => void cutWire(strand));
  const wire = await openWire(order.to, { watcher: watch });
  const cutWire = async (strand: Strand): Promise<void> => {
    for (const each of wire.strands) each.withhold();
    // What the server has answered already is not waited for: the cut is made in this stretch of code.
    if (order.ending !== 'abort-after-response') await strand.flushed(() => 0);
    wire.reset();
    cutDone();
  };
  const over = new AbortController();
  const life = new ClientLife({ ...order, port: wire.port, signal: over.signal });
  const service = await serve(order, life, cut);
  // A client that noticed the cut before we did has failed for that reason only.
  const isCut = watch.isCut || service.is === 'cut';
  const served = isCut || service.is === 'served';
  if (isCut) await cut;
  else if (service.is === 'served') {
    const goodbye = async (): Promise<void> => {
      await within(sayGoodbye(service.goodbye, life), GOODBYE_MS);
    };
    await endLife(order.ending, wire, watch.upgraded ?? wire.strands.at(-1), goodbye);
  }
  const endedAtMs = performance.now();
  const main = watch.upgraded ?? wire.strands.at(-1);
  const hold = served && isHeld(order.ending);
  if (hold) {
    wire.sever();
    for (const strand of wire.strands) strand.mute();
  }
  // From here on the client's own objects are not needed: what they still send stays on a deaf, stalled or cut wire, or is
  // how a recipe ends that ends its lives itself.
  if (hold || isCut || order.ending === 'as-written') life.dispose();
  // Whoever is silent is not let go of for as long as silence lasts: nobody waits for it here.
  const letGo = served ? await main?.gone(hold ? 0 : order.patienceMs) : undefined;
  over.abort();
  life.dispose();
  if (!hold) await wire.dispose();
  return {
    report: {
      index: order.index,
      ending: order.ending,
      served,
      refused: served ? undefined : refusedBy(service, watch),
      failure: served ? undefined : failureOf(service, order, wire),
      note: served ? noteOn(order, watch, wire) : undefined,
      endedAtMs,
      letGo,
    },
    held: hold ? wire : undefined,
    connectionsCount: wire.strands.filter((strand) => strand.upstreamPort !== 0).length,
    writesCount: served && !isCut ? watch.writesCount : undefined,
  };
}

async function serve(order: LifeOrder, life: ClientLife, cut: Promise<void>): Promise<Service> {
  const { giveUp } = order;
  let onGiveUp: () => void = () => undefined;
  const givenUp = new Promise<Service>((resolve) => {
    onGiveUp = () => resolve({ is: 'given-up' });
    if (giveUp.aborted) onGiveUp();
    else giveUp.addEventListener('abort', onGiveUp, { once: true });
  });
  const lived = (async (): Promise<Service> => {
    try {
      return { is: 'served', goodbye: await order.recipe.live(life) };
    } catch (error) {
      return { is: 'failed', error };
    }
  })();
  try {
    const first = Promise.race([lived, givenUp, cut.then((): Service => ({ is: 'cut' }))]);
    return (await within(first, order.serveWithinMs))?.value ?? { is: 'late' };
  } finally {
    giveUp.removeEventListener('abort', onGiveUp);
  }
}

async function sayGoodbye(goodbye: Goodbye, life: ClientLife): Promise<void> {
  try {
    if (goodbye) await goodbye();
    await life.closeSockets();
    // A client library whose recipe knows no better goodbye is thrown away.
    if (!goodbye) life.dispose();
  } catch {
    // The server may have left first; the wire tells how.
  }
}

function refusedBy(service: Service, watch: LifeWatch): LifeReport['refused'] {
  if (service.is === 'failed' && service.error instanceof RefusedError) return service.error.refused;
  return watch.refused;
}

function failureOf(service: Service, order: LifeOrder, wire: Wire): string {
  const onWire = wire.strands.map((strand) => strand.failure).find((failure) => failure !== undefined);
  switch (service.is) {
    case 'late':
      return `the recipe ${order.recipe.name} was not served within ${order.serveWithinMs} ms${onWire ? `: ${onWire}` : ''}`;
    case 'given-up':
      return 'given up by the drive';
    case 'failed': {
      const message = service.error instanceof Error ? service.error.message : String(service.error);
      return onWire === undefined || message.includes(onWire) ? message : `${message}: ${onWire}`;
    }
    case 'served':
    case 'cut':
      return '';
  }
}

function noteOn(order: LifeOrder, watch: LifeWatch, wire: Wire): string | undefined {
  if (wire.strands.length === 0) return NOTHING_OVER_WIRE;
  if (watch.isCut || cutPointOf(order.ending, order.writeNumber) === undefined) return undefined;
  const missed = order.ending === 'during-work' ? `no write number ${order.writeNumber}` : 'no upgrade request';
  return `there was ${missed} to cut after: the connection was reset once the recipe was served`;
}
