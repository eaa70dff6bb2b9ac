import { describe, expect, it } from 'vitest';

import { escapeLines, escapeMarkdown, escapeTerminal, markdownCode } from './escape.ts';

describe('text of others in the terminal', () => {
  it.each([
    ['an escape sequence', '\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['a C1 control', '\u009b2J', '\\u{9b}2J'],
    ['a carriage return, line feed and tab', 'a\r\nb\tc', 'a\\u{d}\\nb\\tc'],
    ['a backspace and DEL', 'a\b\u007f', 'a\\u{8}\\u{7f}'],
    ['a right-to-left override', 'a\u202egnp.exe', 'a\\u{202e}gnp.exe'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
    ['plain text, emoji and umlauts unchanged', 'Grüße 👋 日本', 'Grüße 👋 日本'],
  ])('[H2] %s', (_, text, shown) => {
    expect(escapeTerminal(text)).toBe(shown);
  });

  it('[H2] keeps the lines of an output apart', () => {
    expect(escapeLines('one\r\ntwo\u0007')).toEqual(['one', 'two\\u{7}']);
  });
});

describe('text of others in Markdown', () => {
  it.each([
    ['a link', '[x](javascript:alert(1))', '\\[x\\](javascript:alert(1))'],
    ['HTML', '<img src=x onerror=y>&', '&lt;img src=x onerror=y&gt;&amp;'],
    ['a table cell and emphasis', 'a|b *c* _d_ `e`', 'a\\|b \\*c\\* \\_d\\_ \\`e\\`'],
    ['a list item', '- x', '\\- x'],
    ['a numbered item', '1. x', '\\1. x'],
    ['a bare address', 'https://example.test/a', 'https:\u200b//example.test/a'],
    ['any other scheme, however it is written', 'HTTPS://a ftp://b', 'HTTPS:\u200b//a ftp:\u200b//b'],
    ['an address without a scheme', 'see www.example.test', 'see www\u200b.example.test'],
    ['an address of mail', 'ws@8.18.0 @watertight/server', 'ws@\u200b8.18.0 @watertight/server'],
    ['a line break', 'a\n# b', 'a\\\\n\\# b'],
  ])('[H7] %s', (_, text, shown) => {
    expect(escapeMarkdown(text)).toBe(shown);
  });

  it('[H7] no number of backticks ends a code span', () => {
    expect(markdownCode('a`b``c')).toBe('``` a`b``c ```');
    expect(markdownCode('plain')).toBe('`plain`');
  });

  it('[H7] a command in a code span is what somebody can type', () => {
    expect(markdownCode("watertight check --user-command 'mint | tail -1'")).not.toContain('\\');
  });
});
