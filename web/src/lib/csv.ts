// CSV that Excel opens in Japan, as scripts/lib/csv_out.py writes it: UTF-8 with a byte order mark, and no cell
// that a spreadsheet would run.
const FORMULA_SIGN = /^[ \u3000]*[=+\-@\t\r\n＝＋－＠]/;

export function asCsv(rows: readonly (readonly (string | number)[])[]): string {
  return `\uFEFF${rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("")}`;
}

function cellText(cell: string | number): string {
  if (typeof cell === "number") return String(cell);
  const harmless = FORMULA_SIGN.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Hand a file to whoever sits before the page. */
export function download(name: string, content: string, type = "text/csv;charset=utf-8"): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
