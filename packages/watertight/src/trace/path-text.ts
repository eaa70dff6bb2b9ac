import type { PathStep, RetainingPath } from './retaining-path.ts';
import type { SourcePlace } from './source-places.ts';

const MODULE_SCOPE = 'module scope';

/**
 * Who holds a survivor, the nearest holder first, one phrase each: `Map sessions (src/chat.ts:12:7)`, `module scope`. Ends at
 * the module's scope, where a variable lives as long as the program; else at the root.
 */
export function holdersOf(path: RetainingPath, shorten: (url: string) => string = (url) => url): string[] {
  const holders: string[] = [];
  for (let at = path.steps.length - 2; at >= 0; at -= 1) {
    const step = path.steps[at] as PathStep;
    holders.push(phraseOf(step, shorten));
    if (step.kind !== 'variable' || !step.scope) continue;
    if (step.scope.name === MODULE_SCOPE) return [...holders, MODULE_SCOPE];
  }
  const [first] = path.steps;
  if (path.steps.length === 1 && first?.scope) holders.push(first.scope.name);
  return [...holders, path.root];
}

/** `src/chat.ts:12:7` */
export function placeText(place: SourcePlace, shorten: (url: string) => string = (url) => url): string {
  return `${shorten(place.url)}:${place.line}:${place.column}`;
}

function phraseOf(step: PathStep, shorten: (url: string) => string): string {
  const name = step.kind === 'variable' || step.kind === 'property' ? ` ${step.name}` : '';
  const place = step.scope?.place ?? (step.kind === 'variable' ? undefined : step.place);
  const scope = step.scope && step.scope.name !== MODULE_SCOPE ? ` of ${step.scope.name}` : '';
  return `${step.className}${name}${scope}${place ? ` (${placeText(place, shorten)})` : ''}`;
}
