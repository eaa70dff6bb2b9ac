export { type Backoff, DEFAULT_BACKOFF, delayBefore } from './backoff.ts';
export { type KeptConnection, keepConnected } from './keep-connected.ts';
export type { KeepConnectedOptions, WebSocketLike } from './options.ts';
export {
  type Ending,
  type Retry,
  type Verdict,
  CLOSE_CODE_VERDICTS,
  HTTP_STATUS_VERDICTS,
  verdictOf,
} from './verdicts.ts';
