import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { forbiddenFrame } from './frames.ts';
import type { Line } from './line.ts';
import type { Ending } from './types.ts';

/** The three layers of one client: an ending is carried out on the one that can do it. */
export interface Layers {
  readonly socket: WebSocket;
  /** The stream the client writes its frames to: the wire itself, or TLS above it. */
  readonly transport: Duplex;
  readonly line: Line;
}

type CarryOut = (layers: Layers) => Promise<void> | void;

/** What was sent before an ending arrives before it, unless the server does not read: then the ending waits 100 ms at most. */
const CARRY_OUT: Readonly<Record<Ending, CarryOut>> = {
  'close-frame': async ({ socket, line }) => {
    socket.close(1000);
    await line.flushed();
  },
  fin: async ({ line }) => {
    await line.flushed();
    await line.halfClose();
  },
  rst: async ({ line }) => {
    await line.flushed();
    line.reset();
  },
  'protocol-error': async ({ transport, line }) => {
    // Written where the client itself writes: between whole frames by construction.
    if (transport.writable) transport.write(forbiddenFrame());
    await line.flushed();
  },
  vanish: async ({ line }) => {
    await line.flushed();
    line.goDeaf();
  },
  stall: async ({ line }) => {
    line.stall();
    await line.flushed();
  },
  'abort-in-upgrade': () => {
    throw new Error('abort-in-upgrade ends an attempt, not a client: use drive.abortInUpgrade(user)');
  },
};

/** Carries out an ending; resolves with the time (performance.now) at which it was on the wire. */
export async function carryOut(ending: Ending, layers: Layers): Promise<number> {
  await CARRY_OUT[ending](layers);
  return performance.now();
}
