export { type Backoff, DEFAULT_BACKOFF, delayBefore } from './backoff.ts';
export { type KeepConnectedOptions, type KeptConnection, type WebSocketLike, keepConnected } from './keep-connected.ts';
export { type Ending, type Retry, type Verdict, CLOSE_CODE_VERDICTS, HTTP_STATUS_VERDICTS, verdictOf, } from './verdicts.ts';
