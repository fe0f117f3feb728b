import { Command, CommanderError, Option } from 'commander';
import { FaultlineError, isCancelled } from '../../core/base';
import { connectors } from '../../connectors';
import { analyzeCommand, type AnalyzeFlags } from './commands/analyze';
import { benchCommand, type BenchFlags } from './commands/bench';
import { checkCommand } from './commands/check';
import { clocksCommand, type ClocksFlags } from './commands/clocks';
import { exportCommand, exportFormats, type ExportFlags } from './commands/export';
import { importCommand, type ImportFlags } from './commands/import';
import { openCommand, serveCommand, type ServeFlags } from './commands/open';
import { pullCommand, type PullFlags } from './commands/pull';
import { queryCommand, type QueryFlags } from './commands/query';
import { receiveCommand, type ReceiveFlags } from './commands/receive';
import { reportCommand, type ReportFlags } from './commands/report';
import { sampleCommand, type SampleFlags } from './commands/sample';
import { similarCommand } from './commands/similar';
import { createContext, type Context, type GlobalOptions } from './context';
import { Output, exitCodeOf } from './output';
import { VERSION } from './version';

const controller = new AbortController();

/** Runs a command with its context. The first interrupt cancels, the second one ends at once. */
function action<A extends unknown[]>(
  work: (context: Context, ...args: A) => Promise<void>,
): (...args: [...A, Command]) => Promise<void> {
  return async (...all) => {
    const command = all.at(-1) as Command;
    const context = createContext(command.optsWithGlobals<GlobalOptions>(), controller.signal);
    await work(context, ...(all.slice(0, -1) as A));
  };
}

