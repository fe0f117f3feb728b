import type { Locator, Page } from '@playwright/test';
import type { App } from '../fixtures/app';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface DrawnElement {
  id(): string;
  renderedPosition(): Point;
  renderedMidpoint(): Point;
}

/** Cytoscape leaves itself on its container; where things are drawn is known to nobody else. */
interface DrawnGraph {
  readonly _cyreg: {
    readonly cy: { nodes(): Iterable<DrawnElement>; edges(): Iterable<DrawnElement> };
  };
}

/** The dependency graph, a canvas: nodes and edges are clicked where they are drawn. */
export class Topology {
  constructor(private readonly app: App) {}

  private get page(): Page {
    return this.app.page;
  }

  graph(): Locator {
    return this.page.getByRole('application', { name: /^Dependency graph/ });
  }

  nodes(): Locator {
    return this.page.getByRole('list', { name: 'Nodes' }).getByRole('listitem');
  }

  edges(): Locator {
    return this.page.getByRole('list', { name: 'Edges' }).getByRole('listitem');
  }

  /** The evidence of an edge. */
  card(): Locator {
    return this.page.getByRole('region', { name: /^Edge / });
  }

  asOf(): Locator {
    return this.page.getByRole('combobox', { name: 'As of' });
  }

  /** Clicks a node by its name. */
  async clickNode(name: string): Promise<void> {
    await this.clickAt(
      await this.graph().evaluate((container, wanted) => {
        for (const node of (container as unknown as DrawnGraph)['_cyreg'].cy.nodes())
          if (node.id().endsWith(`:${wanted}`)) return node.renderedPosition();
        return undefined;
      }, name),
    );
  }

  /** Clicks the edge between two nodes, by their names. */
  async clickEdge(source: string, target: string): Promise<void> {
    await this.clickAt(
      await this.graph().evaluate(
        (container, [from, to]) => {
          for (const edge of (container as unknown as DrawnGraph)['_cyreg'].cy.edges()) {
            const [start = '', end = ''] = edge.id().split('\u0001');
            if (start.endsWith(`:${from}`) && end.endsWith(`:${to}`))
              return edge.renderedMidpoint();
          }
          return undefined;
        },
        [source, target] as const,
      ),
    );
  }

  private async clickAt(position: Point | undefined): Promise<void> {
    if (!position) throw new Error('The graph does not show it.');
    await this.graph().click({ position });
    await this.app.idle();
  }
}
