import type { Identity } from '../drive/identity.ts';
import type { LifeDriveOptions } from '../drive/lives.ts';
import type { RecipeOptions } from '../drive/recipes/options.ts';
import type { LifeDrive, Recipe } from '../drive/recipes/types.ts';
import type { Drive } from '../drive/types.ts';
import type { InsideView } from '../inspector/types.ts';
import type { Scenario } from '../scenarios/types.ts';
import type { Target } from '../target/types.ts';

/** The rooms `check` puts together. One object, so that it can be seen what the command needs. */
export interface Rooms {
  readonly catalogue: readonly Scenario[];
  findScenario(nameOrAlias: string): Scenario | undefined;
  parseIdentity(spec: string | undefined): Identity;
  spawnTarget(options: {
    readonly command: readonly string[];
    readonly path: string | undefined;
    readonly waitFor: string | undefined;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<Target>;
  urlTarget(url: string): Promise<Target>;
  openInsideView(pid: number): Promise<InsideView>;
  openDrive(url: URL, identity: Identity): Drive;
  findRecipe(nameOrFile: string, options: RecipeOptions, folder: string): Promise<Recipe>;
  openLifeDrive(options: LifeDriveOptions): Promise<LifeDrive>;
}
