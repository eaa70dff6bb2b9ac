import { describe, expect, test } from 'vitest';

import type { EndingSeen, VanishSeen } from './endings.ts';
import { countLeft, type KindCounts } from './left-counts.ts';
import { inFull, sayWhatIsLeft } from './left-sentence.ts';

const BEFORE: KindCounts = {
  sockets: { LISTEN: 1 },
  timers: { 'interval 600 ms calling tick': 2 },
  handles: { TCPSocketWrap: 0 },
  instances: { Seat: 3, WebSocket: 3, Socket: 3, Timeout: 3, Object: 100, RangeError: 0 },
};

function after(ending: EndingSeen['ending'], more: KindCounts): EndingSeen {
  const now: KindCounts = {
    sockets: { ...BEFORE.sockets, ...more.sockets },
    timers: { ...BEFORE.timers, ...more.timers },
    handles: { ...BEFORE.handles, ...more.handles },
    instances: { ...BEFORE.instances, ...more.instances },
  };
  return { ending, cycles: 7, left: countLeft(BEFORE, now, 4), sites: new Map() };
}

const SEAT = { instances: { Seat: 10, WebSocket: 10, Socket: 10, Timeout: 10, Object: 114 } };
const vanished = (promisedMs: number | undefined, more: KindCounts): VanishSeen => ({
  ...after('vanish', more),
  promisedMs,
  lookedAfterMs: 2_510,
});
const STAYS = {
  sockets: { ESTABLISHED: 7 },
  timers: { 'interval 600 ms calling tick': 9 },
  handles: { TCPSocketWrap: 7 },
  instances: { Seat: 10, WebSocket: 10, Socket: 10, Timeout: 10, Object: 121 },
};

describe('what is left after which ending', () => {
  test('[N15] endings that leave the same are said together, and those that leave nothing as well', () => {
    const endings = [after('rst', SEAT), after('fin', SEAT), after('abort-in-upgrade', {}), after('close-frame', {})];
    expect(sayWhatIsLeft({ wereTooFew: false, endings, vanish: vanished(2_500, {}) })).toBe(
      'left after RST and FIN: 1 Seat, 1 Timeout, 1 WebSocket per connection (7 of 7); nothing after an abort in the upgrade, a close frame and a vanish',
    );
  });

  test('[N46] where too few of each were tried it is not said that nothing stays', () => {
    const rare = after('rst', SEAT);
    expect(sayWhatIsLeft({ wereTooFew: true, endings: [rare, after('fin', {})], vanish: undefined })).toBe(
      'left after RST: 1 Seat, 1 Timeout, 1 WebSocket per connection (7 of 7); too few of each to say that nothing stays after FIN (--budget)',
    );
  });

  test('[N15] each thing of a vanished peer is named once: a socket, a timer that runs, and who keeps them', () => {
    const sentence = sayWhatIsLeft({
      wereTooFew: false,
      endings: [after('close-frame', {})],
      vanish: vanished(2_500, STAYS),
    });
    expect(sentence).toBe(
      'left after a vanish: 1 Seat, 1 socket (ESTABLISHED), 1 interval 600 ms calling tick, 1 WebSocket per connection (7 of 7), 2510 ms later, promised within 2500 ms; nothing after a close frame',
    );
  });

  test('[N15] of many things four are named, and the others are counted; those of one name are one', () => {
    const of = (name: string, count: number) => ({ kind: 'listeners' as const, name, count });
    const left = [of('bus#a', 7), of('bus#a', 7), of('bus#b', 7), of('bus#c', 7), of('bus#d', 7), of('bus#e', 7)];
    const ending: EndingSeen = { ending: 'rst', cycles: 7, left, sites: new Map() };
    expect(sayWhatIsLeft({ wereTooFew: false, endings: [ending], vanish: undefined })).toBe(
      'left after RST: 2 listener on bus#a, 1 listener on bus#b, 1 listener on bus#c, 1 listener on bus#d and 1 more per connection (7 of 7)',
    );
  });

  test('[N15] what nobody promised to notice is said to be that', () => {
    const sentence = sayWhatIsLeft({
      wereTooFew: false,
      endings: [after('rst', SEAT)],
      vanish: vanished(undefined, STAYS),
    });
    expect(sentence).toContain('2510 ms later, while nobody says goodbye, which nobody promised to notice (--silence)');
  });

  test('[N15] what a connection carries along is named only when nothing else is left', () => {
    const bare = after('rst', { instances: { Socket: 10, RangeError: 7, Object: 114 } });
    expect(sayWhatIsLeft({ wereTooFew: false, endings: [bare], vanish: undefined })).toBe(
      'left after RST: 1 RangeError, 1 Socket, 2 Object per connection (7 of 7)',
    );
    expect(inFull(bare)).toBe('7 RangeError, 7 Socket, 14 Object');
  });

  test('[N15] fewer than every second connection prove nothing, and more are counted', () => {
    expect(after('rst', { instances: { Seat: 6 } }).left).toEqual([]);
    const most = after('rst', { instances: { Seat: 8 } });
    expect(sayWhatIsLeft({ wereTooFew: false, endings: [most], vanish: undefined })).toBe(
      'left after RST: 0.7 Seat per connection (5 of 7)',
    );
  });
});
