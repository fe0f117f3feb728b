import { FaultlineError, parseWindow } from '../../../core/base';
import { connectors } from '../../../connectors';
import {
  PREVIEW_BY,
  isTimeless,
  mappingText,
  proposeWithin,
  readLink,
  type Connector,
  type ConnectorFactory,
  type PullLink,
} from '../../../core/connect';
import {
  baselineWindows,
  runPull,
  sleep,
  tailTargetOf,
  targetOf,
  type PullTarget,
} from '../../../core/session';
import type { CaseStore } from '../../../core/store';
import { createUpstream, folderOf, withEndpoint } from '../../node';
import { withCase, type Context } from '../context';
import { readMapping } from '../files';
import { settings } from '../settings';
import { signInOf, type SignInFlags } from '../sign-in';
import { previewDocument, previewText } from '../preview-text';
import { catalogText, planText } from '../pull-text';
import { followCommand, partialOf, type FollowFlags } from './follow';

export interface PullFlags extends SignInFlags, FollowFlags {
  readonly url: string;
  readonly window?: string;
  readonly baseline?: readonly string[];
  readonly budget: string;
  readonly resume?: boolean;
  readonly select?: readonly string[];
  readonly set?: readonly string[];
  readonly name?: string;
  readonly ca?: string;
  readonly endpoint?: string;
  readonly dryRun?: boolean;
  readonly plan?: boolean;
  readonly preview?: boolean;
  readonly by: string;
  readonly service?: string;
  readonly trace?: readonly string[];
  readonly mapping?: string;
}

export async function pullCommand(
  connectorId: string,
  flags: PullFlags,
  context: Context,
): Promise<void> {
  const { out } = context;
  const { connector, target } = await prepare(connectorId, flags, context);
  if (flags.preview) return previewCommand(connector, target, flags, context);
  if (flags.dryRun || flags.plan) {
    const catalog = await connector.discover(target.windows, context.signal);
    if (!flags.plan) return out.result({ schema: 1, catalog }, () => catalogText(catalog));
    const proposal = proposeWithin(catalog, target.budget);
    const document = { schema: 1, plan: { budget: target.budget, ...proposal }, catalog };
    return out.result(document, () => planText(catalog, proposal, target.budget));
  }
  const { case: path } = flags;
  if (path === undefined) throw new FaultlineError('usage', 'Say where to: --case FILE.');
  if (flags.follow) return followCommand(connector, target, { ...flags, case: path }, context);
  const started = performance.now();
  const summary = await withCase(path, 'append', context, async (store) =>
    runPull(store, connector, await resumeTarget(store, target, flags), {
      now: context.now(),
      signal: context.signal,
      onProgress: (done, total, label) =>
        out.progress(`${label}  ${done}${total === null ? '' : ` of ${total}`}`),
      onNotice: ({ severity, message }) => out.note(`${severity}: ${message}`),
    }),
  );
  const ms = Math.round(performance.now() - started);
  out.result({ schema: 1, ...summary, ms }, () => {
    const how = summary.resumed ? 'resumed, ' : '';
    return `${how}${summary.totalRows} rows in ${path} after ${ms} ms`;
  });
}

/** Counts over time, by the backend; nothing is pulled. */
async function previewCommand(
  connector: Connector,
  { connector: id, windows, select }: PullTarget,
  flags: PullFlags,
  { out, signal }: Context,
): Promise<void> {
  const by = PREVIEW_BY.find((known) => known === flags.by);
  if (!by) throw new FaultlineError('usage', `--by is ${PREVIEW_BY.join(' or ')}.`);
  if (windows.length === 0) {
    throw new FaultlineError('usage', 'Say which time: --preview counts over a --window.');
  }
  if (!connector.preview) {
    const able = connectors.filter(({ previewBy }) => previewBy).map((one) => one.id);
    throw new FaultlineError(
      'usage',
      `${id} can't count over time cheaply, so there is no preview; --dry-run lists what is there. Previews: ${able.join(', ')}.`,
    );
  }
  const onProgress = (done: number, total: number, label: string): void =>
    out.progress(`${label}  ${done} of ${total}`);
  const preview = await connector.preview({ windows, select, by, onProgress }, signal);
  out.result({ schema: 1, preview: previewDocument(preview) }, () => previewText(preview));
}

