import { createHook, type AsyncHook } from 'node:async_hooks';
import type { Leftover } from './leftover.ts';
import { whoMakes, type Maker } from './made-at.ts';

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

interface Resource {
  readonly kind: Leftover['kind'];
  readonly what: string;
  readonly maker: Maker;
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
        const maker = whoMakes();
        const [kind, what] = known;
        if (maker.by === 'runner' || (kind === 'timer' && maker.by === 'node')) return;
        this.#alive.set(id, { kind, what: kind === 'timer' ? timerText(resource) : what, maker });
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
    return [...this.#alive.values()].map(({ kind, what, maker }) => ({
      kind,
      what,
      at: maker.by === 'code' ? maker.at : null,
    }));
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
    this.#alive.clear();
  }
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
