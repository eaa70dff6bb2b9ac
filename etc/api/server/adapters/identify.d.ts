import { type AdmissionRequest, type ManagerFactory, type Refusal } from '../index.ts';
export declare const DEFAULT_IDENTIFY_TIMEOUT_MS = 5000;
/**
 * What `identify` may answer: the user, the user with details, or nothing (401). Throwing {@link Forbidden} means 403.
 * The context has the remote address only if `identify` answers it: reading it is a system call, and behind a proxy it is not
 * the client's.
 */
export type Identity = string | AdmissionRequest | null | undefined;
/** Thrown by `identify` to refuse somebody it knows: HTTP 403, close code 4403. */
export declare class Forbidden extends Error {
    name: string;
}
/** Who it is, or why nobody is let in. */
export type Identified = {
    readonly identity: AdmissionRequest;
    readonly refusal?: undefined;
} | {
    readonly identity?: undefined;
    readonly refusal: Refusal;
};
interface Identification<Request> {
    readonly factory: ManagerFactory;
    readonly identify: (request: Request) => Identity | PromiseLike<Identity>;
    readonly identifyTimeoutMs?: number | false | undefined;
}
/** Whoever waits for the answer, and may leave before it: is told how to end the time that `identify` has. */
export interface Awaiting {
    endsWaiting(stop: () => void): void;
}
/** Asks `identify`, which may throw, and answers in time whatever it does, as long as somebody waits for it. `sinceMs`: when that time began, if not now. */
export declare function identifyInTime<Request>(request: Request, by: Identification<Request>, awaiting: Awaiting, sinceMs?: number): Identified | Promise<Identified>;
/** Whatever `identify` says itself about the address counts. */
export declare function fromAddress(remoteAddress: string | undefined, identified: Identified): Identified;
export {};
