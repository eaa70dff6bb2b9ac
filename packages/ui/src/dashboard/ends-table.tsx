import { formatMs } from '../../../watertight/src/report/figures.ts';
import { clockText, numberText, plain, shortPlace } from '../text.ts';
import { hrefOfUser } from './address.ts';
import { Scroll } from './scroll.tsx';
import type { EndedManager } from './types.ts';

/** Managers that ended, the newest first. */
export function EndsTable({
  ends,
  ofOneUser = false,
}: {
  readonly ends: readonly EndedManager[];
  readonly ofOneUser?: boolean;
}) {
  return (
    <Scroll label="Ends">
      <table class="wide ends">
        <thead>
          <tr>
            <th scope="col">gone at</th>
            {ofOneUser ? null : <th scope="col">user</th>}
            <th scope="col">reason</th>
            <th scope="col">socket gone</th>
            <th scope="col">resources gone</th>
            <th scope="col">what went wrong</th>
          </tr>
        </thead>
        <tbody>
          {ends.map(({ at, report }) => (
            <tr key={`${at}${report.managerId}`} class={report.deadlineMet ? '' : 'bad'}>
              <td class="number" title={at}>
                {clockText(Date.parse(at) / 1000)}
              </td>
              {ofOneUser ? null : (
                <th scope="row">
                  <a href={hrefOfUser(report.user)}>{plain(report.user)}</a>
                </th>
              )}
              <td class="reason">{plain(report.reason)}</td>
              <td class="number">{report.socketGoneMs === null ? '–' : formatMs(report.socketGoneMs)}</td>
              <td class="number">
                {formatMs(report.finalizersDoneMs)}
                {report.finalizersRun === 0 ? '' : `, ${numberText(report.finalizersRun)} run`}
              </td>
              <td>
                <Trouble report={report} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Trouble({ report }: { readonly report: EndedManager['report'] }) {
  const { deadlineMet, overdue, failed, stuckClosing, eventLoopStalledMs } = report;
  const named = [...overdue.map((one) => ['overdue', one] as const), ...failed.map((one) => ['failed', one] as const)];
  return (
    <>
      {deadlineMet ? null : <span class="chip bad">past the deadline</span>}{' '}
      {stuckClosing ? <span class="chip unsure">did not finish closing</span> : null}{' '}
      {eventLoopStalledMs === 0 ? null : (
        <span class="chip unsure">loop stood still {formatMs(eventLoopStalledMs)}</span>
      )}
      {named.map(([what, { name, registeredAt }], index) => (
        <div key={index}>
          <span class="late">{what}</span> {plain(name)}{' '}
          {registeredAt === 'unknown' ? null : (
            <code class="muted" title={plain(registeredAt)}>
              {shortPlace(registeredAt)}
            </code>
          )}
        </div>
      ))}
    </>
  );
}
