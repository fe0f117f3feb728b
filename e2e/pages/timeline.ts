import type { Locator, Page } from '@playwright/test';
import type { App } from '../fixtures/app';

/** Where the lanes begin and end beside their names, and how high overview and axis are. */
const [NAMES, MARGIN, OVERVIEW, HEAD] = [176, 12, 40, 62];

/** What the timeline says of itself in words, times as milliseconds of the day. */
export interface Said {
  readonly shown: readonly [number, number];
  readonly incident: readonly [number, number] | undefined;
  readonly selected: readonly [number, number] | undefined;
}

/** The timeline, a canvas: used with the pointer, read by its description. */
export class Timeline {
  constructor(private readonly app: App) {}

  private get page(): Page {
    return this.app.page;
  }

  private root(): Locator {
    return this.page.getByRole('application', { name: 'Timeline' });
  }

  async said(): Promise<Said> {
    const text = (await this.root().locator('p').first().textContent()) ?? '';
    const stretch = (name: string): readonly [number, number] | undefined => {
      const found = new RegExp(`${name} from (\\d[\\d:.]*).*? to (\\d[\\d:.]*)`).exec(text);
      return found ? [clock(found[1] ?? ''), clock(found[2] ?? '')] : undefined;
    };
    const shown = stretch('Shown');
    if (!shown) throw new Error(`The timeline says nothing of what it shows: ${text}`);
    return { shown, incident: stretch('Incident'), selected: stretch('Selected') };
  }

  /** Brushes from one share of what is shown to another, in the lanes. */
  async brush(from: number, to: number): Promise<void> {
    await this.drag(from, to, HEAD + 60);
  }

  /** Zooms by a stretch of the overview, which always shows the whole case. */
  async brushOverview(from: number, to: number): Promise<void> {
    await this.drag(from, to, OVERVIEW / 2);
  }

  /** Takes the incident's beginning by its bracket on the axis, to another share of what is shown. */
  async dragIncidentStart(to: number): Promise<void> {
    const { shown, incident } = await this.said();
    if (!incident) throw new Error('There is no incident to drag.');
    await this.drag((incident[0] - shown[0]) / (shown[1] - shown[0]), to, HEAD - 5);
  }

  private async drag(from: number, to: number, y: number): Promise<void> {
    const box = await this.root().boundingBox();
    if (!box) throw new Error('The timeline is not there.');
    const x = (share: number): number => box.x + NAMES + share * (box.width - NAMES - MARGIN);
    const { mouse } = this.page;
    await mouse.move(x(from), box.y + y);
    await mouse.down();
    await mouse.move(x((from + to) / 2), box.y + y, { steps: 4 });
    await mouse.move(x(to), box.y + y, { steps: 4 });
    await mouse.up();
    await this.app.idle();
  }
}

function clock(text: string): number {
  const [h = 0, m = 0, s = 0] = text.replace(/\.$/, '').split(':').map(Number);
  return (h * 3600 + m * 60 + s) * 1000;
}
