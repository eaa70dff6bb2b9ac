import type { Doubts } from '../drive/doubts.ts';
import type { Identity } from '../drive/identity.ts';
import type { LifeDriveOptions } from '../drive/lives.ts';
import type { Guess } from '../drive/recipes/guess.ts';
import type { RecipeOptions } from '../drive/recipes/options.ts';
import type { LifeDrive, Recipe } from '../drive/recipes/types.ts';
import type { Drive } from '../drive/types.ts';
import type { OpenedTarget } from '../inspector/open-target.ts';
import type { MatrixRun } from '../scenarios/coverage/matrix-run.ts';
import type { CoverageMode, Scenario } from '../scenarios/types.ts';
import type { Road } from '../target/road.ts';
import type { Target } from '../target/types.ts';
import type { UrlOptions } from '../target/url.ts';

/** Whether WebSockets are taken at an address, though not at the path that was asked. */
type SpeaksElsewhere = (url: URL) => Promise<boolean>;

/** The rooms `check` puts together. One object, so that it can be seen what the command needs. */
export interface Rooms {
  readonly catalogue: readonly Scenario[];
  findScenario(nameOrAlias: string): Scenario | undefined;
  parseIdentity(spec: string | undefined, userCommand: string | undefined, signal?: AbortSignal): Identity;
  spawnTarget(options: {
    readonly command: readonly string[];
    /** Default: our own. */
    readonly env?: NodeJS.ProcessEnv;
    readonly path: string | undefined;
    readonly waitFor: string | undefined;
    readonly speaksElsewhere: SpeaksElsewhere | undefined;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<Target>;
  urlTarget(url: string, options: UrlOptions): Promise<Target>;
  pidTarget(pid: number, where: WhereItServes): Promise<Target>;
  inspectTarget(address: string, where: WhereItServes): Promise<Target>;
  openTargetInside(target: Target): Promise<OpenedTarget>;
  openDrive(url: URL, identity: Identity, recipe: Recipe, road?: Road, doubts?: Doubts): Drive;
  guessRecipe(url: URL, identity: Identity, isPathGiven: boolean, road?: Road): Promise<Guess>;
  findRecipe(nameOrFile: string, options: RecipeOptions, folder: string): Promise<Recipe>;
  openLifeDrive(options: LifeDriveOptions): Promise<LifeDrive>;
  startMatrix(mode: CoverageMode, onTarget: readonly string[]): MatrixRun;
}

/** Where the server of a process that runs already is, as far as it was said. */
export interface WhereItServes {
  readonly url: string | undefined;
  readonly path: string | undefined;
  readonly speaksElsewhere: SpeaksElsewhere;
}
