import { createHook, type AsyncHook } from 'node:async_hooks';
import type { Leftover } from './leftover.ts';
import { noteMaker, type Maker } from './made-at.ts';

/** What keeps something of the system, by its name in `node:async_hooks`. Requests that end by themselves are not among them. */
const KINDS: ReadonlyMap<string, readonly [kind: Leftover['kind'], what: string]> = new Map([
  ['Timeout', ['timer', 'timer']],
  ['TCPWRAP', ['socket', 'TCP socket']],
  ['TCPSERVERWRAP', ['server', 'TCP server that listens']],
  ['PIPEWRAP', ['socket', 'pipe']],
  ['PIPESERVERWRAP', ['server', 'pipe server that listens']],
  ['UDPWRAP', ['socket', 'UDP socket']],
  ['PROCESSWRAP', ['process', 'child process']],
  ['WORKER', ['handle', 'worker thread']],
  ['MESSAGEPORT', ['handle', 'message port']],
  ['FSEVENTWRAP', ['handle', 'file watcher']],
  ['STATWATCHER', ['handle', 'file watcher']],
]);

/** The ways to set a timer. */
const SETTING = new Set([
  'timers',
  'timers/promises',
  'internal/timers',
  'internal/async_hooks',
  'internal/util',
  'async_hooks',
]);

/** Timers that have fired or were cleared are forgotten when there are so many, and then when there are twice as many as were left. */
const FEWEST_PRUNED = 64;

interface Resource {
  readonly kind: Leftover['kind'];
  readonly what: string;
  readonly maker: () => Maker;
  /** Timers say themselves when they are over. */
  readonly timer?: TimerFields;
}

/** Timers, sockets, servers, child processes and other handles that came to be since `begin()` and are still there. */
export class ResourceWatch implements Disposable {
  readonly #alive = new Map<number, Resource>();
  readonly #births: AsyncHook;
  /** Wanted only where there is a handle: while it is on, Node watches the end of every promise too, which costs more than all else here. */
  readonly #deaths: AsyncHook;
  #isDeathSeen = false;
  #prunedAt = FEWEST_PRUNED;

  constructor() {
    this.#births = createHook({
      init: (id, type, _trigger, resource) => {
        const known = KINDS.get(type);
        if (known !== undefined) this.#add(id, known, resource);
      },
    });
    this.#deaths = createHook({ destroy: (id) => void this.#alive.delete(id) });
  }

  begin(): void {
    this.rest();
    this.#births.enable();
  }

  /** From now on nothing new is noted; what is there may still go. */
  stop(): void {
    this.#births.disable();
  }

  /** Nothing is watched any more. */
  rest(): void {
    this.#births.disable();
    this.#deaths.disable();
    this.#isDeathSeen = false;
    this.#alive.clear();
    this.#prunedAt = FEWEST_PRUNED;
  }

  left(): readonly Leftover[] {
    this.#forgetTimers();
    return [...this.#alive.values()].flatMap(({ kind, what, maker: makerOf }): Leftover[] => {
      const maker = makerOf();
      if (maker.by === 'runner' || (kind === 'timer' && isNodesOwn(maker))) return [];
      return [{ kind, what, at: maker.by === 'code' ? maker.at : null }];
    });
  }

  [Symbol.dispose](): void {
    this.rest();
  }

  #add(id: number, [kind, what]: readonly [Leftover['kind'], string], resource: TimerFields): void {
    if (kind === 'timer') {
      if (this.#alive.size >= this.#prunedAt) this.#forgetTimers();
      this.#alive.set(id, { kind, what: timerText(resource), maker: noteMaker(), timer: resource });
      return;
    }
    if (!this.#isDeathSeen) this.#deaths.enable();
    this.#isDeathSeen = true;
    this.#alive.set(id, { kind, what, maker: noteMaker() });
  }

  #forgetTimers(): void {
    for (const [id, { timer }] of this.#alive) if (timer !== undefined && isOver(timer)) this.#alive.delete(id);
    this.#prunedAt = Math.max(FEWEST_PRUNED, 2 * this.#alive.size);
  }
}

/**
 * Node sets timers of its own while a test runs: for the `Date` of responses, for `AbortSignal.timeout()`, which nobody can clear, for
 * the time-out of a socket, which is counted itself.
 */
function isNodesOwn(maker: Maker): boolean {
  return maker.by === 'node' || (maker.by === 'code' && maker.through.some((name) => !SETTING.has(name)));
}

/** What Node keeps in a timer, as far as it shows it. */
interface TimerFields {
  readonly _idleTimeout?: number;
  readonly _repeat?: number | null;
  readonly _destroyed?: boolean;
}

function isOver({ _destroyed: isDestroyed = false }: TimerFields): boolean {
  return isDestroyed;
}

function timerText(resource: TimerFields): string {
  const { _idleTimeout: delayMs, _repeat: repeat } = resource;
  const every = typeof repeat === 'number' ? 'interval' : 'timer';
  return delayMs === undefined ? every : `${every} of ${delayMs} ms`;
}
