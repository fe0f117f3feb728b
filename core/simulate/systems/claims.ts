import { PLAIN_TEXTS } from '../log-texts';
import type { LogTexts, NoiseDef, ServiceDef } from '../system-types';
import { withSlowVariants } from './slow-variants';
import { call, cpu, db, operation, outside, service, statement, within } from './steps';

const SERVICES: readonly ServiceDef[] = [
  service({
    name: 'edge_proxy',
    language: 'go',
    version: '2.8.0',
    instances: 2,
    workers: 64,
    queue: 256,
    operations: {
      submit: operation('POST /api/claims', cpu(0.5), call('claim_intake', 'submit', 9000)),
      status: operation('GET /api/claims/{id}', cpu(0.5), call('claim_intake', 'status', 5000, 1)),
      quote: operation('POST /api/quotes', cpu(0.5), call('claim_intake', 'quote', 6000, 1)),
    },
  }),
  service({
    name: 'claim_intake',
    language: 'dotnet',
    version: '11.3.0',
    instances: 3,
    workers: 24,
    operations: {
      submit: operation('POST /intake', cpu(3), call('document_check', 'check', 8000)),
      status: operation('GET /intake/{id}', cpu(1.5), call('document_check', 'list', 3500, 1)),
      quote: operation('POST /intake/quote', cpu(2), call('document_check', 'quote', 5000)),
    },
  }),
  service({
    name: 'document_check',
    language: 'java',
    version: '4.1.2',
    instances: 2,
    connections: 6,
    memory: { base: 640, limit: 1280 },
    operations: {
      check: operation(
        'POST /documents/check',
        within('parse attachments', cpu(7)),
        db('docs', 'documentsOfClaim'),
        call('policy_lookup', 'resolve', 7000),
      ),
      list: operation(
        'GET /documents',
        cpu(1),
        db('docs', 'documentsOfClaim'),
        call('policy_lookup', 'find', 2500, 1),
      ),
      quote: operation('POST /documents/quote', cpu(1.5), call('policy_lookup', 'quote', 4500)),
    },
  }),
  service({
    name: 'policy_lookup',
    language: 'java',
    version: '7.0.4',
    instances: 3,
    connections: 6,
    memory: { base: 700, limit: 1400 },
    operations: {
      resolve: operation(
        'POST /policies/resolve',
        cpu(2),
        db('policies', 'policyByNumber'),
        call('coverage_rules', 'evaluate', 6000),
      ),
      find: operation('GET /policies/{number}', cpu(1.2), db('policies', 'policyByNumber')),
      quote: operation(
        'POST /policies/quote',
        cpu(1.5),
        db('policies', 'tariffOfProduct'),
        call('coverage_rules', 'quote', 4000),
      ),
    },
  }),
  service({
    name: 'coverage_rules',
    language: 'java',
    version: '19.2.0',
    instances: 2,
    memory: { base: 900, limit: 1800 },
    operations: {
      evaluate: operation(
        'POST /rules/evaluate',
        within('fire rules', cpu(6)),
        call('rating_engine', 'rate', 5500),
      ),
      quote: operation(
        'POST /rules/quote',
        within('fire rules', cpu(4)),
        call('rating_engine', 'quote', 3500, 1),
      ),
    },
  }),
  service({
    name: 'rating_engine',
    language: 'dotnet',
    version: '3.14.1',
    instances: 2,
    operations: {
      rate: operation('POST /rate', cpu(9), call('limit_book', 'check', 5000)),
      quote: operation('POST /rate/quote', cpu(8)),
    },
  }),
  service({
    name: 'limit_book',
    language: 'ruby',
    version: '1.9.6',
    instances: 2,
    workers: 8,
    connections: 4,
    operations: {
      check: operation(
        'POST /limits/check',
        cpu(3),
        db('policies', 'limitsOfHolder'),
        call('fraud_score', 'score', 4500),
      ),
    },
  }),
  service({
    name: 'fraud_score',
    language: 'python',
    version: '0.22.0',
    instances: 2,
    workers: 8,
    memory: { base: 520, limit: 1200 },
    operations: {
      score: operation(
        'POST /score',
        within('score model', cpu(14)),
        outside('api.identcheck.example', '/v1/persons', 60, 1500, 0, 0.4),
        call('reserve_calc', 'reserve', 4000),
      ),
    },
  }),
  service({
    name: 'reserve_calc',
    language: 'dotnet',
    version: '6.6.0',
    instances: 2,
    operations: {
      reserve: operation('POST /reserves', cpu(4), call('ledger_write', 'book', 3500)),
    },
  }),
  service({
    name: 'ledger_write',
    language: 'java',
    version: '12.0.1',
    instances: 2,
    connections: 5,
    memory: { base: 560, limit: 1200 },
    operations: {
      book: operation(
        'POST /entries',
        cpu(2),
        db('ledger', 'balanceOfAccount'),
        db('ledger', 'insertEntry'),
        call('journal_feed', 'append', 2500, 1),
      ),
    },
  }),
  service({
    name: 'journal_feed',
    language: 'ruby',
    version: '2.2.7',
    instances: 1,
    workers: 8,
    operations: {
      append: operation('POST /journal', cpu(2), call('archive_store', 'store', 2000, 1)),
    },
  }),
  service({
    name: 'archive_store',
    language: 'go',
    version: '0.9.12',
    instances: 2,
    connections: 4,
    operations: {
      store: operation('PUT /archive/{id}', cpu(1.5), db('ledger', 'insertArchive')),
    },
  }),
];

