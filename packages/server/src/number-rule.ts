import { show } from './show.ts';

/** Default, bounds, unit and off switch of one number. */
export interface NumberRule {
  readonly default: number | false;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  readonly unit: string;
  /** Whether `false` switches it off. */
  readonly off: boolean;
}

/** What is wrong with a number, or nothing. */
export function numberProblem(key: string, value: unknown, rule: NumberRule): string | undefined {
  const off = rule.off ? ', or false to switch it off' : '';
  const allowed = `${key} must be ${rule.integer ? 'a whole number' : 'a number'} from ${rule.min} to ${rule.max}${rule.unit}${off}`;
  if (value === false && rule.off) return undefined;
  if (typeof value !== 'number' || Number.isNaN(value)) return `${allowed}; got ${show(value)}`;
  if (value < rule.min || value > rule.max || (rule.integer && !Number.isInteger(value)))
    return `${allowed}; got ${value}${rule.unit}`;
  return undefined;
}
