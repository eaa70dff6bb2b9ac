import { WatertightError } from '../index.ts';

/** Tells whoever sent something that it was not sent, if it handed in a callback; `fails`: as an error. */
export function tellNotSent(sender: unknown, handedIn: readonly unknown[], fails = true): void {
  const callback = handedIn.find((each) => typeof each === 'function');
  if (typeof callback !== 'function') return;
  const error = new WatertightError(
    'WATERTIGHT_E_SLOW_CONSUMER',
    `The frame was not sent: more than maxBufferedBytes would wait for a peer that does not read`,
  );
  process.nextTick(() => void Reflect.apply(callback, sender, fails ? [error] : []));
}