async function prepare(
  connectorId: string,
  flags: PullFlags,
  context: Context,
): Promise<{ connector: Connector; target: PullTarget }> {
  const factory = connectors.find(({ id }) => id === connectorId);
  if (!factory) {
    const known = connectors.map(({ id }) => id).join(', ');
    throw new FaultlineError('usage', `No connector "${connectorId}". Known: ${known}.`);
  }
  const now = context.now();
  const link = linkOf(factory, flags.url, context);
  const config = await configOf(factory, link, flags);
  const windows = windowsOf(factory, config, link, flags, now);
  const budget = Number(flags.budget);
  if (!Number.isInteger(budget) || budget <= 0) {
    throw new FaultlineError('usage', `Not a number of rows: --budget ${flags.budget}.`);
  }
  const folder = factory.ofFolders ? folderOf(flags.url) : undefined;
  const { upstream, endpoint } =
    folder ??
    createUpstream({
      connector: factory.id,
      url: withEndpoint(link?.url ?? flags.url, flags.endpoint),
      ...(await signInOf({ grafana: link?.grafana, ...flags }, process.env)),
      caFile: flags.ca,
    });
  const connector = factory.open(config, { upstream, now: context.now, sleep });
  const name = flags.name ?? endpoint;
  const target = { connector: factory.id, name, endpoint, config, windows, budget };
  return { connector, target: { ...target, select: flags.select } };
}

async function configOf(
  factory: ConnectorFactory,
  link: PullLink | undefined,
  { service, trace, mapping, set = [] }: PullFlags,
): Promise<PullTarget['config']> {
  const read = mapping === undefined ? undefined : mappingText(await readMapping(mapping));
  const own = {
    ...link?.config,
    ...fieldOf(factory, 'service', service),
    ...fieldOf(factory, 'trace', trace?.join(' ')),
    ...fieldOf(factory, 'mapping', read),
    ...settings('--set', set),
  };
  const config = factory.config.safeParse(own);
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new FaultlineError('usage', `--set ${where}: ${issue?.message ?? 'does not fit'}`);
}

/** A field that has a flag of its own. */
function fieldOf(
  factory: ConnectorFactory,
  name: 'service' | 'trace' | 'mapping',
  value: string | undefined,
): Record<string, string> {
  if (value === undefined) return {};
  if (factory.fields.some((field) => field.name === name)) return { [name]: value };
  const why = name === 'mapping' ? 'needs no --mapping' : `can't be asked for one --${name}`;
  throw new FaultlineError('usage', `${factory.title} ${why}.`);
}

/** Which time, the incident's first; none where a setting names what to pull. */
function windowsOf(
  { fields }: ConnectorFactory,
  config: PullTarget['config'],
  link: PullLink | undefined,
  flags: PullFlags,
  now: bigint,
): PullTarget['windows'] {
  if (isTimeless(fields, config)) {
    if (!flags.follow) return [];
    throw new FaultlineError(
      'usage',
      'Traces by their ids come once: --follow has nothing to go on with.',
    );
  }
  const asked = flags.window ?? (link?.from && link.to ? `${link.from}..${link.to}` : undefined);
  if (asked === undefined && flags.resume) return [];
  if (asked === undefined) {
    throw new FaultlineError('usage', 'Say which time: --window FROM..TO, e.g. now-2h..now.');
  }
  const parse = (text: string): ReturnType<typeof parseWindow> => parseWindow(text, now);
  const window = parse(asked);
  return [window, ...baselineWindows(window, flags.baseline ?? [], parse)];
}

/** What an address of the backend's own pages asks for, said; undefined for a plain address. */
function linkOf(factory: ConnectorFactory, url: string, { out }: Context): PullLink | undefined {
  const link = readLink(url, [factory]);
  if (!link) return undefined;
  if (link.url === '') throw new FaultlineError('usage', link.lacks ?? 'Give its address.');
  const { title, config } = link;
  const told = Object.entries(config).map(([name, value]) => `, ${name} ${value}`);
  const when = link.from && link.to ? `, ${link.from} to ${link.to}` : '';
  out.note(`info: read from ${title}: ${link.url}${told.join('')}${when}`);
  return link;
}

/** `--resume` goes on with the newest partial pull from this address, as it was asked then. */
async function resumeTarget(
  store: CaseStore,
  target: PullTarget,
  flags: PullFlags,
): Promise<PullTarget> {
  if (!flags.resume) return target;
  const { sources } = await store.facts();
  const newest = partialOf(sources, target)
    .filter((source) => !tailTargetOf(source))
    .at(-1);
  if (newest) return targetOf(newest);
  if (target.windows.length > 0 || target.config['trace'] !== undefined) return target;
  throw new FaultlineError('usage', 'There is no partial pull from this address to resume.');
}
