import { PLAIN_TEXTS } from '../log-texts';
import type { DatabaseDef, LogTexts, NoiseDef } from '../system-types';
import { FEED_SERVICES } from './feed-services';
import { withSlowVariants } from './slow-variants';
import { statement } from './steps';

const select = (table: string, where: string, ms: number, rows: number) =>
  statement('SELECT', table, `SELECT * FROM ${table} WHERE ${where}`, ms, rows);

const DATABASES: readonly DatabaseDef[] = [
  {
    name: 'social',
    system: 'mysql',
    namespace: 'social',
    host: 'db-social-0',
    port: 3306,
    slots: 8,
    statements: {
      follows: select('follows', 'follower = ? LIMIT 500', 4, 200),
      followCounts: select('follow_counts', 'user_id = ?', 2, 1),
      userById: select('users', 'id = ?', 2, 1),
      usersByIds: select('users', 'id IN (?)', 5, 30),
      sessionById: select('sessions', 'id = ?', 2, 1),
      interestsOfUser: select('interests', 'user_id = ?', 4, 40),
      badgesOfUser: select('badges', 'user_id = ?', 3, 6),
      reputationOfUser: select('reputation', 'user_id = ?', 2, 1),
      threadsOfUser: select('threads', 'member = ? ORDER BY updated DESC LIMIT 30', 6, 30),
    },
  },
  {
    name: 'posts',
    system: 'postgresql',
    namespace: 'posts',
    host: 'db-posts-0',
    port: 5432,
    slots: 8,
    statements: {
      postsOfFollowed: select('posts', 'author = ANY($1) ORDER BY id DESC LIMIT 100', 9, 100),
      postsOfUser: select('posts', 'author = $1 ORDER BY id DESC LIMIT 20', 5, 20),
      postsByIds: select('posts', 'id = ANY($1)', 4, 20),
      mediaByIds: select('media', 'id = ANY($1)', 3, 20),
      notesOfUser: select('notes', 'recipient = $1 AND seen IS NULL', 5, 15),
      insertPost: statement(
        'INSERT',
        'posts',
        'INSERT INTO posts (author, body) VALUES ($1, $2)',
        4,
        1,
      ),
      insertNote: statement(
        'INSERT',
        'notes',
        'INSERT INTO notes (recipient, post) VALUES ($1, $2)',
        3,
        1,
      ),
      insertAudit: statement(
        'INSERT',
        'audit',
        'INSERT INTO audit (what, who) VALUES ($1, $2)',
        3,
        1,
      ),
      vacuumReport: statement(
        'SELECT',
        'posts',
        'SELECT count(*) FROM posts GROUP BY author',
        1700,
        800_000,
      ),
    },
  },
];

const NOISE: NoiseDef = {
  releases: [
    { service: 'Trends', version: '1.13.0', message: 'Decay per hour' },
    { service: 'Badges', version: '18', message: 'A badge for ten years' },
    { service: 'Bff', version: '413.0.0', message: 'Release train 413' },
    { service: 'Presence', version: '26.1.1', message: 'OTP patch' },
  ],
  scale: { service: 'Counters', title: 'Counters replicas 2 to 2 (HPA, no change)' },
  flag: { service: 'Ranker', name: 'dwell-time', share: 0.05 },
  config: { service: 'Ingress', title: 'Ingress: trace sampling note', key: 'docs' },
  report: { db: 'posts', statement: 'vacuumReport', job: 'author-stats' },
  chatter: [
    {
      service: 'Presence',
      everyMs: 9000,
      severity: 'warn',
      text: (rng) =>
        `=WARNING REPORT==== net_tick of node pres@10.0.${rng.int(9)}.${rng.int(99)} late`,
    },
    {
      service: 'AdMixer',
      everyMs: 17_000,
      severity: 'error',
      text: (rng) =>
        `{"level":"error","msg":"no fill","slot":${rng.int(40)},"err":"204 from exchange"}`,
    },
    {
      service: 'Media',
      everyMs: 23_000,
      severity: 'warn',
      text: (rng) =>
        `PHP Deprecated:  strlen(): Passing null in Resolver.php on line ${rng.int(400)}`,
    },
    {
      service: 'Query',
      everyMs: 16_000,
      severity: 'info',
      text: (rng) => `[query-node-0] refresh of shard ${rng.int(12)} took [${rng.int(300)}ms]`,
    },
    {
      service: 'Ranker',
      everyMs: 37_000,
      severity: 'info',
      text: (rng) => `model v${300 + rng.int(2)} warmed, ${rng.int(70)} MiB`,
    },
  ],
  disk: { node: 'db-posts-0', mountpoint: '/var/lib/wal-archive' },
  flapping: { service: 'Trends', name: 'TrendsStale', summary: 'Trends are older than an hour' },
  topology: {
    forgotten: [
      ['TimelineMixer', 'Interests'],
      ['Moderation', 'Reputation'],
      ['Notifier', 'Push'],
    ],
    gone: ['Bff', 'Stories'],
  },
};

