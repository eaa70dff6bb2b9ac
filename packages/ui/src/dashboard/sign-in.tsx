import { useState } from 'preact/hooks';

import { plain } from '../text.ts';
import { messageOf, send } from './ask.ts';

/** Nobody is known yet: the token is asked for, or it is said how one becomes known. */
export function SignIn({
  access,
  problem,
  signedIn,
}: {
  readonly access: string | undefined;
  readonly problem: string | undefined;
  readonly signedIn: () => void;
}) {
  if (access === undefined)
    return (
      <main>
        {problem === undefined ? null : (
          <p class="notice bad" role="alert">
            {plain(problem)}
          </p>
        )}
      </main>
    );
  return (
    <main class="door">
      <h1>{access === 'token' ? 'Sign in' : 'You are not known here'}</h1>
      {access === 'token' ? (
        <TokenForm signedIn={signedIn} />
      ) : (
        <p class="muted">
          {plain(problem ?? '')}.{' '}
          {access === 'function' ? 'Sign in where you do for this service, then come back.' : ''}
        </p>
      )}
    </main>
  );
}

function TokenForm({ signedIn }: { readonly signedIn: () => void }) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string>();
  const submit = (event: Event): void => {
    event.preventDefault();
    void send('POST', 'session', { token }).then(signedIn, (error: unknown) => setProblem(messageOf(error)));
  };
  return (
    <form onSubmit={submit}>
      {/* Whoever keeps passwords wants to know whose. */}
      <input type="text" autocomplete="username" value="dashboard" readOnly hidden />
      <label for="token">Token of this dashboard</label>
      <div class="row">
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
        <button type="submit" class="strong">
          Sign in
        </button>
      </div>
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          {plain(problem)}
        </p>
      )}
    </form>
  );
}
