import type { ManagerFactory, ReleaseReport } from '@watertight/server';
/** The end of one manager. */
export interface EndedManager {
    /** When everything of it was gone, ISO 8601. */
    readonly at: string;
    readonly factory: string;
    readonly report: ReleaseReport;
}
/** Which ends are wanted. */
export interface EndsQuery {
    readonly factory?: string | undefined;
    readonly user?: string | undefined;
    readonly reason?: string | undefined;
    readonly count: number;
}
/** The last managers that ended, of the factories that are shown. */
export declare class EndLog {
    #private;
    constructor(factories: ReadonlyMap<string, ManagerFactory>, size: number);
    newest({ factory, user, reason, count }: EndsQuery): readonly EndedManager[];
    stop(): void;
}
