// node scripts/fuzz.mjs [--inputs N] [--seed S] [--only FORMAT]: damages every sample at random and reads it.
import './setup/node-version.mjs';
import { runFormats } from './setup/formats.mjs';

process.exitCode = await runFormats('fuzz');
