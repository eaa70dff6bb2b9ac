/** Where clients come from, for the policies that go by it. */
export interface AddressOptions {
    /**
     * Proxies in front of this server, as addresses or networks (`'10.0.0.0/8'`, `'::1'`): only they are believed about where a client comes
     * from. Default: none, so it comes from the peer of the socket. Looked at only while a policy goes by remote address.
     */
    readonly trustedProxies?: readonly string[];
    /** The header in which those proxies say it, read from the right. Default `'x-forwarded-for'`; `'forwarded'` is RFC 7239. */
    readonly forwardedHeader?: 'x-forwarded-for' | 'forwarded';
}
/** What an adapter at the upgrade does about a hostile network. */
export interface NetworkOptions extends AddressOptions {
    /** Bytes a client may send before its upgrade is answered. Default 16 384. */
    readonly maxEarlyBytes?: number;
    /** Messages (frames) a client may send before its upgrade is answered. Default 16. */
    readonly maxEarlyMessages?: number;
    /** Refusals a second that are explained by a close code, where `refusal` is `'close'`; beyond, they are answered by HTTP. Default 100; `false`: all. */
    readonly maxCloseRefusalsPerSecond?: number | false;
    /** Refusals a second that are answered by HTTP; beyond, the socket is destroyed without an answer. Default 1 000; `false`: all. */
    readonly maxHttpRefusalsPerSecond?: number | false;
}
export declare const NETWORK_DEFAULTS: {
    readonly maxEarlyBytes: number;
    readonly maxEarlyMessages: 16;
    readonly maxCloseRefusalsPerSecond: 100;
    readonly maxHttpRefusalsPerSecond: 1000;
};
/** What is wrong with them, one sentence each. */
export declare function networkProblems(options: NetworkOptions): string[];