const NOISE: NoiseDef = {
  releases: [
    { service: 'journal_feed', version: '2.2.8', message: 'Update gems' },
    { service: 'coverage_rules', version: '19.2.1', message: 'Rules of December' },
    { service: 'edge_proxy', version: '2.8.1', message: 'Rotate certificates' },
  ],
  scale: { service: 'rating_engine', title: 'Thread pool of rating_engine from 12 to 16' },
  flag: { service: 'fraud_score', name: 'shadow_model', share: 0.1 },
  config: {
    service: 'edge_proxy',
    title: 'edge_proxy: shorter access log',
    key: 'access_log.fields',
  },
  report: { db: 'ledger', statement: 'trialBalance', job: 'night_batch' },
  chatter: [
    {
      service: 'limit_book',
      everyMs: 18_000,
      severity: 'warn',
      text: (rng) =>
        `DEPRECATION WARNING: Limit#cents is deprecated (called from limits.rb:${40 + rng.int(9)})`,
    },
    {
      service: 'document_check',
      everyMs: 26_000,
      severity: 'error',
      text: (rng) => `ERROR c.d.OcrClient - font cache /var/cache/ocr/${rng.int(90)} not writable`,
    },
    {
      service: 'policy_lookup',
      everyMs: 20_000,
      severity: 'info',
      text: (rng) =>
        `INFO c.p.CacheStats - hitRate=0.${80 + rng.int(19)} size=${9000 + rng.int(900)}`,
    },
    {
      service: 'fraud_score',
      everyMs: 31_000,
      severity: 'warn',
      text: (rng) => `UserWarning: feature income_band missing in ${1 + rng.int(7)} rows, imputed`,
    },
  ],
  disk: { node: 'ip-10-20-9-2', mountpoint: '/mnt/dumps' },
  flapping: {
    service: 'journal_feed',
    name: 'JournalExportLate',
    summary: 'The export of journal_feed is late',
  },
  topology: {
    forgotten: [['document_check', 'policy_lookup']],
    gone: ['ledger_write', 'fax_bridge'],
  },
};

