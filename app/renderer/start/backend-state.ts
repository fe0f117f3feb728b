import type { ErrorCode } from '../../../core/base';

/** What became of asking a backend who it is. */
export type BackendState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'up'; readonly product: string; readonly ms: number }
  | { readonly kind: 'down'; readonly word: string; readonly why: string };

const WORD: Readonly<Partial<Record<ErrorCode, string>>> = {
  'connector/unreachable': 'not reached',
  'connector/auth': 'sign-in needed',
  'connector/refused': 'refused',
  'connector/bad-answer': 'unknown answer',
  'connector/limit': 'limited',
  'connector/config': 'not set up',
  'not-found': 'not set up',
  cancelled: 'no answer',
};

/** One or two words for a backend that could not be asked. */
export function downState(code: ErrorCode, why: string): BackendState {
  return { kind: 'down', word: WORD[code] ?? 'failed', why };
}

/** "Prometheus 3.16" beside a name that says "prometheus" already is "3.16". */
export function productBeside(name: string, product: string): string {
  const [word = '', ...rest] = product.split(' ');
  const said = rest.length > 0 && name.toLowerCase().includes(word.toLowerCase());
  return said ? rest.join(' ') : product;
}
