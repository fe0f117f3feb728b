import { PLAIN_TEXTS } from '../log-texts';
import type { LogTexts, NoiseDef, ServiceDef } from '../system-types';
import { withSlowVariants } from './slow-variants';
import {
  all,
  cached,
  call,
  cpu,
  db,
  operation,
  outside,
  publish,
  put,
  service,
  statement,
  within,
} from './steps';

const SERVICES: readonly ServiceDef[] = [
  service({
    name: 'www',
    language: 'php',
    version: '2026.46',
    instances: 2,
    workers: 48,
    queue: 200,
    operations: {
      watch: operation('GET /w/{id}', cpu(4), call('api', 'clip', 3000, 1)),
      home: operation('GET /', cpu(5), call('api', 'list', 3000, 1)),
      upload: operation('POST /upload', cpu(6), call('api', 'upload', 8000)),
      sign: operation('POST /session', cpu(2), call('auth', 'session', 3000, 1)),
    },
  }),
  service({
    name: 'api',
    language: 'python',
    version: '1.102.0',
    instances: 3,
    workers: 12,
    connections: 4,
    memory: { base: 180, limit: 512 },
    operations: {
      clip: operation(
        'GET /v1/clips/{id}',
        cpu(3),
        all(call('library', 'clip', 1500, 1), call('auth', 'verify', 800, 1)),
      ),
      list: operation('GET /v1/clips', cpu(3), call('library', 'recent', 1500, 1)),
      upload: operation(
        'POST /v1/clips',
        cpu(5),
        call('auth', 'verify', 800, 1),
        outside('objects.cloudstore.example', '/put', 90, 4000, 1),
        db('pg-main', 'insertClip'),
        publish('uploads'),
      ),
    },
  }),
  service({
    name: 'library',
    language: 'ruby',
    version: '88',
    instances: 2,
    workers: 10,
    connections: 5,
    memory: { base: 260, limit: 700 },
    operations: {
      clip: operation(
        'GET /clips/{id}',
        cpu(2.5),
        cached('redis-main', 0.7, db('pg-main', 'clipById'), put('redis-main')),
      ),
      recent: operation('GET /clips', cpu(3), db('pg-main', 'recentClips')),
    },
  }),
  service({
    name: 'auth',
    language: 'rust',
    version: '0.31.4',
    instances: 2,
    workers: 32,
    connections: 4,
    memory: { base: 40, limit: 160 },
    operations: {
      verify: operation(
        'POST /verify',
        cpu(0.8),
        cached('redis-main', 0.9, db('pg-main', 'sessionByToken')),
      ),
      session: operation(
        'POST /session',
        within('argon2', cpu(25)),
        db('pg-main', 'userByName'),
        outside('login.idhub.example', '/token', 70, 1500, 0, 0.5),
      ),
    },
  }),
  service({
    name: 'transcode',
    language: 'rust',
    version: '5.0.0',
    instances: 2,
    workers: 4,
    connections: 2,
    memory: { base: 300, limit: 1024 },
    consumes: { topic: 'uploads', op: 'encode' },
    operations: {
      encode: operation('encode upload', cpu(160), db('pg-main', 'markReady')),
    },
  }),
];

const NOISE: NoiseDef = {
  releases: [
    { service: 'www', version: '2026.47', message: 'New colours of the player' },
    { service: 'transcode', version: '5.0.1', message: 'Log the codec' },
    { service: 'auth', version: '0.31.5', message: 'cargo update' },
  ],
  scale: { service: 'transcode', title: 'transcode: two workers more at night' },
  flag: { service: 'www', name: 'autoplay', share: 0.5 },
  config: {
    service: 'www',
    title: 'www: session cookie for 14 days',
    key: 'session.gc_maxlifetime',
  },
  chatter: [
    {
      service: 'www',
      everyMs: 14_000,
      severity: 'warn',
      text: (rng) =>
        `PHP Notice:  Undefined index: ref in /srv/www/src/Track.php on line ${60 + rng.int(3)}`,
    },
    {
      service: 'library',
      everyMs: 27_000,
      severity: 'error',
      text: () => 'E, Errno::ENOENT: No such file or directory @ rb_sysopen - public/robots.txt',
    },
    {
      service: 'auth',
      everyMs: 12_000,
      severity: 'info',
      text: (rng) => `INFO auth::keys: rotated=false age_s=${rng.int(3600)}`,
    },
  ],
  disk: { node: 'store2', mountpoint: '/backup' },
  flapping: { service: 'transcode', name: 'EncoderIdle', summary: 'transcode has been idle' },
  topology: { forgotten: [['api', 'auth']] },
};

