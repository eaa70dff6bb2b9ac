import { type Socket } from 'node:net';
import { type Road } from '../target/road.ts';
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
export declare function upstreamOf(url: URL, road?: Road): Upstream;
/** TLS with a server, above a connection that leads there. Throws what OpenSSL says of a certificate or key that is none. */
export declare function tlsOver(socket: Socket, { host, road }: Pick<Upstream, 'host' | 'road'>): Socket;
