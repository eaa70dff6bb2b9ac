/**
 * Source of a clock that only whoever made it moves, as other probes have it in theirs: `handClock()` makes one, and `readings` says how often
 * any of them was read. What a factory has put off is done while time passes, with a turn of the loop behind each timer.
 */
export const HAND_CLOCK = `
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let readings = 0;
  const handClock = () => {
    let nowMs = 1000;
    let put = [];
    let arrivals = [];
    const timers = new Set();
    const arm = (run, delayMs, everyMs) => {
      const timer = { run, dueAtMs: nowMs + delayMs, everyMs };
      timers.add(timer);
      return timer;
    };
    const clock = {
      now() { readings += 1; return nowMs; },
      setTimeout: (run, delayMs) => arm(run, delayMs),
      setInterval: (run, everyMs) => arm(run, everyMs, everyMs),
      clear: (timer) => { timers.delete(timer); },
      setImmediate: (run) => { put.push(run); },
    };
    const settle = async () => {
      await turn();
      while (put.length > 0) {
        for (const run of put.splice(0)) run();
        await turn();
      }
    };
    const pass = async (ms) => {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(({ dueAtMs }) => dueAtMs <= untilMs).sort((one, other) => one.dueAtMs - other.dueAtMs);
        if (next === undefined) break;
        nowMs = Math.max(nowMs, next.dueAtMs);
        if (next.everyMs === undefined) timers.delete(next);
        else next.dueAtMs += next.everyMs;
        next.run();
        await turn();
        // What the network had for this turn of the loop is read behind its timers.
        for (const read of arrivals.splice(0)) read();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    };
    const stall = (ms) => { nowMs += ms; };
    return { clock, settle, pass, stall, arrive: (read) => { arrivals.push(read); } };
  };`;
