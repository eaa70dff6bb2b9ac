// @ts-check
class BallastRecord {
  /** @param {number} number */
  constructor(number) {
    this.number = number;
    this.title = String(number * 7919);
    this.weight = number + 0.5;
    this.tags = ['kept', number];
    this.owner = { number, since: number * 1.25 };
  }

  toString() {
    return this.title;
  }
}

/** Small objects, the bad case for whoever looks at a heap: 7 nodes and 240 bytes a record. @param {number} count */
export const makeBallast = (count) => Array.from({ length: count }, (_, number) => new BallastRecord(number));
