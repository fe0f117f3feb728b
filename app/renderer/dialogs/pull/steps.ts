/** One step on the way to an answer, as a failed test shows it. */
export interface TestStep {
  readonly title: string;
  readonly state: 'passed' | 'failed';
}

const TITLES: Readonly<Record<string, string>> = {
  name: 'Name look-up',
  connect: 'Connection',
  proxy: 'Proxy',
  tls: 'TLS',
  token: 'Token',
  authorization: 'Authorization',
  answer: 'Answer',
};

/** What to do about a step that failed. */
const ADVICE: Readonly<Record<string, string>> = {
  name: 'Is the name spelt right, and is it known here: a VPN, a hosts file?',
  connect: 'Is the port right, and does a firewall let this machine through?',
  proxy: 'Check the proxy above; “direct” goes without one.',
  tls: 'Check http or https, and the certificates above.',
  token: 'Check the address that gives tokens, client id, secret and scope.',
  authorization: 'Check the sign-in above; what is kept may have expired with the last session.',
};
const BY_CODE: Readonly<Record<string, string>> = {
  'connector/unreachable': 'Is the address right, and does it answer from this machine?',
  'connector/auth': 'Check the sign-in above; what is kept may have expired with the last session.',
  'connector/bad-answer': 'Something answers there, but not as this kind of backend does.',
  'connector/refused': 'The backend is there and said no; its words are above.',
  'connector/config': 'One of the fields above does not fit.',
};

export interface TestFailure {
  readonly code: string;
  /** From the error's detail, where it says so. */
  readonly step?: string;
}

function stepOf({ code, step }: TestFailure): string | undefined {
  if (step !== undefined && step in TITLES) return step;
  if (code === 'connector/auth') return 'authorization';
  return code === 'connector/refused' || code === 'connector/bad-answer' ? 'answer' : undefined;
}

export function adviceOn(failure: TestFailure): string {
  return ADVICE[failure.step ?? ''] ?? BY_CODE[failure.code] ?? '';
}

/**
 * The steps up to the one that failed; empty where it is not known. What went well before it is certain: a certificate
 * is not looked at before there is a connection.
 */
export function testSteps(
  failure: TestFailure,
  { url, auth }: { readonly url: string; readonly auth: string },
): readonly TestStep[] {
  const failed = stepOf(failure);
  if (failed === undefined) return [];
  const way: readonly string[] =
    failed === 'proxy'
      ? ['proxy']
      : [
          'name',
          'connect',
          ...(failed === 'tls' || url.startsWith('https:') ? ['tls'] : []),
          ...(auth === 'oauth2' ? ['token'] : []),
          'authorization',
          'answer',
        ];
  // Tokens come from another address: nothing is known of the backend itself yet.
  const from = failed === 'token' ? [] : way.slice(0, way.indexOf(failed));
  return [
    ...from.map((step) => ({ title: TITLES[step] ?? step, state: 'passed' }) as const),
    { title: TITLES[failed] ?? failed, state: 'failed' },
  ];
}