const json = (level: string, msg: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ level, msg, ...more });

const TEXTS: LogTexts = {
  ...PLAIN_TEXTS,
  always: ['Posts.create'],
  done: (_, name, took) => json('info', 'request', { op: name, code: 200, ms: took }),
  failed: (language, name, type, message) =>
    language === 'java' || language === 'go' || language === 'nodejs'
      ? json('error', 'request failed', { op: name, exception: type, detail: message })
      : PLAIN_TEXTS.failed(language, name, type, message),
  good: {
    'Posts.create': (rng, id) =>
      json('info', 'post stored', { post: id, chars: 20 + rng.int(400) }),
    'Push.send': (rng, id) =>
      json('info', 'pushed', { device: `d${id}`, ttl: 60 * (1 + rng.int(9)) }),
    'Moderation.screen': (rng, id, took) => `screened ${id} score=0.0${rng.int(9)} in ${took}ms`,
  },
  slow: (name, took) => json('warn', 'slow request', { op: name, ms: took }),
  retry: (target, attempt, type) => json('warn', 'retry', { peer: target, attempt, reason: type }),
  rejected: (waiting, busy) => json('warn', 'shed load', { waiting, busy }),
  access: (rng, name, status, ms) =>
    json('info', 'access', {
      req: name,
      status,
      ms: Math.round(ms),
      ip: `192.0.2.${1 + rng.int(254)}`,
    }),
};

/** A social feed: thirty services that fan out, on Kubernetes, with shared stores and queues. */
export const FEED = withSlowVariants({
  id: 'feed',
  title: 'A wide feed of 30 services with shared stores and queues',
  namespace: 'feed-prod',
  entry: 'Ingress',
  front: 'Bff',
  services: FEED_SERVICES,
  databases: DATABASES,
  caches: [
    { name: 'cache-hot', host: 'mem-0', port: 6379, ms: 0.3 },
    { name: 'cache-timeline', host: 'mem-1', port: 6380, ms: 0.5 },
  ],
  topics: [
    { name: 'post-created', broker: 'kafka-0' },
    { name: 'feed-updated', broker: 'kafka-0' },
  ],
  hosts: { count: 9, cores: 4, name: 'pool-a-' },
  traffic: [
    { op: 'timeline', weight: 40 },
    { op: 'profile', weight: 20 },
    { op: 'post', weight: 14 },
    { op: 'search', weight: 12 },
    { op: 'inbox', weight: 14 },
  ],
  telemetry: {
    perSecond: 14,
    sampling: 0.1,
    stepMs: 30_000,
    hasLogs: true,
    resource: 'kubernetes',
    metrics: 'prometheus',
    recorded: {
      rate: 'app:rps',
      errors: 'app:error_ratio',
      latency: 'app:latency_seconds:p99',
    },
    alerts: { errors: 'AppErrorBudgetBurn', latency: 'AppLatencyP99' },
    latencyLimit: 0.8,
  },
  noise: NOISE,
  texts: TEXTS,
});
