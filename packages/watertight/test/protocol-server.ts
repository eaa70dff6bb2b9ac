import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./fixtures/protocols.mjs', import.meta.url));

export interface Handshake {
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
}

/** A server of one protocol in a process of its own, and what it tells. */
export interface ProtocolServer {
  readonly url: URL;
  readonly said: string[];
  readonly handshakes: Handshake[];
  /** Events of every raw socket, by number of the connection. */
  readonly sockets: Map<number, string[]>;
  /** Waits until this holds, or throws with all that was told. */
  until(what: string, holds: () => boolean): Promise<void>;
  end(): Promise<void>;
}

type Told =
  | { readonly port: number }
  | { readonly said: string }
  | { readonly handshake: Handshake }
  | { readonly connection: number; readonly event: string };

export async function startProtocolServer(protocol: string): Promise<ProtocolServer> {
  const child = fork(SERVER, [protocol], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const said: string[] = [];
  const handshakes: Handshake[] = [];
  const sockets = new Map<number, string[]>();
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the ${protocol} server ended with ${code}: ${errors}`)));
    child.on('message', (told: Told) => {
      if ('port' in told) resolve(told.port);
      else if ('said' in told) said.push(told.said);
      else if ('handshake' in told) handshakes.push(told.handshake);
      else sockets.set(told.connection, [...(sockets.get(told.connection) ?? []), told.event]);
    });
  });
  return {
    url: new URL(`ws://127.0.0.1:${port}/`),
    said,
    handshakes,
    sockets,
    async until(what, holds) {
      const deadlineMs = performance.now() + 5_000;
      while (!holds()) {
        if (performance.now() > deadlineMs) {
          throw new Error(`not within 5 000 ms: ${what}; told were ${JSON.stringify({ said, sockets: [...sockets] })}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    async end() {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}
