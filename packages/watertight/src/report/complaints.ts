import type { ToldComplaint } from '../verdict/complaint.ts';

/** `MaxListenersExceededWarning × 30, 1 per connection: Possible EventEmitter memory leak detected.` */
export function complaintText({ is, name, count, firstText, perCycle }: ToldComplaint): string {
  const what = is === 'unhandled rejection' && name === 'rejection' ? is : is === 'warning' ? name : `${is} ${name}`;
  const rate = perCycle === null ? '' : `, ${perCycle} per connection`;
  return `${what} × ${count}${rate}${firstText === null ? '' : `: ${firstText}`}`;
}
