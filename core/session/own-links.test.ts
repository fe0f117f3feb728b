import { expect, it } from 'vitest';
import { ownPages } from './own-links';

it.each([
  ['github.url', 'https://github.com/shop/cart/releases/v2', 'GitHub', ''],
  ['vcs.change.url.full', 'https://github.com/shop/cart/pull/7', 'GitHub', 'vcs change'],
  ['pull_request_html_url', 'https://git.example/shop/cart/pulls/7', '', 'pull request'],
  ['grafana.panel_url', 'https://ops.example/d/abc?viewPanel=2', 'Grafana', 'panel'],
  ['runbook_url', 'http://wiki.example/runbooks/cart', '', 'runbook'],
  ['panelURL', 'https://ops.example/d/abc', '', 'panel'],
  ['url', 'https://shop.atlassian.net/browse/OPS-1', 'Jira', ''],
  ['url', 'https://ci.example/run/7', '', 'its page'],
  ['commit', 'https://git.example/c/1', '', 'commit'],
])('%s %s is a page of "%s", "%s"', (key, url, product, page) => {
  expect(ownPages({ [key]: url })).toEqual([{ product, page, url }]);
});

it.each([
  'javascript:alert(1)',
  'file:///etc/passwd',
  'https://github.com@evil.example/',
  'https://api.github.com/repos/shop/cart',
  'https://argocd.example/api/v1/applications/cart',
  'https://git.example/{sha}',
  'see https://wiki.example/a',
  'cart.example/a',
  '',
])('%j is no page', (text) => {
  expect(ownPages({ url: text })).toEqual([]);
});

it('gives each page once, and some at most', () => {
  const url = 'https://a.example/';
  expect(ownPages({ a_url: url, b_url: url })).toHaveLength(1);
  const many = Array.from({ length: 20 }, (_, i) => [`u${i}`, `${url}${i}`]);
  expect(ownPages(Object.fromEntries(many) as Record<string, string>)).toHaveLength(6);
});