function more(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function command(
  parent: Command,
  spec: string,
  does: string,
  examples: readonly string[],
): Command {
  return parent
    .command(spec)
    .description(does)
    .option('--json', 'one JSON document on stdout, nothing else there')
    .option('--quiet', 'no progress and no notices on stderr')
    .addHelpText('after', `\nExamples:\n${examples.map(asTyped).join('\n')}`);
}

/** Examples begin with the command, but for those that pipe into it. */
const asTyped = (example: string): string =>
  example.includes('| faultline') ? `  ${example}` : `  faultline ${example}`;

function fileCommands(program: Command): void {
  command(program, 'sample', 'runs the simulator into a case or a folder of telemetry files', [
    'sample --case sample.faultline',
    'sample --scenario memory-leak --seed 7 --out leak/',
    'sample --list',
  ])
    .option('--scenario <id>', 'which fault; --list names them')
    .option('--system <id>', 'in which system; --list names them')
    .option('--seed <n>', 'the same seed gives the same telemetry')
    .option('--size <s>', 'small, sample, large or a factor')
    .option('--case <file>', 'write a new case')
    .option('--out <dir>', 'write telemetry files, truth.json beside them')
    .option('--list', 'name the scenarios and systems')
    .action(action((context, flags: SampleFlags) => sampleCommand(flags, context)));

  command(program, 'import <paths...>', 'reads files, folders or standard input (-) into a case', [
    'import incident/ --case incident.faultline',
    'import traces.jsonl.gz metrics.om.txt --case incident.faultline --dry-run',
    'kubectl logs deploy/web | faultline import - --case incident.faultline --zone Europe/Berlin',
    'import orders.csv --mapping orders.mapping.json --case incident.faultline',
  ])
    .addHelpText(
      'after',
      '\nFiles are known by their content; zip, tar, gzip and zstd are opened (docs/FORMATS.md).',
    )
    .option('--case <file>', 'the case; appended to, or made')
    .option('--dry-run', 'say what each file would be taken for; write nothing')
    .option('--as <format>', 'take every file for this format')
    .option('--zone <zone>', 'zone of times that name none: UTC, +02:00, Europe/Berlin')
    .option('--time-unit <unit>', 'unit of times that are numbers: s, ms, us, ns')
    .option(
      '--mapping <file>',
      'which column is what, for tables and JSON that no format of its own is sure of (docs/mapping.md)',
    )
    .option('--day-first', 'read 03/04/2024 as the third of April')
    .option(
      '--scraped-at <time>',
      'when the text of one scrape was taken whose samples have no times; else the file’s last change',
    )
    .action(
      action((context, paths: string[], flags: ImportFlags) => {
        if (!flags.case && !flags.dryRun) {
          throw new FaultlineError('usage', 'Say where to: --case FILE, or look with --dry-run.');
        }
        return importCommand(paths, flags, context);
      }),
    );
}

const SECRETS = `
Secrets come from the environment or from --credentials FILE, never from arguments:
  FAULTLINE_USERNAME and FAULTLINE_PASSWORD, FAULTLINE_TOKEN, FAULTLINE_API_KEY, FAULTLINE_CLIENT_SECRET,
  FAULTLINE_KEY_PASSPHRASE, FAULTLINE_PROXY_USERNAME and FAULTLINE_PROXY_PASSWORD;
  with --auth aws also AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION`;

const PULL_EXAMPLES = [
  'pull prometheus --url http://127.0.0.1:9090 --window now-2h..now --baseline -1d --case i.faultline',
  'pull elasticsearch --url https://es:9200 --window now-1h..now --set index=logs-* --case i.faultline',
  'pull lake --url s3://telemetry/lake --endpoint http://127.0.0.1:9000 --window now-2h..now --case i.faultline',
  'pull prometheus --url http://127.0.0.1:9090 --window now-2h..now --plan --service checkout',
  'pull elasticsearch --url https://es:9200 --window now-6h..now --preview --by service',
  'pull jaeger --url http://127.0.0.1:16686 --case i.faultline --resume',
  'pull jaeger --url http://127.0.0.1:16686 --trace 4bf92f3577b34da6a3ce929d0e0e4736 --case i.faultline',
  "pull kafka --url kafka://127.0.0.1:9092 --window now-1h..now --set topics='otlp_*' --case i.faultline",
  'pull prometheus --url http://127.0.0.1:9090 --window now-10m..now --follow --for 30m --case live.faultline',
  'pull elasticsearch --url https://search.eu-central-1.es.amazonaws.com --auth aws --auth-set service=es --case i.faultline --window now-1h..now',
  'pull prometheus --url https://grafana.example --grafana PBFA97CFB --window now-2h..now --case i.faultline',
  'pull kafka --url kafka://127.0.0.1:9092 --window now-1h..now --set topics=orders --mapping orders.mapping.json --case i.faultline',
];

function backendCommands(program: Command): void {
  command(
    program,
    'pull <connector>',
    `pulls from a backend: ${connectors.map((c) => c.id).join(', ')}`,
    PULL_EXAMPLES,
  )
    .requiredOption(
      '--url <url>',
      'address of the backend, or of a graph, search or trace on its pages',
    )
    .option('--window <from..to>', 'which time')
    .option('--baseline <b>', 'previous, -1d, -1w or FROM..TO; again for more', more)
    .option('--budget <rows>', 'most rows a signal may bring', '1000000')
    .option('--case <file>', 'the case; appended to, or made')
    .option('--resume', 'go on with the partial pull from this address')
    .option('--select <id>', 'pull only this of what --dry-run lists; again for more', more)
    .option('--set <name=value>', "one of the connector's own settings; again for more", more)
    .option('--name <name>', 'what to call the source')
    .option('--ca <file>', 'PEM file of an own certificate authority')
    .option('--endpoint <url>', "lake: the S3 server, where it is not Amazon's")
    .option('--cert <file>', 'PEM file of a client certificate')
    .option('--key <file>', 'PEM file of its key, where it is not in the same file')
    .option('--auth <kind>', 'none, basic, bearer, api-key, oauth2 or aws; else as the secrets are')
    .option(
      '--auth-set <name=value>',
      'apiKeyHeader, tokenUrl, clientId, scope, region or service; again for more',
      more,
    )
    .option('--credentials <file>', 'JSON file with username and password, token, apiKey…')
    .option('--header <name=value>', 'sent with every request, no secret; again for more', more)
    .option('--header-from <name=variable>', 'the same, from the environment: a secret', more)
    .option('--proxy <url>', 'HTTP proxy, or direct; else as HTTPS_PROXY and NO_PROXY say')
    .option('--grafana <uid>', 'the address is Grafana’s: ask this data source of its')
    .option('--dry-run', 'list what is there with counts; pull nothing')
    .option('--plan', 'propose what matters within the budget, with estimates; pull nothing')
    .option('--preview', 'count over time what would come, where the backend can; pull nothing')
    .option('--by <what>', 'with --preview: level or service', 'level')
    .option('--service <name>', 'only what belongs to this service, where the connector knows how')
    .option(
      '--mapping <file>',
      'kafka: what JSON of unknown shape in its topics means (docs/mapping.md)',
    )
    .option(
      '--trace <id>',
      'jaeger, tempo, zipkin, elasticsearch: this trace alone, whenever it was; again for more',
      more,
    )
    .option('--follow', 'go on with what is new, until --for is over or on interrupt')
    .option('--for <duration>', 'with --follow: stop after this time, e.g. 10m')
    .option('--every <duration>', 'with --follow: how often it is looked', '10s')
    .option('--ring <rows>', 'with --follow: most rows that are kept; the oldest go', '5000000')
    .addHelpText('after', SECRETS)
    .action(action((context, id: string, flags: PullFlags) => pullCommand(id, flags, context)));
}

function receiverCommand(program: Command): void {
  command(program, 'receive', 'listens for OpenTelemetry (OTLP/HTTP and OTLP/gRPC) and webhooks', [
    'receive --case live.faultline --for 10m',
    'receive --case live.faultline --mapping orders=orders.mapping.json   # JSON posted to /webhook/orders',
  ])
    .requiredOption('--case <file>', 'the case; appended to, or made')
    .option('--http <addr>', 'address for OTLP/HTTP', '127.0.0.1:4318')
    .option('--grpc <addr>', 'address for OTLP/gRPC', '127.0.0.1:4317')
    .option(
      '--mapping <name=file>',
      'how to read JSON that is posted to /webhook/NAME (docs/mapping.md); again for more',
      more,
    )
    .option('--for <duration>', 'stop after this time, e.g. 90s; else on interrupt')
    .action(action((context, flags: ReceiveFlags) => receiveCommand(flags, context)));
}

function caseCommands(program: Command): void {
  command(program, 'analyze <case>', 'detects, correlates, ranks; stores and prints', [
    'analyze incident.faultline',
    'analyze incident.faultline --incident 2026-11-21T14:11:40Z..2026-11-21T14:24:05Z --json',
  ])
    .option('--incident <from..to>', 'when things were bad; found where it is not given')
    .option('--baseline <from..to>', 'when things were good; again for more', more)
    .option('--symptom <entity>', 'what was noticed')
    .action(
      action((context, file: string, flags: AnalyzeFlags) => analyzeCommand(file, flags, context)),
    );

  command(program, 'report <case>', 'the postmortem', [
    'report incident.faultline --format html --out pm.html',
  ])
    .addOption(
      new Option('--format <format>', 'form').choices(['md', 'html', 'json']).default('md'),
    )
    .option('--out <file>', 'where to; else stdout')
    .action(
      action((context, file: string, flags: ReportFlags) => reportCommand(file, flags, context)),
    );

  command(program, 'check <case>', 'recomputes every stored claim', [
    'check incident.faultline --json',
  ]).action(action((context, file: string) => checkCommand(file, context)));

  command(program, 'similar <case> <paths...>', 'finds past incidents that looked like this one', [
    'similar incident.faultline postmortems/',
  ]).action(
    action((context, file: string, paths: string[]) => similarCommand(file, paths, context)),
  );

  command(program, 'query <case> <sql>', 'read-only SQL', [
    "query incident.faultline 'SELECT count(*) FROM spans'",
    "query incident.faultline 'FROM logs' --format parquet > logs.parquet",
  ])
    .addOption(
      new Option('--format <format>', 'form')
        .choices(['table', 'csv', 'jsonl', 'arrow', 'parquet'])
        .default('table'),
    )
    .option('--limit <rows>', 'most rows', '1000000')
    .action(
      action((context, file: string, sql: string, flags: QueryFlags) =>
        queryCommand(file, sql, flags, context),
      ),
    );
}

function clockCommands(program: Command): void {
  command(program, 'clocks <case>', 'compares the clocks of the sources; shifts them in the view', [
    'clocks incident.faultline',
    'clocks incident.faultline --confident',
    'clocks incident.faultline --apply orders.log --json',
    'clocks incident.faultline --raw',
  ])
    .addHelpText('after', '\nRows are kept as they came: --raw and --unset take every shift back.')
    .option(
      '--apply <source>',
      'show this source on the estimated clock, by name or id; again for more',
      more,
    )
    .option('--confident', 'the same for all whose offset is known with high confidence')
    .option('--unset <source>', 'show this source as it came; again for more', more)
    .option('--raw', 'show all sources as they came; what is applied is kept')
    .option('--adjusted', 'show what is applied again')
    .action(
      action((context, file: string, flags: ClocksFlags) => clocksCommand(file, flags, context)),
    );
}

function exportCommands(program: Command): void {
  command(program, 'export <case>', 'writes the case in a form that other tools read', [
    'export incident.faultline --to lake/',
    'export incident.faultline --to s3://telemetry/lake --endpoint http://127.0.0.1:9000',
    'export incident.faultline --format timesketch --to timeline.jsonl',
  ])
    .addHelpText(
      'after',
      `
The lake is Parquet by signal, day and hour. A lake that is there grows (docs/export.md);
faultline pull lake --url lake/ reads what is wanted of it, faultline import lake/ all.
Keys and region of a bucket: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, or a profile of ~/.aws`,
    )
    .requiredOption('--to <path>', 'a lake (folder or s3://bucket/prefix), or a new file or folder')
    .option('--endpoint <url>', "the S3 server, where it is not Amazon's")
    .addOption(
      new Option('--format <format>', 'form').choices(exportFormats).default(exportFormats[0]),
    )
    .action(
      action((context, file: string, flags: ExportFlags) => exportCommand(file, flags, context)),
    );
}

function windowCommands(program: Command): void {
  command(program, 'serve [paths...]', 'starts the browser host and prints its address', [
    'serve incident.faultline --port 8765',
  ])
    .option('--port <n>', 'port on 127.0.0.1; remembered')
    .action(
      action((context, paths: string[], flags: ServeFlags) => serveCommand(paths, flags, context)),
    );

  command(program, 'open [paths...]', 'opens the workbench: Electron, else the browser host', [
    'open incident.faultline',
    'open traces.jsonl.gz logs.jsonl.gz',
  ]).action(action((context, paths: string[]) => openCommand(paths, context)));
}

const REPORT_RUNS = `
The confidence, the hit rates and docs/BENCHMARKS.md, of runs that may go on side by side:
  faultline bench benchmarks/ --cuts 3 --ablate --ablate-signals --keep runs/
  faultline bench simulator:1-25 --cuts 1 --keep runs/
  faultline bench simulator:26-50 --cuts 0 --keep runs/
  faultline bench benchmarks/petshop --scramble 7 --keep runs/
  faultline bench kept:runs/ --fit core/analysis/rca/calibration-coefficients.ts --hit-rates core/model/generated/hit-rates.ts
  faultline bench kept:runs/ --markdown docs/BENCHMARKS.md`;

function benchCommands(program: Command): void {
  command(
    program,
    'bench <sets...>',
    'scores the analyses on labelled sets (folders; simulator:N, simulator:FROM-TO; planted-logs:DIR; kept:DIR; features:FILE)',
    [
      'bench benchmarks/',
      'bench benchmarks/petshop --only low_traffic-train-4 --json',
      'bench benchmarks/nezha-trainticket --scramble 7',
      'bench simulator:5',
    ],
  )
    .addHelpText('after', REPORT_RUNS)
    .option('--scramble <seed>', 'under other names, in another order, at another time')
    .option('--blind', 'sets of metrics: windows withheld, the end cut at random')
    .option('--signals <what>', 'metrics: nothing else of a case, no graph either')
    .option('--only <case>', 'this case, series, system or scenario alone')
    .option('--cuts <n>', "quiet windows to cut from each case's baseline; 0 cuts none", '1')
    .option('--ablate', 'also with each ranking method removed')
    .option('--ablate-signals', 'also without each signal that a case has')
    .option('--keep <dir>', 'keep the results of each set there, for kept:DIR')
    .option(
      '--markdown <file>',
      'write the report, with the reasons of benchmark-reasons.json beside it',
    )
    .option(
      '--fit <file>',
      'fit the confidence and write its coefficients; prints ECE and Brier skill of left-out cases',
    )
    .option(
      '--features <file>',
      'write what a fit is made from, a candidate a line, for features:FILE',
    )
    .option(
      '--hit-rates <file>',
      'write how often each method alone was right, and what a confidence came to',
    )
    .option('--cache <dir>', 'keep imported cases there, for the next run')
    .action(
      action((context, sets: string[], flags: BenchFlags) => benchCommand(sets, flags, context)),
    );
}

async function main(): Promise<void> {
  const program = new Command('faultline')
    .description('A workbench for investigating incidents.')
    .version(VERSION)
    .showHelpAfterError('(--help shows how)')
    .exitOverride();
  fileCommands(program);
  backendCommands(program);
  receiverCommand(program);
  caseCommands(program);
  clockCommands(program);
  exportCommands(program);
  windowCommands(program);
  benchCommands(program);
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  });
  process.on('SIGTERM', () => controller.abort());
  const json = process.argv.includes('--json');
  const out = new Output({ json, quiet: false });
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      // Commander has said it on stderr.
      if (json && error.exitCode !== 0) out.failure(new FaultlineError('usage', error.message));
      return;
    }
    process.exitCode = exitCodeOf(
      out.failure(isCancelled(error) ? new FaultlineError('cancelled', 'Cancelled.') : error),
    );
  }
}

await main();
