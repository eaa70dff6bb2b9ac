import { formatBytes } from '../../watertight/src/report/figures.ts';
import { mergeStacks, type Frame } from './flame.ts';
import { lineText, ownerText, plain } from './text.ts';
import type { Finding } from './types.ts';

/** Where it was allocated: callers above, as wide as the bytes that stay of each connection. */
export function FlameGraph({ finding }: { readonly finding: Finding }) {
  const { allocations, allocationStack, bytesPerCycle } = finding;
  const alone = [{ stack: allocationStack, objectsPerCycle: 1, bytesPerCycle: bytesPerCycle ?? 0 }];
  const paths = allocations === undefined || allocations.length === 0 ? alone : allocations;
  const frames = mergeStacks(paths);
  if (frames.length === 0) return null;
  return (
    <div class="flame">
      <h4>Where it is allocated</h4>
      <div class="flame-scroll" tabIndex={0} role="group" aria-label="Allocation stacks, callers first">
        <Frames frames={frames} />
      </div>
      <p class="key">
        <span class="application">application</span> <span class="package">packages</span>{' '}
        <span class="node">Node.js</span>
      </p>
    </div>
  );
}

function Frames({ frames }: { readonly frames: readonly Frame[] }) {
  return (
    <ul>
      {frames.map(({ place, weight, children }) => {
        const name = place.functionName === '' ? '(anonymous)' : plain(place.functionName);
        const owner = ownerText(place);
        const where = `${lineText(place)}${owner === '' ? '' : `, ${owner}`}`;
        return (
          <li key={`${where}${name}`} style={{ flexGrow: Math.max(weight, 1) }}>
            <div
              class={`frame ${place.owner.is}`}
              title={`${name} ${where}${weight > 0 ? `, ${formatBytes(weight)}` : ''}`}
            >
              <strong>{name}</strong> <span>{where}</span>
              {weight > 0 ? <span class="weight"> {formatBytes(weight)}</span> : null}
            </div>
            {children.length === 0 ? null : <Frames frames={children} />}
          </li>
        );
      })}
    </ul>
  );
}
