// Months put together until no figure is of fewer than ten people: what is published is never about somebody.
//
// A period is closed, and stays as it is, once each of its flows is of nobody or of ten people at least. What is open
// at the end waits. So no figure can be worked out by taking published ones from each other, today's from tomorrow's too.
import { type Cell, empty, FLOWS, type Flow, type MonthOfPoints } from "./replay";

export const FEWEST_PEOPLE = 10;

export interface Period {
  readonly first: number;
  readonly last: number;
  readonly cells: Readonly<Record<Flow, Cell>>;
  readonly outstanding: number;
}

export interface Published {
  readonly periods: readonly Period[];
  /** The first month that waits for more people, or is not over; undefined if there is none. */
  readonly waitsFrom: number | undefined;
}

export function published(months: readonly MonthOfPoints[], fewest = FEWEST_PEOPLE): Published {
  const periods: Period[] = [];
  let open: MonthOfPoints[] = [];
  // The present month is not over.
  for (const month of months.slice(0, -1)) {
    open.push(month);
    const cells = {} as Record<Flow, Cell>;
    for (const flow of FLOWS) cells[flow] = together(open.map((each) => each.cells[flow]));
    if (FLOWS.some((flow) => isTooFew(cells[flow], fewest))) continue;
    periods.push({
      first: open[0]?.month ?? month.month,
      last: month.month,
      cells,
      outstanding: month.outstanding,
    });
    open = [];
  }
  return { periods, waitsFrom: open[0]?.month ?? months.at(-1)?.month };
}

/** The flows of a table: of series that took over from none and gave way to none, nothing was carried. */
export function shownFlows(periods: readonly Period[]): readonly Flow[] {
  const isCarried = (flow: Flow) => flow === "carriedIn" || flow === "carriedOut";
  return FLOWS.filter((flow) => !isCarried(flow) || periods.some((each) => each.cells[flow].people.size > 0));
}

function isTooFew(cell: Cell, fewest: number): boolean {
  return cell.people.size > 0 && cell.people.size < fewest;
}

function together(cells: readonly Cell[]): Cell {
  const sum = empty();
  for (const cell of cells) {
    sum.points += cell.points;
    for (const person of cell.people) sum.people.add(person);
    for (const [transaction, part] of cell.transactions) {
      const known = sum.transactions.get(transaction);
      sum.transactions.set(
        transaction,
        known ? { ...known, points: known.points + part.points, events: known.events + part.events } : part,
      );
    }
  }
  return sum;
}
