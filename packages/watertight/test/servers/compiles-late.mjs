// `leaves.mjs`, where the engine makes what it knows of a function only after some forty calls: amid the windows, not while warming up.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--interrupt-budget-factor-for-feedback-allocation=40');
await import('./leaves.mjs');
