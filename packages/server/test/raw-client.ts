import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A client that speaks bytes: does to a server what no WebSocket library would do. */
export class RawClient {
  readonly socket: Socket;
  /** How the server let go: `fin`, `rst`, or nothing yet. */
  end: 'fin' | 'rst' | undefined;
  received: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    socket.on('end', () => {
      this.end ??= 'fin';
    });
    socket.on('error', () => {
      this.end ??= 'rst';
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends an upgrade request, with whatever comes behind it in the same packet. */
  upgrade(
    path: string,
    {
      behind = Buffer.alloc(0),
      headers = {},
    }: { behind?: Buffer; headers?: Readonly<Record<string, string | undefined>> | undefined } = {},
  ): void {
    const all: Record<string, string | undefined> = {
      Host: '127.0.0.1',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
      ...headers,
    };
    const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`));
    this.socket.write(Buffer.concat([Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), behind]));
  }

  /** Sends a request of HTTP after which the connection is over. */
  request(method: string, path: string, headers: Readonly<Record<string, string>> = {}): void {
    const all = { Host: '127.0.0.1', Connection: 'close', ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  }

  /** The response of the server once it is there whole. */
  get response(): RawResponse | undefined {
    const text = this.received.toString('latin1');
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd === -1) return undefined;
    const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const body = text.slice(headEnd + 4);
    if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
    return { status: Number(statusLine.split(' ')[1]), headers, body };
  }

  /** What the server sent behind the response. */
  get frames(): Buffer {
    const headEnd = this.received.indexOf('\r\n\r\n');
    return headEnd === -1 ? Buffer.alloc(0) : this.received.subarray(headEnd + 4);
  }

  leave(how: 'fin' | 'rst'): void {
    if (how === 'rst') this.socket.resetAndDestroy();
    else this.socket.end();
  }
}

/** One masked frame (with a mask of zeros) of up to 64 KiB. */
export function frame(opcode: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126
      ? Buffer.from([0x80 | bytes.length])
      : Buffer.from([0x80 | 126, bytes.length >> 8, bytes.length & 0xff]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, Buffer.alloc(4), bytes]);
}

export const TEXT = 1;
export const PONG = 10;

/** The close frame at the end of what a client received. */
export function closingOf({ frames }: RawClient): { readonly code: number; readonly reason: string } | undefined {
  const at = frames.lastIndexOf(0x88);
  if (at === -1 || frames.length < at + 4) return undefined;
  return {
    code: frames.readUInt16BE(at + 2),
    reason: frames.toString('utf8', at + 4, at + 2 + frames.readUInt8(at + 1)),
  };
}
