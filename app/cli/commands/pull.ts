import { FaultlineError, parseWindow } from '../../../core/base';
import { connectors } from '../../../connectors';
import {
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
import { settings } from '../settings';
import { signInOf, type SignInFlags } from '../sign-in';
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
  readonly service?: string;
}

export async function pullCommand(
  connectorId: string,
  flags: PullFlags,
  context: Context,
): Promise<void> {
  const { out } = context;
  const { connector, target } = await prepare(connectorId, flags, context);
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
  const asked = flags.window ?? (link?.from && link.to ? `${link.from}..${link.to}` : undefined);
  if (asked === undefined && !flags.resume) {
    throw new FaultlineError('usage', 'Say which time: --window FROM..TO, e.g. now-2h..now.');
  }
  const parse = (text: string): ReturnType<typeof parseWindow> => parseWindow(text, now);
  const window = asked === undefined ? undefined : parse(asked);
  const windows = window ? [window, ...baselineWindows(window, flags.baseline ?? [], parse)] : [];
  const budget = Number(flags.budget);
  if (!Number.isInteger(budget) || budget <= 0) {
    throw new FaultlineError('usage', `Not a number of rows: --budget ${flags.budget}.`);
  }
  const service = serviceOf(factory, flags.service);
  const own = { ...link?.config, ...service, ...settings('--set', flags.set ?? []) };
  const config = factory.config.safeParse(own);
  if (!config.success) {
    const [issue] = config.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new FaultlineError('usage', `--set ${where}: ${issue?.message ?? 'does not fit'}`);
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
  const connector = factory.open(config.data, { upstream, now: context.now, sleep });
  const name = flags.name ?? endpoint;
  const target = { connector: factory.id, name, endpoint, config: config.data, windows, budget };
  return { connector, target: { ...target, select: flags.select } };
}

function serviceOf(factory: ConnectorFactory, service: string | undefined): Record<string, string> {
  if (service === undefined) return {};
  if (factory.fields.some(({ name }) => name === 'service')) return { service };
  throw new FaultlineError('usage', `${factory.title} can't be asked for one --service.`);
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
  if (target.windows.length > 0) return target;
  throw new FaultlineError('usage', 'There is no partial pull from this address to resume.');
}
