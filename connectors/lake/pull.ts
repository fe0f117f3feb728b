import { FaultlineError, hashHex, throwIfAborted, type TimeWindow } from '../../core/base';
import {
  SIGNAL_OF_SHAPE,
  disjointWindows,
  planBudget,
  type ConnectorEnv,
  type PullItem,
  type PullRequest,
} from '../../core/connect';
import { SIGNALS, type Signal } from '../../core/model';
import { LakeClient } from './client';
import { readCursor, type Position } from './cursor';
import { findFiles, inOrder, type Found } from './find';
import type { LakeFile } from './layout';
import { noteLost, openFile, type OpenFile, type Piece } from './open';
import { countRows, readPiece, type Choice, type PieceRows } from './rows';
import { conclusion, coverageOf } from './say';
import { signalsOfTables } from './tables';
import { Tally } from './tally';

/** Rows that are looked at before batches are handed on. */
const AT_ONCE = 8192;

export async function* pullLake(
  env: ConnectorEnv,
  request: PullRequest,
  signal: AbortSignal,
): AsyncGenerator<PullItem, void, void> {
  yield* new Pull(env, request, signal).run();
}

class Pull {
  private readonly client: LakeClient;
  private readonly windows: readonly TimeWindow[];

  constructor(
    env: ConnectorEnv,
    private readonly request: PullRequest,
    private readonly signal: AbortSignal,
  ) {
    this.client = new LakeClient(env);
    this.windows = disjointWindows(request.windows);
  }

  async *run(): AsyncGenerator<PullItem, void, void> {
    throwIfAborted(this.signal);
    const { select, resumeAt } = this.request;
    const found = await findFiles(this.client, this.windows, select, this.signal);
    const hash = hashOf(found);
    const at = resumeAt === undefined ? this.begin(found, hash) : readCursor(resumeAt);
    if (at.found !== hash) new Tally(at.tally).add('lake-changed', '', 1);
    at.found = hash;
    const before = at.read.bytes;
    const signals = await signalsOfTables(this.client, found.files, this.signal);
    for (const of of SIGNALS) {
      const files = found.files.filter(({ table }) => signals.get(table) === of);
      if (files.length === 0 || at.done.includes(of)) continue;
      yield* this.ofSignal(of, files, at, before);
      at.done.push(of);
      Object.assign(at, this.fresh());
      yield mark(at);
    }
    at.read.bytes = before + this.client.traffic.bytes;
    yield* conclusion(at, found, this.client);
  }

  private begin(found: Found, hash: string): Position {
    const tally = new Tally();
    const { select } = this.request;
    const lost = select?.filter((id) => !found.files.some(({ table }) => table === id)) ?? [];
    tally.add('not-found', lost.join(', '), lost.length);
    tally.add('exports-unfinished', found.unfinished[0], found.unfinished.length);
    const read = { bytes: 0, groups: 0, groupsLeft: 0, bytesLeft: 0 };
    return {
      version: 1,
      found: hash,
      done: [],
      ...this.fresh(),
      read,
      tally: tally.counts,
      said: {},
    };
  }

  private fresh(): Pick<Position, 'last' | 'share' | 'windows' | 'lost'> {
    const windows = this.windows.map(() => ({ total: 0, kept: 0 }));
    return { last: null, share: null, windows, lost: false };
  }

  private async *ofSignal(
    of: Signal,
    files: readonly LakeFile[],
    at: Position,
    before: number,
  ): AsyncGenerator<PullItem, void, void> {
    const opened: OpenFile[] = [];
    // What a resumed pull finds broken once more was counted then.
    const tally = at.share === null ? new Tally(at.tally) : new Tally();
    for (const file of rest(files, at)) {
      const open = await openFile(this.client, file, this.windows, tally, this.signal);
      if (open) opened.push(open);
      else at.lost = true;
    }
    if (at.share === null) for (const { skipped } of opened) addLeft(at, skipped);
    const { share, failed } = await this.choose(opened, at);
    at.share = share;
    const choice = { windows: this.windows, share, failed };
    const total = opened
      .flatMap(({ pieces }) => pieces)
      .reduce((n, { group }) => n + group.rows, 0);
    let done = 0;
    for (const open of opened) {
      for (const piece of open.pieces) {
        if (isDone(open.file, piece, at)) continue;
        yield* this.ofPiece(open, piece, choice, at);
        done += piece.group.rows;
        const { table, key, etag } = open.file;
        at.last = { table, key, etag, group: piece.at };
        at.read.bytes = before + this.client.traffic.bytes;
        at.read.groups++;
        const label = `${of}: ${key.slice(0, key.lastIndexOf('/'))}`;
        yield { kind: 'progress', done, total, unit: 'rows', label };
        yield mark(at);
      }
    }
    yield* coverageOf(of, this.windows, at, this.request.budget);
  }

