// Days and months of Japan. Instants are Unix seconds; a month counts from January 2000 = 0, a day from 1 January 2000 = 0.
// Japan is nine hours ahead of UTC all year.
import { type Bilingual, both } from "./bilingual";

const AHEAD_SECONDS = 9 * 60 * 60;
const DAY_SECONDS = 24 * 60 * 60;
const FIRST_DAY = Date.UTC(2000, 0, 1) / 1000 / DAY_SECONDS;

/** The month of points that never end. */
export const NEVER_MONTH = 1535;

export function now(): number {
  return Math.floor(Date.now() / 1000);
}

export function dayOf(timestamp: number): number {
  return Math.floor((timestamp + AHEAD_SECONDS) / DAY_SECONDS) - FIRST_DAY;
}

export function startOfDay(day: number): number {
  return (day + FIRST_DAY) * DAY_SECONDS - AHEAD_SECONDS;
}

export function monthOf(timestamp: number): number {
  const date = inJapan(timestamp);
  return (date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth();
}

/** The first second of a month. */
export function startOf(month: number): number {
  return Date.UTC(2000, month, 1) / 1000 - AHEAD_SECONDS;
}

export function dayLabel(day: number): Bilingual {
  return dateLabel(startOfDay(day));
}

export function dateLabel(timestamp: number): Bilingual {
  const date = inJapan(timestamp);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  return both(`${year}年${month}月${day}日`, `${year}-${two(month)}-${two(day)}`);
}

/** 2027年3月31日23時59分59秒 and 2027-03-31 23:59:59. */
export function momentLabel(timestamp: number): Bilingual {
  const date = inJapan(timestamp);
  const [hours, minutes, seconds] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two);
  const day = dateLabel(timestamp);
  return both(`${day.ja}${hours}時${minutes}分${seconds}秒`, `${day.en} ${hours}:${minutes}:${seconds}`);
}

/** 3月31日9時05分 and 03-31 9:05, for what is of these days. */
export function recentLabel(timestamp: number): Bilingual {
  const date = inJapan(timestamp);
  const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()];
  const [hours, minutes] = [date.getUTCHours(), two(date.getUTCMinutes())];
  return both(`${month}月${day}日${hours}時${minutes}分`, `${two(month)}-${two(day)} ${hours}:${minutes}`);
}

/** 14:05, for lists of one day. */
export function timeLabel(timestamp: number): string {
  const date = inJapan(timestamp);
  return `${date.getUTCHours()}:${two(date.getUTCMinutes())}`;
}

export function monthLabel(month: number): Bilingual {
  if (month >= NEVER_MONTH) return both("期限なし", "without end");
  const [year, place] = [2000 + Math.floor(month / 12), (month % 12) + 1];
  return both(`${year}年${place}月`, `${year}-${two(place)}`);
}

/** The last day of points that end with a month: 2027年3月31日. */
export function lastDayLabel(month: number): Bilingual {
  return month >= NEVER_MONTH ? both("期限なし", "without end") : dateLabel(startOf(month + 1) - 1);
}

/** How many days are left of a month, today counted: 1 on its last day. */
export function daysLeft(month: number, timestamp: number): number {
  return dayOf(startOf(month + 1)) - dayOf(timestamp);
}

function inJapan(timestamp: number): Date {
  return new Date((timestamp + AHEAD_SECONDS) * 1000);
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
