// @ts-check
/**
 * The rows of the option table in `packages/watertight/README.md`, made from the table that feeds the command line.
 *
 * @param {readonly { flag: string, value?: string, configKey: string | null, description: string, default?: string | number }[]} options
 */
export function optionRows(options) {
  return options.map(({ flag, value, configKey, description, default: fallback }) => {
    const name = `\`--${flag}${value === undefined ? '' : ` <${value.replaceAll('|', '\\|')}>`}\``;
    const ending = fallback === undefined ? '' : ` (default \`${fallback}\`)`;
    return `| ${name} | ${configKey === null ? '–' : `\`${configKey}\``} | ${escape(description)}${ending} |`;
  });
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll(/[|<]/g, '\\$&');
}
