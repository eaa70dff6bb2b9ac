import { plain } from '../text.ts';

/** In place of what the server has not told yet, or why it does not. */
export function Waiting({ problem }: { readonly problem?: string | undefined }) {
  return problem === undefined ? (
    <p class="muted waiting">Waiting for the server …</p>
  ) : (
    <p class="notice bad" role="alert">
      {plain(problem)}
    </p>
  );
}
