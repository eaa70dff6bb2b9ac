/** What is known of a response that refused an upgrade. */
export interface RefusedUpgrade {
  readonly httpStatus: number;
  readonly retryAfter: string | undefined;
}

interface Listening {
  on(event: 'unexpected-response', listener: (request: unknown, response: unknown) => void): unknown;
  terminate(): void;
}

/** The `ws` package tells its listeners the response that refused an upgrade; browsers keep it to themselves. */
export function onRefusedUpgrade(socket: object, tell: (refused: RefusedUpgrade) => void): void {
  if (!canListen(socket)) return;
  socket.on('unexpected-response', (_request, response) => {
    const refused = refusedBy(response);
    if (refused !== undefined) tell(refused);
    // Who listens for it has to let go of the socket; its close event follows.
    socket.terminate();
  });
}

function canListen(socket: object): socket is Listening {
  return (
    'on' in socket && typeof socket.on === 'function' && 'terminate' in socket && typeof socket.terminate === 'function'
  );
}

function refusedBy(response: unknown): RefusedUpgrade | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  if (!('statusCode' in response) || typeof response.statusCode !== 'number') return undefined;
  const headers: unknown = 'headers' in response ? response.headers : undefined;
  const retryAfter: unknown =
    typeof headers === 'object' && headers !== null && 'retry-after' in headers ? headers['retry-after'] : undefined;
  return { httpStatus: response.statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined };
}
