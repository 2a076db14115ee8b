import { AppError } from './errors.ts';

const secondsPer = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const bytesPer = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const;

/** Seconds of a duration as people write it: `200ms`, `1.5m`, `1h30m`. Throws `spec/invalid`. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const whole = parts.map((part) => part[0]).join('');
  if (parts.length === 0 || whole !== text) {
    throw new AppError(
      'spec/invalid',
      `"${text}" is not a duration. Write a number with ms, s, m, h or d, such as 200ms or 1h30m`,
    );
  }
  const milliseconds = parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * secondsPer[unit as keyof typeof secondsPer] * 1000,
    0,
  );
  return Math.round(milliseconds * 1000) / 1_000_000;
}

/** Ratio of a percentage as people write it: `5%` is 0.05. Throws `spec/invalid`. */
export function parsePercent(text: string): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const percent = Number(match?.[1]);
  if (match === null || percent > 100) {
    throw new AppError('spec/invalid', `"${text}" is not a percentage. Write a number from 0% to 100%, such as 5% or 0.1%`);
  }
  return Number((percent / 100).toPrecision(15));
}

/** Bytes of a size as people write it: `64MiB`, `1.5GB`. Throws `spec/invalid`. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(B|[kMGT]B|[KMGT]iB)$/.exec(text);
  if (match === null) {
    throw new AppError(
      'spec/invalid',
      `"${text}" is not a size. Write a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 64MiB`,
    );
  }
  return Math.round(Number(match[1]) * bytesPer[match[2] as keyof typeof bytesPer]);
}
