/** How an option's value is read and checked. Numbers carry their limits and their unit, for messages and for --help. */
export type OptionKind =
  | { readonly is: 'text'; readonly maxBytes: number }
  | {
      readonly is: 'number';
      readonly whole: boolean;
      readonly min: number;
      readonly max: number;
      readonly unit: string;
    }
  | { readonly is: 'choice'; readonly of: readonly string[] }
  | { readonly is: 'list' }
  | { readonly is: 'flag' };

/** One option: the only place where its name, value, default and sentence stand. */
export interface OptionRow {
  /** The long flag without dashes; `no-` in front of it when the flag turns something off. */
  readonly flag: string;
  /** The placeholder of its value in --help; absent for flags. */
  readonly value?: string;
  /** The key in watertight.config; `null` for what only makes sense on the command line. */
  readonly configKey: string | null;
  readonly kind: OptionKind;
  /** Shown in --help; `undefined` when leaving the option out means something else than a value. */
  readonly default?: number | string;
  readonly description: string;
}
