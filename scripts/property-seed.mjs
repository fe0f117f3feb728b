import fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a change is judged by what it did. New cases are
 * explored with FAULTLINE_SEED=random (or any number) and by scripts/fuzz.mjs.
 */
const given = process.env['FAULTLINE_SEED'] ?? '20260101';
fc.configureGlobal({ seed: given === 'random' ? Date.now() : Number(given) });
