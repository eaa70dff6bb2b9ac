/** What the process ends with; `--help` and the README print these lines. */
export const EXIT_CODES: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: 0, meaning: 'watertight: something was examined and all of it held' },
  { code: 1, meaning: 'a leak or a violation was seen (also when the run could not be finished)' },
  { code: 2, meaning: 'usage: an option, the config file or the command line is wrong; nothing was started' },
  {
    code: 3,
    meaning:
      'the target failed, or the run is inconclusive: nothing examined, interrupted (first Ctrl-C), out of time, or the target died',
  },
  { code: 130, meaning: 'ended at once by a second SIGINT (143: by a second SIGTERM); the target is still ended' },
];

export const EXIT_USAGE = 2;
export const EXIT_INCONCLUSIVE = 3;
