import type { Suspicion } from '../suspicion.ts';
import { type Life } from './life-context.ts';
interface Ledger {
    raise(suspicion: Suspicion): number;
    withdraw(id: number): void;
}
/** Development mode of one factory: what code of a manager started, did not register, and left behind. */
export declare class Leftovers {
    #private;
    constructor(ledger: Ledger);
    within<Result>(life: Life, code: () => Result): Result;
    /** The manager has closed: what it left behind is suspected, once Node has told which timers were stopped. */
    closed(life: Life): void;
    stop(): void;
}
export {};
