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
/** What a client may send before it is known who it is. Nothing of it extends the time for `identify`. */
export interface EarlyOptions {
    /** Bytes a client may send before it is answered. Default 16 384. */
    readonly maxEarlyBytes?: number;
    /** Messages (frames) a client may send before it is answered. Default 16. */
    readonly maxEarlyMessages?: number;
}
/** Of adapters that refuse by a close code. */
export interface CloseRefusalOptions {
    /** Refusals a second that are explained by a close code; beyond, they are answered by something cheaper: HTTP, or the end of the connection. Default 100; `false`: all. */
    readonly maxCloseRefusalsPerSecond?: number | false;
}
/** Of adapters that refuse over HTTP. */
export interface HttpRefusalOptions {
    /** Refusals a second that are answered by HTTP; beyond, the connection is ended without an answer. Default 1 000; `false`: all. */
    readonly maxHttpRefusalsPerSecond?: number | false;
}
/** What an adapter does about a hostile network. */
export interface NetworkOptions extends AddressOptions, EarlyOptions, CloseRefusalOptions, HttpRefusalOptions {
}
/** Of those, what cannot work at an adapter, and why: it is refused where it is set all the same. */
export type Absences = Readonly<Partial<Record<keyof NetworkOptions, string>>>;
/** Of adapters at an upgrade who refuse over HTTP and nothing else. */
export declare const WITHOUT_CLOSE_CODES: Absences;
/** Of adapters whose users say how clients are refused. */
export declare function absencesBy(refusal: 'http' | 'close' | undefined): Absences;
/** Of adapters who are given requests and responses. */
export declare const OF_REQUESTS: Absences;
export declare const NETWORK_DEFAULTS: {
    readonly maxEarlyBytes: number;
    readonly maxEarlyMessages: 16;
    readonly maxCloseRefusalsPerSecond: 100;
    readonly maxHttpRefusalsPerSecond: 1000;
};
/** Their names. */
export declare const NETWORK_OPTIONS: readonly ["maxEarlyBytes", "maxEarlyMessages", "maxCloseRefusalsPerSecond", "maxHttpRefusalsPerSecond", "trustedProxies", "forwardedHeader"];
/** What is wrong with them, one sentence each. */
export declare function networkProblems(options: NetworkOptions, absences: Absences): string[];
