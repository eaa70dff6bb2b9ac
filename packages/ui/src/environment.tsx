import { formatFigure } from '../../watertight/src/report/figures.ts';
import { CopyButton } from './copy-button.tsx';
import { Section } from './section.tsx';
import { plain } from './text.ts';
import type { CheckResult } from './types.ts';

/** The exact command, and where it ran. */
export function Environment({ result }: { readonly result: CheckResult }) {
  const { command, target, seed, tool, environment } = result;
  const inside = target.insideView ? `yes${target.factory ? ', with a factory of @watertight/server' : ''}` : 'no';
  const facts = [
    `seen from inside: ${inside}`,
    ...(target.pid === null ? [] : [`process ${target.pid}`]),
    `seed ${seed}`,
    `${tool.name} ${plain(tool.version)}`,
    ...Object.entries(environment).map(([name, value]) => plain(formatFigure(name, value))),
  ];
  return (
    <Section id="environment" title="Repeat it" beside={<CopyButton label="Copy the command" text={() => command} />}>
      <pre class="command" tabIndex={0} aria-label="The command">
        {plain(command)}
      </pre>
      <ul class="facts-list">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </Section>
  );
}
