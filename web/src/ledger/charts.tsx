import { said, t } from "@/lib/bilingual";
import { digits } from "@/lib/money";
import { FLOW_NAMES, periodName } from "./names";
import { type Period, shownFlows } from "./periods";
import type { Flow } from "./replay";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 280, 112, 40, 14];

/** What came in above the line and what went out below it, a pair of bars for each period. The table says the same. */
export function FlowChart({ periods }: { periods: readonly Period[] }) {
  const up = (period: Period) => parts(period, ["granted", "exchanged", "carriedIn"]);
  const down = (period: Period) => parts(period, ["used", "lapsed", "carriedOut"]);
  const top = niceAbove(Math.max(1, ...periods.map((each) => sum(up(each)))));
  const bottom = niceAbove(Math.max(1, ...periods.map((each) => sum(down(each)))));
  const y = (points: number) => TOP + ((top - points) / (top + bottom)) * (HEIGHT - TOP - BOTTOM);
  const { x, width } = columns(periods.length);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{t("増えたポイントと減ったポイント", "Points that came and went")}</h3>
        <Legend flows={shownFlows(periods)} />
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t("下の表と同じ内容の図", "The table below as a chart")}
      >
        <Scale values={[top, top / 2, 0, -bottom / 2, -bottom]} y={y} />
        {periods.map((period, place) => (
          <g key={period.first}>
            <Stack sign={1} parts={up(period)} x={x(place)} width={width} y={y} />
            <Stack sign={-1} parts={down(period)} x={x(place)} width={width} y={y} />
          </g>
        ))}
        <Names periods={periods} x={x} width={width} />
      </svg>
    </figure>
  );
}

/** What residents hold at each period's end. */
export function OutstandingChart({ periods }: { periods: readonly Period[] }) {
  const top = niceAbove(Math.max(1, ...periods.map((each) => each.outstanding)));
  const y = (points: number) => TOP + ((top - points) / top) * (HEIGHT - TOP - BOTTOM);
  const { x, width } = columns(periods.length);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{t("住民が持つポイント(期間の終わり)", "What residents hold at the end of each period")}</h3>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t("下の表の残高の図", "Outstanding, as in the table below")}
      >
        <Scale values={[top, top / 2, 0]} y={y} />
        {periods.map((period, place) => (
          <rect
            key={period.first}
            class="outstanding"
            x={x(place)}
            width={width}
            y={y(period.outstanding)}
            height={Math.max(0, y(0) - y(period.outstanding))}
          />
        ))}
        <Names periods={periods} x={x} width={width} />
      </svg>
    </figure>
  );
}

interface Part {
  readonly flow: Flow;
  readonly points: number;
}

function Stack({
  parts,
  x,
  width,
  y,
  sign,
}: {
  sign: 1 | -1;
  parts: readonly Part[];
  x: number;
  width: number;
  y: (points: number) => number;
}) {
  let reached = 0;
  return (
    <>
      {parts.map(({ flow, points }) => {
        const [from, to] = [reached, reached + points];
        reached = to;
        const [high, low] = sign > 0 ? [y(to), y(from)] : [y(-from), y(-to)];
        return <rect key={flow} class={flow} x={x} width={width} y={high} height={Math.max(0, low - high)} />;
      })}
    </>
  );
}

function Scale({ values, y }: { values: readonly number[]; y: (points: number) => number }) {
  return (
    <>
      {values.map((value) => (
        <g key={value}>
          <line class={value === 0 ? "zero" : "grid"} x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
          <text class="scale" x={LEFT - 8} y={y(value) + 7}>
            {digits(Math.abs(value))}
          </text>
        </g>
      ))}
    </>
  );
}

function Names({
  periods,
  x,
  width,
}: {
  periods: readonly Period[];
  x: (place: number) => number;
  width: number;
}) {
  // So many that their names do not touch.
  const every = Math.ceil(periods.length / 6);
  return (
    <>
      {periods.map((period, place) =>
        place % every === 0 ? (
          <text key={period.first} class="name" x={x(place) + width / 2} y={HEIGHT - 8}>
            {periodName(period, "short")}
          </text>
        ) : null,
      )}
    </>
  );
}

function Legend({ flows }: { flows: readonly Flow[] }) {
  return (
    <ul class="legend">
      {flows.map((flow) => (
        <li key={flow}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <rect class={flow} width="16" height="16" />
          </svg>
          {said(FLOW_NAMES[flow])}
        </li>
      ))}
    </ul>
  );
}

function parts(period: Period, flows: readonly Flow[]): Part[] {
  // A negative figure (more restored than lapsed) has no bar: the table says it.
  return flows.map((flow) => ({ flow, points: Math.max(0, period.cells[flow].points) }));
}

function sum(all: readonly Part[]): number {
  return all.reduce((total, part) => total + part.points, 0);
}

function columns(count: number): { x: (place: number) => number; width: number } {
  const step = (WIDTH - LEFT - 8) / Math.max(1, count);
  const width = Math.min(56, step * 0.7);
  return { x: (place) => LEFT + 4 + step * place + (step - width) / 2, width };
}

/** The smallest of 1, 2, 4, 10, 20 … that is not less. */
function niceAbove(points: number): number {
  let unit = 1;
  while (unit * 10 < points) unit *= 10;
  return [1, 2, 4, 6, 8, 10].map((times) => times * unit).find((value) => value >= points) ?? 10 * unit;
}
