import { formatFigure, formatMs, formatSeconds } from '../../watertight/src/report/figures.ts';
import { harmlessLines } from '../../watertight/src/report/findings.ts';
import { summarizeSteps } from '../../watertight/src/report/step-groups.ts';
import { FoldingCard } from './card.tsx';
import { Section } from './section.tsx';
import { Spreads } from './spreads.tsx';
import { plain } from './text.ts';
import { Timeline } from './timeline.tsx';
import type { CheckResult, ScenarioResult, StepResult } from './types.ts';

const TONE: Readonly<Record<string, string>> = {
  watertight: 'ok',
  leak: 'bad',
  violation: 'bad',
  inconclusive: 'unsure',
  held: 'ok',
  broken: 'bad',
};
const MARK: Readonly<Record<StepResult['status'], string>> = {
  held: '✓',
  broken: '✗',
  inconclusive: '?',
  'not visible': '–',
  'not promised': '–',
  'not run': '–',
};

/** What was done, scenario by scenario. */
export function Scenarios({ result }: { readonly result: CheckResult }) {
  return (
    <Section id="scenarios" title="Scenarios">
      {result.scenarios.map((scenario) => (
        <Scenario key={scenario.name} scenario={scenario} promises={result.promises} />
      ))}
    </Section>
  );
}

function Scenario(props: { readonly scenario: ScenarioResult; readonly promises: CheckResult['promises'] }) {
  const { scenario, promises } = props;
  const hasPicture = scenario.evidence !== undefined || Object.keys(scenario.timings).length > 0;
  return (
    <FoldingCard
      tone={TONE[scenario.verdict] ?? 'none'}
      isOpenAtFirst={hasPicture || TONE[scenario.verdict] === 'bad'}
      head={
        <>
          <h3>{plain(scenario.name)}</h3>
          <span class={`chip ${TONE[scenario.verdict] ?? ''}`}>{scenario.verdict}</span>
          <StepsBar steps={scenario.steps} />
          <span class="muted">
            {summarizeSteps(scenario)}, {formatSeconds(scenario.elapsedMs)}
          </span>
        </>
      }
    >
      {() => (
        <>
          <p class="muted">{plain(scenario.purpose)}</p>
          {scenario.evidence === undefined ? null : <Timeline evidence={scenario.evidence} />}
          <Harmless scenario={scenario} />
          <Spreads scenario={scenario} promises={promises} />
          <Figures scenario={scenario} />
          <Steps steps={scenario.steps} />
        </>
      )}
    </FoldingCard>
  );
}

/** One box a step: how a scenario went, at a glance. */
function StepsBar({ steps }: { readonly steps: readonly StepResult[] }) {
  return (
    <span class="steps-bar" aria-hidden="true">
      {steps.map(({ id, status }) => (
        <i key={id} class={TONE[status] ?? (status === 'inconclusive' ? 'unsure' : 'none')} />
      ))}
    </span>
  );
}

function Harmless({ scenario }: { readonly scenario: ScenarioResult }) {
  const lines = harmlessLines([scenario]);
  if (lines.length === 0) return null;
  return (
    <div>
      <p>What grew, and is no leak:</p>
      <ul>
        {lines.map((line) => (
          <li key={line}>{plain(line)}</li>
        ))}
      </ul>
    </div>
  );
}

function Figures({ scenario }: { readonly scenario: ScenarioResult }) {
  const figures = Object.entries(scenario.figures);
  if (figures.length === 0) return null;
  return <p class="muted">{figures.map(([name, value]) => plain(formatFigure(name, value))).join(' · ')}</p>;
}

/** What did not hold is told at once; what held can be asked for. */
function Steps({ steps }: { readonly steps: readonly StepResult[] }) {
  const told = steps.filter(({ status }) => status === 'broken' || status === 'inconclusive');
  const rest = steps.filter((step) => !told.includes(step));
  return (
    <div>
      {told.length === 0 ? null : <StepList steps={told} />}
      {rest.length === 0 ? null : (
        <details class="figures">
          <summary>{told.length === 0 ? `All ${rest.length} checks` : `The other ${rest.length} checks`}</summary>
          <StepList steps={rest} />
        </details>
      )}
    </div>
  );
}

function StepList({ steps }: { readonly steps: readonly StepResult[] }) {
  return (
    <ol class="steps">
      {steps.map(({ id, title, status, note, elapsedMs }) => (
        <li key={id} class={TONE[status] ?? 'none'}>
          <span class="mark" aria-hidden="true">
            {MARK[status]}
          </span>
          <div>
            <span>{plain(title)}</span>
            {status === 'held' ? (
              <span class="unseen">: held</span>
            ) : (
              <span class={`chip ${TONE[status] ?? ''}`}>{status}</span>
            )}
            {note === undefined ? null : <p class="muted">{plain(note)}</p>}
          </div>
          <span class="muted time">{elapsedMs === 0 ? '' : formatMs(elapsedMs)}</span>
        </li>
      ))}
    </ol>
  );
}
