// node scripts/formats.mjs [--write]: reads every sample in one import and prints a table; --write writes docs/FORMATS.md.
import './setup/node-version.mjs';
import { runFormats } from './setup/formats.mjs';

process.exitCode = await runFormats('formats');
