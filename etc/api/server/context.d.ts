/** A user id may have this many bytes in UTF-8. */
export declare const MAX_USER_BYTES = 256;
/** Who asks to be admitted, as the caller knows it. */
export interface AdmissionRequest {
    /** Opaque; 1 to {@link MAX_USER_BYTES} bytes of UTF-8, well-formed, not blank, without control characters. */
    readonly user: string;
    /** Whatever the caller uses to tell one session of a user from another; `null`: there is none. */
    readonly sessionId?: string | null | undefined;
    /** `null`: not known. */
    readonly remoteAddress?: string | null | undefined;
}
/** The facts of one admission: made once, passed on frozen, never derived again. */
export interface AdmissionContext {
    readonly user: string;
    readonly sessionId: string | undefined;
    readonly remoteAddress: string | undefined;
}
/** Frozen by whoever passes it on: most are never asked for, and freezing costs more than making. */
export declare function makeContext({ user, sessionId, remoteAddress }: AdmissionRequest): AdmissionContext;
/** What is wrong with what stands beside the user, one sentence each. Nothing is made where nothing is wrong: every upgrade comes here. */
export declare function detailProblems({ sessionId, remoteAddress }: AdmissionRequest): readonly string[];
/** One sentence on what is wrong with a user id, or `undefined`. Never repeats the id: it may be 10 MB of anything. */
export declare function userProblem(user: unknown): string | undefined;
