/** Ends a socket whatever its state. One of `ws` may have begun a closing handshake that it could not write: `close()` does nothing then. */
export function letGo(socket: { close(): void }): void {
  if (canTerminate(socket)) socket.terminate();
  else socket.close();
}

function canTerminate(socket: object): socket is { terminate(): void } {
  return 'terminate' in socket && typeof socket.terminate === 'function';
}
