import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { caseFormatMarkdown } from './testing/case-format';

const page = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../docs/case-format.md');

it('docs/case-format.md says what the schema is', async () => {
  const config = await resolveConfig(page);
  const text = await format(caseFormatMarkdown(), { ...config, parser: 'markdown' });
  if (process.env['FAULTLINE_WRITE_DOCS']) {
    mkdirSync(resolve(page, '..'), { recursive: true });
    writeFileSync(page, text);
  }
  expect(readFileSync(page, 'utf8')).toBe(text);
});
