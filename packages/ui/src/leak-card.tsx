import { formatBytes } from '../../watertight/src/report/figures.ts';
import { findingLines } from '../../watertight/src/report/findings.ts';
import { sayOpenOn } from '../../watertight/src/report/open-on.ts';
import { findingMarkdown } from '../../watertight/src/report/markdown.ts';
import { shownPlace } from '../../watertight/src/report/shown-place.ts';
import { excuseOf } from '../../watertight/src/report/told-problems.ts';
import { FoldingCard } from './card.tsx';
import { CopyButton } from './copy-button.tsx';
import { Excerpt } from './excerpt.tsx';
import { FlameGraph } from './flame-graph.tsx';
import { GrowthChart } from './growth-chart.tsx';
import { RetainingTree } from './retaining-tree.tsx';
import { lineText, numberText, plain } from './text.ts';
import type { Evidence, Finding } from './types.ts';

/** One leak: closed, it says what, how much and where; open, why. */
export function LeakCard(props: {
  readonly finding: Finding;
  readonly evidence: Evidence | undefined;
  readonly perDay: number;
  readonly isOpen: boolean;
}) {
  const { finding, evidence, perDay } = props;
  const place = shownPlace(finding);
  const excuse = excuseOf(finding);
  return (
    <FoldingCard
      id={`leak-${finding.fingerprint}`}
      tone={excuse === undefined ? 'bad' : 'none'}
      isOpenAtFirst={props.isOpen}
      head={
        <>
          <h3>{plain(finding.title)}</h3>
          {place === undefined ? null : <code>{lineText(place)}</code>}
          {excuse === undefined ? null : <span class="chip">{plain(excuse)}</span>}
          {finding.known === false ? <span class="chip bad">new since the baseline</span> : null}
        </>
      }
    >
      {() => <LeakDetails finding={finding} evidence={evidence} perDay={perDay} />}
    </FoldingCard>
  );
}

function LeakDetails(props: {
  readonly finding: Finding;
  readonly evidence: Evidence | undefined;
  readonly perDay: number;
}) {
  const { finding, evidence, perDay } = props;
  return (
    <>
      <p class="kept">
        {finding.keptBy === null ? plain(finding.traceNote ?? 'who keeps it was not traced') : null}
        {finding.keptBy === null ? null : (
          <>
            kept by <code>{plain(finding.keptBy)}</code>
          </>
        )}
        {(finding.independentRetainers ?? 0) > 1
          ? ` and by ${(finding.independentRetainers ?? 0) - 1} more: cutting one of them is no fix`
          : null}
      </p>
      {finding.openOn === undefined ? null : (
        <p class="kept">
          open on <code>{plain(sayOpenOn(finding.openOn))}</code>
        </p>
      )}
      <div class="columns">
        <Excerpt excerpt={finding.excerpt} />
        <GrowthChart finding={finding} evidence={evidence} />
      </div>
      <div class="columns">
        <Endings finding={finding} />
        <Cost finding={finding} perDay={perDay} />
      </div>
      <RetainingTree finding={finding} />
      <FlameGraph finding={finding} />
      <details class="all-lines">
        <summary>Everything as text</summary>
        <dl>
          {findingLines(finding).map(({ label, text }) => (
            <div key={`${label}${text}`}>
              <dt>{label}</dt>
              <dd>{plain(text)}</dd>
            </div>
          ))}
        </dl>
      </details>
      <CopyButton label="Copy as Markdown for an issue" text={() => findingMarkdown(finding)} />
    </>
  );
}

function Endings({ finding: { endings } }: { readonly finding: Finding }) {
  return (
    <div>
      <h4>Stays after</h4>
      {endings === null ? (
        <p class="muted">endings were not told apart</p>
      ) : (
        <ul class="chips">
          {endings.leaking.map((ending) => (
            <li key={ending} class="chip bad">
              {plain(ending)}
            </li>
          ))}
          {endings.clean.map((ending) => (
            <li key={ending} class="chip">
              not after {plain(ending)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Cost({ finding, perDay }: { readonly finding: Finding; readonly perDay: number }) {
  const { growth, bytesPerCycle, carriedAlong } = finding;
  const each = growth.is === 'leak' ? growth.perCycle : null;
  return (
    <div>
      <h4>Costs</h4>
      <p>
        {bytesPerCycle === null ? 'bytes were not told' : `${formatBytes(bytesPerCycle)} a connection`}
        {', '}
        <strong>
          {bytesPerCycle === null ? null : `${formatBytes(bytesPerCycle * perDay)} `}
          {each === null ? null : `${bytesPerCycle === null ? '' : 'and '}${numberText(each * perDay)} of them `}a day
        </strong>
      </p>
      {carriedAlong.length === 0 ? null : (
        <p class="muted">
          with it: {carriedAlong.map(({ name, perCycle }) => `${perCycle} ${plain(name)}`).join(', ')}
        </p>
      )}
    </div>
  );
}
