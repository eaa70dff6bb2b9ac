import { type ConnectionOptions } from 'node:tls';
/** How a server is reached: whom TLS trusts, who we are, and by which detour. */
export interface Road {
    readonly tls: TlsRoad;
    /** Where connections are made instead of host and port of the URL: a relay of ours that goes through a proxy. */
    readonly at: {
        readonly host: string;
        readonly port: number;
    } | undefined;
}
/** Options of `node:tls`, none unless asked for. */
export interface TlsRoad {
    readonly ca?: readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly rejectUnauthorized?: false;
}
/** For `node:tls` and `node:https`, which want lists of their own. */
export declare function asTlsOptions(road: Road | undefined): Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
/**
 * Reads certificates and key. An authority is trusted beside those that Node trusts.
 *
 * @throws Error naming the option and the file.
 */
export declare function readTls(files: {
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
    readonly isInsecure: boolean;
}): TlsRoad;
/** What `node:http` and `node:https` need to go that road; the URL goes on saying who is meant. */
export declare function asRequestOptions(url: URL, road: Road | undefined): ReturnType<typeof asTlsOptions> & {
    readonly hostname?: string;
    readonly port?: number;
    readonly servername?: string;
    readonly setHost?: boolean;
};
