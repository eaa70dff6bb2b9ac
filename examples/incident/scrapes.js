// @ts-check
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const RULES = fileURLToPath(new URL('../../deploy/prometheus/alerts.yml', import.meta.url));
/** So often the metrics are read, and so often Prometheus is told that they were: one second of the night is a minute there. */
const SCRAPE_MS = 500;
const TOLD_SECONDS = 30;

/** Reads the metrics as Prometheus does, and has its own tool judge what was read by the rules of `deploy/`. */
export class Scrapes {
  #url;
  #isOver = false;
  /** One for each turn; `undefined` where nobody answered. @type {(ReadonlyMap<string, string> | undefined)[]} */
  #turns = [];

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
    void this.#scrape();
  }

  /** How many there were so far. */
  get count() {
    return this.#turns.length;
  }

  stop() {
    this.#isOver = true;
  }

  /**
   * Which of the alerts fire at which turn, as the rules see what the server exported. Answers what promtool complains of; nothing if all
   * is as given.
   *
   * @param {string} promtool
   * @param {readonly { readonly turn: number, readonly alert: string, readonly isFiring: boolean }[]} expected
   * @returns {Promise<string>}
   */
  async judge(promtool, expected) {
    const folder = mkdtempSync(join(tmpdir(), 'incident-'));
    const file = join(folder, 'night.json');
    const test = {
      interval: `${TOLD_SECONDS}s`,
      input_series: this.#series(),
      promql_expr_test: expected.map(({ turn, alert, isFiring }) => ({
        expr: `count(ALERTS{alertname="${alert}", alertstate="firing", factory="news"})`,
        eval_time: `${turn * TOLD_SECONDS}s`,
        exp_samples: isFiring ? [{ labels: '{}', value: 1 }] : [],
      })),
    };
    // What is JSON is YAML.
    writeFileSync(
      file,
      JSON.stringify({ rule_files: [RULES], evaluation_interval: `${TOLD_SECONDS}s`, tests: [test] }),
    );
    try {
      return await new Promise((resolve) => {
        execFile(promtool, ['test', 'rules', file], (error, stdout, stderr) =>
          resolve(error === null ? '' : stdout + stderr),
        );
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Every series that was ever exported, turn by turn. */
  #series() {
    const names = new Set(this.#turns.flatMap((turn) => [...(turn?.keys() ?? [])]));
    return [...names].map((series) => ({
      series,
      values: this.#turns.map((turn) => turn?.get(series) ?? '_').join(' '),
    }));
  }

  async #scrape() {
    while (!this.#isOver) {
      const nextMs = performance.now() + SCRAPE_MS;
      this.#turns.push(await this.#read().catch(() => undefined));
      await delay(Math.max(0, nextMs - performance.now()));
    }
  }

  async #read() {
    const response = await fetch(`${this.#url}/metrics`, { signal: AbortSignal.timeout(SCRAPE_MS * 4) });
    const text = await response.text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const [, name = '', labels = '', value = ''] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
        // What Prometheus adds of its own.
        return [`${name}{job="news",instance="127.0.0.1",${labels}}`, value.replace('Infinity', 'Inf')];
      }),
    );
  }
}
