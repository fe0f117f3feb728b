import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  caseTarget,
  completed,
  fileNameOf,
  joinPath,
  savePlace,
  shownEntries,
  splitPath,
} from './paths';

const file = (name: string) => ({ path: `/d/${name}`, name, size: 1, isDirectory: false });
const folder = (name: string) => ({ ...file(name), isDirectory: true });
const entries = [folder('logs'), folder('logs-old'), file('a.txt'), file('x.faultline')];

describe('a path that is typed', () => {
  it('splits at the last separator of either kind, and joins again', () => {
    expect(splitPath('/a/b/c.txt')).toEqual({ folder: '/a/b/', name: 'c.txt' });
    expect(splitPath('C:\\a\\b')).toEqual({ folder: 'C:\\a\\', name: 'b' });
    expect(splitPath('plain')).toEqual({ folder: '', name: 'plain' });
    fc.assert(
      fc.property(fc.string(), (path) => {
        const { folder: before, name } = splitPath(path);
        expect(`${before}${name}`).toBe(path);
      }),
    );
    expect(joinPath('/a', 'b')).toBe('/a/b');
    expect(joinPath('/', 'b')).toBe('/b');
    expect(joinPath('C:\\a', 'b')).toBe('C:\\a\\b');
  });

  it('is completed as far as it is certain', () => {
    expect(completed('/d/l', entries)).toBe('/d/logs');
    expect(completed('/d/logs-', entries)).toBe('/d/logs-old/');
    expect(completed('/d/A', entries)).toBe('/d/a.txt');
    expect(completed('/d/zzz', entries)).toBe('/d/zzz');
  });
});

it('shows cases first, then folders, then files', () => {
  const names = (typed: string) => shownEntries(entries, typed).map(({ name }) => name);
  expect(names('')).toEqual(['x.faultline', 'logs', 'logs-old', 'a.txt']);
  expect(names('OLD')).toEqual(['logs-old']);
});

describe('where a case is saved', () => {
  it('has the ending once', () => {
    expect(caseTarget(' /a/b ')).toBe('/a/b.faultline');
    expect(caseTarget('/a/b.FAULTLINE')).toBe('/a/b.FAULTLINE');
    expect(caseTarget('')).toBe('');
  });

  it('has a name that can be a file', () => {
    expect(fileNameOf('incident 2026-11-21 14:02')).toBe('incident 2026-11-21 14-02.faultline');
    expect(fileNameOf('../..')).toBe('-.faultline');
    expect(fileNameOf('')).toBe('case.faultline');
  });

  it('is free, the own file, another one, or no place', () => {
    const place = (target: string, problem?: string) =>
      savePlace(target, { known: '/d/own.faultline', entries, problem });
    expect(place('')).toEqual({ kind: 'none' });
    expect(place('/d/new.faultline')).toEqual({ kind: 'free' });
    expect(place('/d/own.faultline')).toEqual({ kind: 'own' });
    expect(place('/d/x.faultline')).toEqual({ kind: 'taken', name: 'x.faultline', size: 1 });
    expect(place('/d/logs')).toEqual({ kind: 'bad', problem: 'logs is a folder.' });
    expect(place('new.faultline').kind).toBe('bad');
    expect(place('/e/new.faultline', 'No.')).toEqual({ kind: 'bad', problem: 'No.' });
  });
});
