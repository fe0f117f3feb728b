import type { Attributes } from '../model';

/** A page that a row names by itself. */
export interface OwnPage {
  /** Whose it is, where that is known: "GitHub". */
  readonly product: string;
  /** What it is, by the name of the attribute: "pull request", "runbook"; '' where the product says it all. */
  readonly page: string;
  readonly url: string;
}

const MOST = 6;

/** First words of attributes, and hosts, that tell whose page it is. */
const PRODUCTS: readonly (readonly [RegExp, string])[] = [
  [/^github$|^github\.com$/, 'GitHub'],
  [/^gitlab$|^gitlab\.com$/, 'GitLab'],
  [/^bitbucket$|^bitbucket\.org$/, 'Bitbucket'],
  [/^argo ?cd$/, 'Argo CD'],
  [/^grafana$/, 'Grafana'],
  [/^pagerduty$|\.pagerduty\.com$/, 'PagerDuty'],
  [/^jira$|\.atlassian\.net$/, 'Jira'],
  [/^service ?now$|\.service-now\.com$/, 'ServiceNow'],
];

const productOf = (text: string): string =>
  PRODUCTS.find(([known]) => known.test(text.toLowerCase()))?.[1] ?? '';

/** "vcs.change.url.full" is "vcs change", "pull_request_html_url" "pull request", "panelURL" "panel". */
function wordsOf(key: string): string {
  return key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[._\-/]+/g, ' ')
    .toLowerCase()
    .replace(/ ?\b(html |web )?ur[il]( full)?\b/g, '')
    .trim();
}

/**
 * The page of an address for people: http or https, without a sign-in (which could also hide whose host it is), no
 * template and no API.
 */
function pageOf(text: string): URL | undefined {
  if (!/^https?:\/\/[^\s{}<>"'\\^`|]+$/i.test(text)) return undefined;
  try {
    const url = new URL(text);
    if (url.username !== '' || url.password !== '') return undefined;
    return url.host.startsWith('api.') || /^\/api\/v\d/.test(url.pathname) ? undefined : url;
  } catch {
    return undefined;
  }
}

/** Pages that attributes are the addresses of, each once, some at most; a stranger may have written them. */
export function ownPages(attributes: Attributes): readonly OwnPage[] {
  const pages = new Map<string, OwnPage>();
  for (const key of Object.keys(attributes).sort()) {
    const url = pageOf(attributes[key] ?? '');
    if (!url || pages.has(url.href)) continue;
    const words = wordsOf(key);
    const [first = '', ...rest] = words.split(' ');
    const named = productOf(words) === '' ? productOf(first) : productOf(words);
    const own = productOf(words) === '' && productOf(first) !== '' ? rest.join(' ') : words;
    const product = named === '' ? productOf(url.hostname) : named;
    const page = productOf(words) === '' ? own : '';
    pages.set(url.href, {
      product,
      page: page === '' && product === '' ? 'its page' : page,
      url: url.href,
    });
    if (pages.size === MOST) break;
  }
  return [...pages.values()];
}