const TEXTS: LogTexts = {
  ...PLAIN_TEXTS,
  always: ['ledger_write.book'],
  done: (language, name, took) =>
    language === 'ruby'
      ? `Completed 200 OK in ${took}ms (Views: 0.2ms | ActiveRecord: ${Math.max(1, took >> 1)}.1ms)`
      : language === 'java'
        ? `INFO  c.i.RequestLog - ${name} -> 200 [${took} ms]`
        : `Executed endpoint '${name}' in ${took}.0ms`,
  good: {
    'ledger_write.book': (rng, id) =>
      `INFO  c.i.Ledger - entry ${id} booked on account DE${10 + rng.int(89)}`,
    'fraud_score.score': (rng, id, took) =>
      `scored claim ${id}: 0.${rng.int(90) + 10} in ${took} ms`,
  },
  slow: (name, took) => `WARN slow: ${name} needed ${took} ms (threshold 1500 ms)`,
  retry: (target, attempt, type) => `WARN call of ${target} failed (${type}), try no. ${attempt}`,
  rejected: (waiting, busy) => `ERROR thread pool exhausted: active=${busy} queued=${waiting}`,
  started: (name, version, seconds) => `${name} ${version} ready, boot took ${seconds} s, pid 1`,
  access: (rng, name, status, ms) =>
    `{"remote":"198.51.100.${1 + rng.int(254)}","request":"${name}","status":${status},"bytes":${100 + rng.int(9000)},"duration_ms":${Math.round(ms)}}`,
};

/** An insurer's claims: a chain of twelve services on virtual machines. */
export const CLAIMS = withSlowVariants({
  id: 'claims',
  title: 'A chain of 12 services on virtual machines',
  namespace: 'claims',
  entry: 'edge_proxy',
  front: 'claim_intake',
  services: SERVICES,
  databases: [
    {
      name: 'docs',
      system: 'mysql',
      namespace: 'docs',
      host: 'ip-10-20-9-1',
      port: 3306,
      slots: 4,
      statements: {
        documentsOfClaim: statement(
          'SELECT',
          'documents',
          'SELECT id, kind, pages FROM documents WHERE claim_id = ?',
          4,
          6,
        ),
      },
    },
    {
      name: 'policies',
      system: 'postgresql',
      namespace: 'policies',
      host: 'ip-10-20-9-2',
      port: 5432,
      slots: 6,
      statements: {
        policyByNumber: statement(
          'SELECT',
          'policies',
          'SELECT * FROM policies WHERE number = $1',
          3,
          1,
        ),
        tariffOfProduct: statement(
          'SELECT',
          'tariffs',
          'SELECT * FROM tariffs WHERE product = $1 AND valid_to IS NULL',
          5,
          12,
        ),
        limitsOfHolder: statement(
          'SELECT',
          'limits',
          'SELECT sum(cents) FROM limits WHERE holder_id = $1',
          4,
          20,
        ),
      },
    },
    {
      name: 'ledger',
      system: 'postgresql',
      namespace: 'ledger',
      host: 'ip-10-20-9-3',
      port: 5432,
      slots: 4,
      statements: {
        balanceOfAccount: statement(
          'SELECT',
          'balances',
          'SELECT cents FROM balances WHERE account = $1 FOR UPDATE',
          5,
          1,
        ),
        insertEntry: statement(
          'INSERT',
          'entries',
          'INSERT INTO entries (id, account, cents) VALUES ($1, $2, $3)',
          4,
          1,
        ),
        insertArchive: statement(
          'INSERT',
          'archive',
          'INSERT INTO archive (id, body) VALUES ($1, $2)',
          6,
          1,
        ),
        trialBalance: statement(
          'SELECT',
          'entries',
          'SELECT account, sum(cents) FROM entries GROUP BY account',
          1900,
          700_000,
        ),
      },
    },
  ],
  caches: [],
  topics: [],
  hosts: { count: 6, cores: 4, name: 'ip-10-20-0-' },
  traffic: [
    { op: 'submit', weight: 35 },
    { op: 'status', weight: 35 },
    { op: 'quote', weight: 30 },
  ],
  telemetry: {
    perSecond: 12,
    sampling: 0.17,
    stepMs: 20_000,
    hasLogs: true,
    resource: 'machine',
    metrics: 'micrometer',
    recorded: {
      rate: 'job:http_requests:rate1m',
      errors: 'job:http_errors:ratio1m',
      latency: 'job:http_latency_seconds:p99',
    },
    alerts: { errors: 'HighErrorRate', latency: 'SlowResponses' },
    latencyLimit: 1.5,
  },
  noise: NOISE,
  texts: TEXTS,
});
