import { lineText, plain } from './text.ts';
import type { Finding, RetainingStep } from './types.ts';

/**
 * Who keeps it: from the variable by which the program reaches it, each step can be opened, and the last one is what stays. The
 * way from the root to that variable is the runtime's, and folded.
 */
export function RetainingTree({ finding: { retainedBy } }: { readonly finding: Finding }) {
  const path = retainedBy ?? [];
  const start = Math.max(
    0,
    path.findLastIndex(({ edgeKind }) => edgeKind === 'variable'),
  );
  const [first, ...rest] = path.slice(start);
  if (first === undefined) return null;
  return (
    <div class="tree">
      <h4>What keeps it alive</h4>
      {start === 0 ? null : (
        <details class="figures">
          <summary>
            {start} {start === 1 ? 'step' : 'steps'} from the root
          </summary>
          <ol>
            {path.slice(0, start).map((step, index) => (
              <li key={index}>
                <Held step={step} />
              </li>
            ))}
          </ol>
        </details>
      )}
      <Branch step={first} rest={rest} />
    </div>
  );
}

function Branch({ step, rest }: { readonly step: RetainingStep; readonly rest: readonly RetainingStep[] }) {
  const [next, ...others] = rest;
  if (next === undefined)
    return (
      <p class="leaf">
        <Held step={step} /> <span class="chip bad">stays</span>
      </p>
    );
  return (
    <details open>
      <summary>
        <Held step={step} />
      </summary>
      <Branch step={next} rest={others} />
    </details>
  );
}

function Held({ step: { edge, edgeKind, name, scope, place } }: { readonly step: RetainingStep }) {
  const by = edgeKind === 'element' || edgeKind === 'entry' ? '[…]' : edgeKind === 'property' ? `.${edge}` : edge;
  return (
    <>
      {by === '' ? null : <code class="edge">{plain(by)}</code>} <strong>{plain(name)}</strong>
      {scope === null ? null : <span class="muted"> {plain(scope)}</span>}
      {place === null ? null : <code class="muted"> {lineText(place)}</code>}
    </>
  );
}
