/** `2026-11-21 10:42:00.123`: the reader is told once that every time is UTC. */
export function utcDateTime(iso: string): string {
  return new Date(iso).toISOString().replace('T', ' ').replace('Z', '');
}

/** `10:42:00.123` */
export function utcTime(iso: string): string {
  return new Date(iso).toISOString().slice(11, 23);
}

/** Seconds from one instant to another, as read. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** `+12.3 s`, `−4.0 s` (a true minus, so that columns line up). */
export function signedSeconds(seconds: number): string {
  const sign = seconds < 0 ? '−' : '+';
  return `${sign}${Math.abs(seconds).toFixed(1)} s`;
}

/** `41 s`, `3 min 20 s`, `1 h 5 min`: lengths for people, never a measured result. */
export function lengthInWords(seconds: number): string {
  const whole = Math.round(seconds);
  if (seconds < 60) return Number.isInteger(seconds) ? `${seconds} s` : `${seconds.toFixed(1)} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** `10:42:03 (+3.1 s)`, counted from T0 where there is one; a dash for what did not happen. */
export function timeFromT0(at: string | null, t0: string | null): string {
  if (at === null) return '–';
  return t0 === null ? utcTime(at) : `${utcTime(at).slice(0, 8)} (${signedSeconds(secondsBetween(t0, at))})`;
}
