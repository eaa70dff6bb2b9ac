import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** From the connection to the proxy until its answer. */
const ANSWER_WITHIN_MS = 10_000;
const MAX_HEAD_BYTES = 16 * 1024;
const END_OF_HEAD = '\r\n\r\n';

/** A relay on 127.0.0.1, each of whose connections goes to one server through an HTTP proxy. */
export interface ProxyRelay {
  readonly port: number;
  /** Why the proxy did not let the last connection through, in a sentence without a password. */
  readonly failure: string | undefined;
  /** Ends every connection. Idempotent. */
  close(): Promise<void>;
}

/** Opens a relay to `host:port` by `CONNECT`. Ends and resets are passed on, both ways. */
export async function openProxyRelay(proxy: URL, host: string, port: number): Promise<ProxyRelay> {
  const open = new Set<Socket>();
  let failure: string | undefined;
  const keep = (socket: Socket): Socket => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    return socket;
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    keep(client);
    const upstream = keep(
      connect({
        host: proxy.hostname.replace(/^\[|\]$/g, ''),
        port: Number(proxy.port) || 80,
        allowHalfOpen: true,
        noDelay: true,
      }),
    );
    const giveUp = (why: string): void => {
      failure = `the proxy ${proxy.host} ${why}`;
      client.resetAndDestroy();
      upstream.destroy();
    };
    client.once('close', () => upstream.destroy());
    upstream.once('connect', () => upstream.write(connectRequest(proxy, host, port)));
    upstream.once('error', (error: NodeJS.ErrnoException) =>
      giveUp(`cannot be reached (${error.code ?? error.message})`),
    );
    readHead(upstream, giveUp, (rest) => {
      upstream.removeAllListeners('error');
      if (rest.length > 0) upstream.unshift(rest);
      join(client, upstream);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  let closing: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    get failure() {
      return failure;
    },
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      });
      return closing;
    },
  };
}

function connectRequest(proxy: URL, host: string, port: number): string {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization =
    proxy.username === '' ? '' : `Proxy-Authorization: Basic ${Buffer.from(login).toString('base64')}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`;
}

function readHead(upstream: Socket, giveUp: (why: string) => void, done: (rest: Buffer) => void): void {
  let head = Buffer.alloc(0);
  const timer = setTimeout(() => giveUp(`did not answer within ${ANSWER_WITHIN_MS} ms`), ANSWER_WITHIN_MS);
  const onEnd = (): void => giveUp('ended the connection instead of an answer');
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(END_OF_HEAD);
    if (end === -1 && head.length <= MAX_HEAD_BYTES) return;
    clearTimeout(timer);
    upstream.pause();
    upstream.off('data', onData);
    upstream.off('end', onEnd);
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1'))?.[1];
    if (end === -1 || status === undefined) giveUp('did not answer as an HTTP proxy does');
    else if (!status.startsWith('2')) giveUp(`refused the connection (HTTP ${status})`);
    else done(head.subarray(end + END_OF_HEAD.length));
  };
  upstream.on('data', onData);
  upstream.once('end', onEnd);
  upstream.once('close', () => clearTimeout(timer));
}

/** FIN for FIN, and a reset for a reset: what the server did has to be seen through it. */
function join(client: Socket, upstream: Socket): void {
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on('data', (chunk: Buffer) => {
      if (to.write(chunk)) return;
      from.pause();
      to.once('drain', () => from.resume());
    });
    from.once('end', () => to.end());
    from.once('error', () => to.resetAndDestroy());
    from.once('close', () => {
      if (!to.destroyed && !to.writableEnded) to.end();
    });
    from.resume();
  }
}
