/** JavaScript that runs in the target: connections without a wire behind them, and what an admission says of one. */
export const PLUGGED = `
  const plug = (stage, wire) => {
    const connection = stage.connect({
      ping() {},
      close: () => connection.markGone(),
      destroy: () => connection.markGone(),
      ...wire,
    });
    return connection;
  };
  const outcomeOf = (admission) => (admission.admitted ? 'admitted' : admission.reason);
`;
