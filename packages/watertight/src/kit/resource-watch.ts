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

interface Resource {
  readonly kind: Leftover['kind'];
  readonly what: string;
  readonly maker: () => Maker;
}

/** Timers, sockets, servers, child processes and other handles that came to be since `begin()` and are still there. */
export class ResourceWatch implements Disposable {
  readonly #alive = new Map<number, Resource>();
  readonly #hook: AsyncHook;
  #isOn = false;

  constructor() {
    this.#hook = createHook({
      init: (id, type, _trigger, resource) => {
        const known = this.#isOn ? KINDS.get(type) : undefined;
        if (known === undefined) return;
        const [kind, what] = known;
        this.#alive.set(id, { kind, what: kind === 'timer' ? timerText(resource) : what, maker: noteMaker() });
      },
      destroy: (id) => void this.#alive.delete(id),
    });
    this.#hook.enable();
  }

  begin(): void {
    this.#alive.clear();
    this.#isOn = true;
  }

  /** From now on nothing new is noted; what is there may still go. */
  stop(): void {
    this.#isOn = false;
  }

  left(): readonly Leftover[] {
    return [...this.#alive.values()].flatMap(({ kind, what, maker: makerOf }): Leftover[] => {
      const maker = makerOf();
      if (maker.by === 'runner' || (kind === 'timer' && isNodesOwn(maker))) return [];
      return [{ kind, what, at: maker.by === 'code' ? maker.at : null }];
    });
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
    this.#alive.clear();
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
}

function timerText(resource: TimerFields): string {
  const { _idleTimeout: delayMs, _repeat: repeat } = resource;
  const every = typeof repeat === 'number' ? 'interval' : 'timer';
  return delayMs === undefined ? every : `${every} of ${delayMs} ms`;
}
