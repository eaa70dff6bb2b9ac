import { formatFigure } from '../../watertight/src/report/figures.ts';
import { Section } from './section.tsx';
import { plain } from './text.ts';
import type { CheckResult, Violation } from './types.ts';

/** Everything the server is convicted of, step by step. */
export function Violations({ result }: { readonly result: CheckResult }) {
  const all = result.scenarios.flatMap(({ violations }) => violations);
  if (all.length === 0) return null;
  return (
    <Section id="violations" title={`Violations (${all.length})`}>
      <ul class="violations">
        {all.map((violation, index) => (
          <Told key={`${violation.step}-${index}`} violation={violation} />
        ))}
      </ul>
    </Section>
  );
}

function Told({ violation }: { readonly violation: Violation }) {
  const { type, severity, expected, message, step, evidence } = violation;
  const figures = Object.entries(evidence);
  return (
    <li class={expected ? 'none' : 'bad'}>
      <p>
        <strong>{type}</strong>{' '}
        <span class={`chip ${expected ? '' : 'bad'}`}>{expected ? 'as expected' : severity}</span>{' '}
        <code class="muted">{plain(step)}</code>
      </p>
      <p>{plain(message)}</p>
      {figures.length === 0 ? null : (
        <details class="figures">
          <summary>Evidence ({figures.length})</summary>
          <ul class="texts">
            {figures.map(([name, value]) => (
              <li key={name}>{plain(formatFigure(name, value))}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