  /** What of the rows may come. Where there may be more than the budget, they are counted first. */
  private async choose(
    opened: readonly OpenFile[],
    at: Position,
  ): Promise<Pick<Choice, 'share' | 'failed'>> {
    const most = opened.flatMap(({ pieces }) => pieces).reduce((n, { group }) => n + group.rows, 0);
    const { budget } = this.request;
    if (at.share === 1 || (at.share === null && most <= budget)) {
      return { share: 1, failed: new Set() };
    }
    const { total, whole, failed } = await countRows(this.counting(opened, at), this.windows);
    return { share: at.share ?? planBudget(total, whole, budget).share, failed };
  }

  private async *counting(opened: readonly OpenFile[], at: Position): AsyncGenerator<PieceRows> {
    for (const open of opened) {
      // Exemplars go with their metrics and are no rows of their own.
      if (open.shape === 'exemplars') continue;
      for (const piece of open.pieces) {
        const rows = await this.read(open, piece, 'counts', at);
        if (rows) yield rows;
      }
    }
  }

  private async read(
    open: OpenFile,
    piece: Piece,
    what: 'all' | 'counts',
    at: Position,
  ): Promise<PieceRows | undefined> {
    try {
      return await readPiece(open, piece, what, this.signal);
    } catch (error) {
      // What can not be counted can not be read either, and is said then.
      noteLost(what === 'all' ? new Tally(at.tally) : new Tally(), open.file, error, this.signal);
      at.lost = true;
      return undefined;
    }
  }

  private async *ofPiece(
    open: OpenFile,
    piece: Piece,
    choice: Choice,
    at: Position,
  ): AsyncGenerator<PullItem, void, void> {
    const rows = await this.read(open, piece, 'all', at);
    if (!rows) return;
    const tally = new Tally(at.tally);
    for (let row = 0; row < rows.rows; row++) {
      if (row % AT_ONCE === AT_ONCE - 1) yield* this.items(rows, at, false);
      const window = rows.windowOf(row, choice.windows);
      if (window < 0) continue;
      const counts = open.shape === 'exemplars' ? undefined : at.windows[window];
      if (counts) counts.total++;
      if (!rows.isKept(row, choice)) continue;
      const reason = rows.add(row, choice);
      if (reason !== '') {
        tally.add('rows-dropped', `${open.file.key}, row ${row + 1}: ${reason}`);
        const about = SIGNAL_OF_SHAPE[open.shape];
        yield { kind: 'dropped', records: { signal: about, at: rows.timeOf(row) } };
      } else if (counts) counts.kept++;
    }
    yield* this.items(rows, at, true);
  }

  private *items({ sink }: PieceRows, at: Position, atEnd: boolean): Generator<PullItem> {
    for (const item of sink.items(atEnd)) {
      if (item.kind === 'batch') yield item;
      if (item.kind !== 'notice') continue;
      const { code, severity, count, message } = item.notice;
      const known = at.said[code];
      at.said[code] = {
        severity,
        message: known?.message ?? message,
        count: count + (known?.count ?? 0),
      };
    }
  }
}

function mark(at: Position): PullItem {
  return { kind: 'mark', cursor: JSON.stringify(at) };
}

const hashOf = ({ files }: Found): string =>
  hashHex(files.map(({ key, etag }) => `${key} ${etag}`).join('\n'));

function addLeft(at: Position, { groups, bytes }: OpenFile['skipped']): void {
  at.read.groupsLeft += groups;
  at.read.bytesLeft += bytes;
}

/** Files that are still to be read; those before are needed again only where rows must be counted once more. */
function rest(files: readonly LakeFile[], { last, share }: Position): readonly LakeFile[] {
  if (!last) return files;
  const file = files.find(({ key }) => key === last.key);
  if (file?.etag !== last.etag) {
    const why = `${last.key} is not what it was when this pull began. Discard the partial pull and begin anew.`;
    throw new FaultlineError('connector/refused', why);
  }
  return share === 1 ? files.filter((one) => one === file || inOrder(one, last) > 0) : files;
}

function isDone(file: LakeFile, piece: Piece, { last }: Position): boolean {
  if (!last) return false;
  return file.key === last.key ? piece.at <= last.group : inOrder(file, last) < 0;
}