const TEXTS: LogTexts = {
  ...PLAIN_TEXTS,
  always: ['transcode.encode'],
  done: (language, name, took) =>
    language === 'ruby'
      ? `I, Completed 200 OK in ${took}ms (${name})`
      : language === 'rust'
        ? `INFO request{op="${name}"}: finished latency=${took} ms status=200`
        : `[notice] ${name} 200 ${took}ms`,
  good: {
    'transcode.encode': (rng, id, took) =>
      `INFO transcode::job: done clip=${id} frames=${900 + rng.int(9000)} elapsed=${took}ms`,
    'auth.session': (_, id) => `INFO auth: session opened user=${id}`,
  },
  retry: (target, attempt, type) => `urllib3: Retrying (${attempt}) after ${type}: ${target}`,
  rejected: (waiting, busy) => `server reached max children: ${busy} busy, ${waiting} in backlog`,
  started: (name, version) => `${name}: listening, build ${version}`,
};

/** A small site for clips: five services, one of them a worker, few traces and hardly any attributes. */
export const CLIPS = withSlowVariants({
  id: 'clips',
  title: 'A small site of 5 services with a worker, few traces, gauges only',
  namespace: 'clips',
  entry: 'www',
  front: 'www',
  services: SERVICES,
  databases: [
    {
      name: 'pg-main',
      system: 'postgresql',
      namespace: 'clips',
      host: 'store1',
      port: 5432,
      slots: 6,
      statements: {
        clipById: statement('SELECT', 'clips', 'SELECT * FROM clips WHERE id = $1', 3, 1),
        recentClips: statement(
          'SELECT',
          'clips',
          'SELECT id, title FROM clips WHERE state = $1 ORDER BY created DESC LIMIT 30',
          9,
          30,
        ),
        insertClip: statement(
          'INSERT',
          'clips',
          'INSERT INTO clips (id, title) VALUES ($1, $2)',
          4,
          1,
        ),
        markReady: statement('UPDATE', 'clips', 'UPDATE clips SET state = $1 WHERE id = $2', 4, 1),
        sessionByToken: statement(
          'SELECT',
          'sessions',
          'SELECT user_id FROM sessions WHERE token = $1',
          2,
          1,
        ),
        userByName: statement('SELECT', 'users', 'SELECT * FROM users WHERE name = $1', 3, 1),
      },
    },
  ],
  caches: [{ name: 'redis-main', host: 'store2', port: 6379, ms: 0.4 }],
  topics: [{ name: 'uploads', broker: 'mq1', system: 'rabbitmq' }],
  hosts: { count: 3, cores: 4, name: 'web' },
  traffic: [
    { op: 'watch', weight: 50 },
    { op: 'home', weight: 25 },
    { op: 'upload', weight: 10 },
    { op: 'sign', weight: 15 },
  ],
  telemetry: {
    perSecond: 18,
    sampling: 0.05,
    stepMs: 10_000,
    hasLogs: true,
    resource: 'bare',
    metrics: 'gauges',
    recorded: {
      rate: 'requests_per_second',
      errors: 'error_ratio',
      latency: 'response_time_p99',
    },
    alerts: { errors: 'Errors above 5 percent', latency: 'Response time above one second' },
    latencyLimit: 1,
  },
  noise: NOISE,
  texts: TEXTS,
});
