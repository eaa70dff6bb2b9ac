// @ts-check

/** Of the factory: the heartbeat is short enough to be examined. */
export const OPTIONS = { maxManagersPerUser: 20, heartbeatIntervalMs: 600, pendingDeadlineMs: 1500 };

/**
 * A real server asks its session store here.
 *
 * @param {{ readonly url?: string | undefined }} request
 */
export function userOf(request) {
  return new URLSearchParams(request.url?.split('?')[1]).get('user');
}

export const PORT = Number(process.env['PORT'] ?? 0);
