import { isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { asTlsOptions, type Road } from '../target/road.ts';

/** Where a wire leads. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  /** Speak TLS on the way to the server, so that the client needs none. */
  readonly secure?: boolean;
  /** How it is reached; default: straight. */
  readonly road?: Road;
}

/** Host and port a URL leads to. */
export function upstreamOf(url: URL, road?: Road): Upstream {
  const secure = url.protocol === 'wss:' || url.protocol === 'https:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    ...(road === undefined ? {} : { road }),
  };
}

/** TLS with a server, above a connection that leads there. Throws what OpenSSL says of a certificate or key that is none. */
export function tlsOver(socket: Socket, { host, road }: Pick<Upstream, 'host' | 'road'>): Socket {
  // An address is no name: it may not be asked for in a TLS hello, but the certificate is still checked against it.
  const trust = asTlsOptions(road);
  return tlsConnect(isIP(host) ? { ...trust, socket, host } : { ...trust, socket, host, servername: host });
}
