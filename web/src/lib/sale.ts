// Numbers of sales: the day in Japan since 1 January 2000, times 65,536, plus the shop's serial number of that day.
export const SERIALS = 2 ** 16;

export function saleNumber(day: number, serial: number): number {
  return day * SERIALS + serial;
}

export function dayOfSale(sale: number): number {
  return Math.floor(sale / SERIALS);
}

export function serialOfSale(sale: number): number {
  return sale % SERIALS;
}
