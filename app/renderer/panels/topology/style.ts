import { ENTITY_KINDS } from '../../../../core/model';
import { glyph, type Colors, type GraphStyle } from '../../ui';
import { HALF } from './curves';

/** How the graph looks in the colours of the theme. Own health is a ring: colour and thickness. */
export function styleOf(colors: Colors): GraphStyle {
  return [
    ...nodeStyles(colors),
    ...toneStyles(colors),
    ...edgeStyles(colors),
    ...courseStyles(),
    ...diffStyles(colors),
    ...stateStyles(colors),
  ] as GraphStyle;
}

function nodeStyles(colors: Colors): GraphStyle {
  return [
    {
      selector: 'node',
      style: {
        shape: 'round-rectangle',
        width: 2 * HALF.plain,
        height: 2 * HALF.plain,
        'background-color': colors['bg-2'],
        'border-color': colors['line-strong'],
        'border-width': 1.2,
        'background-width': '13px',
        'background-height': '13px',
        label: 'data(label)',
        color: colors['fg-2'],
        'font-size': 10.5,
        'font-family': colors.font,
        'text-valign': 'bottom',
        'text-margin-y': 3,
        'text-max-width': '80px',
        'text-wrap': 'ellipsis',
        'text-outline-color': colors['bg-1'],
        'text-outline-width': 2.5,
        'min-zoomed-font-size': 7.5,
        'overlay-opacity': 0,
      },
    },
    ...ENTITY_KINDS.map((kind) => ({
      selector: `node.${kind}`,
      style: { 'background-image': glyph(kind, colors['fg-1']) },
    })),
    {
      selector: 'node.many',
      style: {
        shape: 'rectangle',
        'border-width': 0,
        'background-color': colors['line-strong'],
        label: '',
      },
    },
    { selector: 'node.quiet', style: { 'min-zoomed-font-size': 12.5 } },
    { selector: 'node.fold', style: { 'border-style': 'double', 'border-width': 4 } },
    {
      selector: 'node.passive',
      style: {
        width: 1,
        height: 1,
        'background-opacity': 0,
        'border-width': 0,
        color: colors.crit,
        'font-size': 10,
        'text-margin-y': 0,
        'text-max-width': '160px',
        'min-zoomed-font-size': 6,
        events: 'no',
      },
    },
  ] as GraphStyle;
}

function toneStyles(colors: Colors): GraphStyle {
  return [
    {
      selector: 'node.warn, node.crit',
      style: {
        width: 2 * HALF.unhealthy,
        height: 2 * HALF.unhealthy,
        'background-width': '15px',
        'background-height': '15px',
        color: colors['fg-0'],
        'font-size': 11,
        'min-zoomed-font-size': 6,
      },
    },
    { selector: 'node.warn', style: { 'border-color': colors.warn, 'border-width': 2 } },
    { selector: 'node.crit', style: { 'border-color': colors.crit, 'border-width': 2.5 } },
  ] as GraphStyle;
}

function edgeStyles(colors: Colors): GraphStyle {
  return [
    {
      selector: 'edge',
      style: {
        width: 'data(width)',
        'line-color': colors['line-strong'],
        'target-arrow-color': colors['line-strong'],
        'target-arrow-shape': 'triangle',
        'arrow-scale': 0.6,
        'curve-style': 'bezier',
        opacity: 0.6,
        'overlay-opacity': 0,
      },
    },
    {
      selector: 'edge.many',
      style: { 'curve-style': 'haystack', 'target-arrow-shape': 'none', width: 1 },
    },
    // Nobody hits one healthy hairline of thousands, and looking for it under every move of the pointer costs.
    { selector: 'edge.many.plain', style: { events: 'no', opacity: 1 } },
    { selector: 'edge.stated', style: { 'line-style': 'dashed' } },
    ...(['warn', 'crit'] as const).map((tone) => ({
      selector: `edge.${tone}`,
      style: {
        'line-color': colors[tone],
        'target-arrow-color': colors[tone],
        opacity: 0.95,
        'z-index': 2,
      },
    })),
    {
      selector: 'edge[figure]',
      style: {
        label: 'data(figure)',
        color: colors['fg-0'],
        'font-size': 9,
        'font-family': colors.font,
        'text-outline-color': colors['bg-1'],
        'text-outline-width': 2,
        'min-zoomed-font-size': 7,
      },
    },
  ] as GraphStyle;
}

/** Curved edges: where they leave and enter, by the course that they take. */
function courseStyles(): GraphStyle {
  const [left, right] = ['-50% 0%', '50% 0%'];
  const ends = { ahead: [right, left], back: [left, right], beside: [right, right] };
  return Object.entries(ends).map(([course, [from, to]]) => ({
    selector: `edge.${course}`,
    style: {
      'curve-style': 'unbundled-bezier',
      'edge-distances': 'endpoints',
      'source-endpoint': from,
      'target-endpoint': to,
      'control-point-weights': 'data(weights)',
      'control-point-distances': 'data(distances)',
    },
  })) as unknown as GraphStyle;
}

function diffStyles(colors: Colors): GraphStyle {
  return [
    { selector: 'edge.diff-same', style: { opacity: 0.25 } },
    {
      selector: 'edge.diff-appeared',
      style: { 'line-color': colors.ok, 'target-arrow-color': colors.ok, opacity: 1, width: 3 },
    },
    {
      selector: 'edge.diff-vanished',
      style: {
        'line-color': colors['fg-2'],
        'target-arrow-color': colors['fg-2'],
        'line-style': 'dashed',
        opacity: 1,
        width: 2,
      },
    },
    {
      selector: 'edge.diff-degraded',
      style: { 'line-color': colors.crit, 'target-arrow-color': colors.crit, opacity: 1 },
    },
  ] as GraphStyle;
}

function stateStyles(colors: Colors): GraphStyle {
  return [
    { selector: '.dim', style: { opacity: 0.18 } },
    // The trouble came from the callee to the caller, against the arrow of the call.
    {
      selector: 'edge.spread',
      style: {
        opacity: 1,
        'z-index': 4,
        'source-arrow-color': colors['fg-0'],
        'source-arrow-shape': 'chevron',
        'underlay-color': colors['fg-0'],
        'underlay-opacity': 0.3,
        'underlay-padding': 3,
        'font-size': 10,
        'min-zoomed-font-size': 5,
      },
    },
    { selector: 'edge.lit', style: { opacity: 1, 'z-index': 5 } },
    {
      selector: 'node.lit, node.selected, node.focus, node.found',
      style: {
        color: colors['fg-0'],
        'text-max-width': '160px',
        'min-zoomed-font-size': 0,
        'z-index': 9,
      },
    },
    { selector: 'node.lit', style: { 'background-color': colors['bg-3'] } },
    {
      selector: 'node.found',
      style: { 'underlay-color': colors['fg-1'], 'underlay-opacity': 0.25, 'underlay-padding': 6 },
    },
    {
      selector: 'node.focus',
      style: { 'outline-color': colors.accent, 'outline-width': 2, 'outline-offset': 3 },
    },
    {
      selector: 'node.selected',
      style: {
        'underlay-color': colors.accent,
        'underlay-opacity': 0.3,
        'underlay-padding': 7,
        color: colors['fg-0'],
      },
    },
    {
      selector: 'edge.selected',
      style: {
        'line-color': colors.accent,
        'target-arrow-color': colors.accent,
        opacity: 1,
        'z-index': 9,
      },
    },
  ] as GraphStyle;
}
