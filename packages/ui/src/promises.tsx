import { describePromises } from '../../watertight/src/report/promises-text.ts';
import { Section } from './section.tsx';
import type { CheckResult, ScenarioResult } from './types.ts';

/** The scenario that holds a server to a promise; silence has none of its own. */
const JUDGES: Readonly<Record<string, string>> = {
  limit: 'manager-creation-limit-enforcement',
  'cleanup deadline': 'manager-cleanup-timing-precision',
  'emergency threshold': 'emergency-cleanup-threshold-trigger',
};

/** What the server promises, who said so, and what became of it. */
export function Promises({ result }: { readonly result: CheckResult }) {
  return (
    <Section id="promises" title="Promises">
      <dl class="tiles">
        {describePromises(result.promises).map(({ name, text, promised }) => {
          const became = promised ? becameOf(name, result) : 'not promised';
          return (
            <div key={name} class={`tile ${toneOf(became)}`}>
              <dt>{name}</dt>
              <dd class="state">{became}</dd>
              <dd>{promised ? text : 'nobody said'}</dd>
            </div>
          );
        })}
      </dl>
    </Section>
  );
}

function becameOf(name: string, { scenarios }: CheckResult): string {
  const judge = JUDGES[name];
  if (judge !== undefined) {
    const scenario = scenarios.find((one) => one.name === judge);
    return scenario === undefined ? 'not examined' : stateOf(scenario);
  }
  const steps = scenarios.flatMap((scenario) => scenario.steps).filter(({ id }) => /silen|vanish/.test(id));
  if (steps.some(({ status }) => status === 'broken')) return 'broken';
  return steps.some(({ status }) => status === 'held') ? 'kept' : 'not examined';
}

function stateOf({ verdict }: ScenarioResult): string {
  switch (verdict) {
    case 'watertight':
      return 'kept';
    case 'leak':
    case 'violation':
      return 'broken';
    case 'inconclusive':
    case 'not promised':
    case 'not visible':
      return verdict;
  }
}

function toneOf(became: string): string {
  return became === 'kept' ? 'ok' : became === 'broken' ? 'bad' : became === 'inconclusive' ? 'unsure' : 'none';
}
