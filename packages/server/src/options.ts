/** Placeholder shape until the validation stands beside it. */
export interface ResolvedOptions {
  readonly name: string;
  readonly maxManagersPerUser: number;
  /** `Infinity` = off. */
  readonly maxManagers: number;
  readonly emergencyThreshold: number;
  readonly emergencyExitThreshold: number;
  readonly cleanupDeadlineMs: number;
  readonly closeHandshakeMs: number;
  readonly pendingDeadlineMs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatMisses: number;
  readonly sweepIntervalMs: number;
  readonly probeTimeoutMs: number;
  readonly maxClosingPerUser: number;
  readonly maxConnectionsPerManager: number;
  readonly releaseGraceMs: number;
  readonly onLimit: 'reject';
  /** How many users `stats().perUser` names at most. */
  readonly statsTopUsers: number;
}
