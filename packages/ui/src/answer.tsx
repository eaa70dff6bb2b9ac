import { formatBytes, formatSeconds } from '../../watertight/src/report/figures.ts';
import { renderMarkdown } from '../../watertight/src/report/markdown.ts';
import { shownPlace } from '../../watertight/src/report/shown-place.ts';
import { excusedLeaks, excuseOf } from '../../watertight/src/report/told-problems.ts';
import { CopyButton } from './copy-button.tsx';
import { lineText, numberText, plain } from './text.ts';
import type { CheckResult, Finding } from './types.ts';

const SHOWN_COUNT = 5;
const TONE = { watertight: 'ok', leak: 'bad', violation: 'bad', inconclusive: 'unsure' } as const;

/** What somebody knows after ten seconds: is there a leak, where, how much, since when. */
export function Answer({ result, perDay }: { readonly result: CheckResult; readonly perDay: number }) {
  const open = result.scenarios
    .flatMap(({ findings }) => findings)
    .filter((finding) => excuseOf(finding) === undefined);
  const facts = [
    result.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
    `took ${formatSeconds(result.elapsedMs)}`,
    `${numberText(result.socketsOpened)} connections`,
    `exit code ${result.exitCode}`,
  ];
  return (
    <div class={`answer ${TONE[result.verdict]}`}>
      <div class="answer-head">
        <p class="verdict">{result.verdict}</p>
        <CopyButton label="Copy as Markdown" text={() => renderMarkdown(result)} />
      </div>
      <h1>{headline(result, open)}</h1>
      <p class="target">
        <code>{plain(result.target.label)}</code>
        {result.target.url === '' ? null : <code>{plain(result.target.url)}</code>}
      </p>
      {open.length === 0 ? null : (
        <ol class="causes">
          {open.slice(0, SHOWN_COUNT).map((finding) => (
            <Cause key={finding.fingerprint} finding={finding} perDay={perDay} />
          ))}
        </ol>
      )}
      {open.length > SHOWN_COUNT ? (
        <p>
          <a href="#leaks">and {open.length - SHOWN_COUNT} more</a>
        </p>
      ) : null}
      {open.length > 0 ? null : <Broken result={result} />}
      {result.stopped === null ? null : (
        <pre class="stopped" tabIndex={0} role="group" aria-label="Why the run ended early">
          {result.stopped.split('\n').map(plain).join('\n')}
        </pre>
      )}
      <p class="facts">{facts.join(' · ')}</p>
    </div>
  );
}

/** Where no cause is known, what was seen. */
function Broken({ result }: { readonly result: CheckResult }) {
  const broken = result.scenarios.flatMap(({ violations }) => violations).filter(({ expected }) => !expected);
  if (broken.length === 0) return null;
  return (
    <ol class="causes">
      {broken.slice(0, SHOWN_COUNT).map(({ type, message, step }) => (
        <li key={step}>
          <a href="#violations">{type}</a>
          <p class="why">{plain(message)}</p>
        </li>
      ))}
    </ol>
  );
}

/** At which rate the figures per day are reckoned, as long as nobody says another. */
function rateText(perDay: number): string {
  return perDay === 86_400 ? 'at 1 connection a second' : `at ${numberText(perDay)} connections a day`;
}

function Cause({ finding, perDay }: { readonly finding: Finding; readonly perDay: number }) {
  const place = shownPlace(finding);
  const { bytesPerCycle } = finding;
  return (
    <li>
      <a href={`#leak-${finding.fingerprint}`}>{plain(finding.title)}</a>
      {place === undefined ? null : <code>{lineText(place)}</code>}
      {bytesPerCycle === null ? null : (
        <span>
          {formatBytes(bytesPerCycle * perDay)} a day {rateText(perDay)}
        </span>
      )}
      {finding.known === false ? <span class="chip bad">new since the baseline</span> : null}
      <p class="why">{whyText(finding)}</p>
    </li>
  );
}

/** Who keeps it, and after which endings it stays. */
function whyText({ keptBy, endings }: Finding): string {
  const kept = keptBy === null ? [] : [`kept by ${plain(keptBy)}`];
  const clean =
    endings === null || endings.clean.length === 0 ? '' : `, not after ${endings.clean.map(plain).join(', ')}`;
  const stays = endings === null ? [] : [`stays after ${endings.leaking.map(plain).join(', ')}${clean}`];
  return [...kept, ...stays].join(' · ');
}

function headline(result: CheckResult, open: readonly Finding[]): string {
  const { verdict, scenarios, stopped } = result;
  const broken = scenarios.flatMap(({ violations }) => violations).filter(({ expected }) => !expected);
  switch (verdict) {
    case 'leak':
      if (open.length === 0) return 'Something stays behind after connections have ended';
      return open.length === 1
        ? 'Connections leave something behind'
        : `Connections leave ${open.length} things behind`;
    case 'violation':
      return broken.length === 1 ? 'One promise is broken' : `Promises are broken in ${broken.length} ways`;
    case 'watertight': {
      const steps = scenarios.flatMap((scenario) => scenario.steps);
      const excused = excusedLeaks(result);
      const but = excused === undefined ? '' : ` but ${excused}`;
      return `Nothing stays behind${but}: ${steps.filter(({ status }) => status === 'held').length} of ${steps.length} checks held`;
    }
    case 'inconclusive':
      return stopped === null ? 'What was seen is not enough to say' : 'The run ended before it could tell';
  }
}
