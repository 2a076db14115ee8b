import { describe, expect, test } from '@jest/globals';
import { parseBytes, parseDuration, parsePercent } from '../../src/domain/units.ts';

describe('units as people write them', () => {
  test.each([
    ['200ms', 0.2],
    ['0s', 0],
    ['1.5m', 90],
    ['1h30m', 5400],
    ['2d', 172_800],
  ])('the duration %s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each(['', '5', '-5s', '5 s', '5sec', 's', '1e3s', 'x5s'])('the duration "%s" is refused with what is allowed', (text) => {
    expect(() => parseDuration(text)).toThrow(/is not a duration. Write/);
  });

  test.each([
    ['5%', 0.05],
    ['0.1%', 0.001],
    ['100%', 1],
    ['7%', 0.07],
  ])('the percentage %s is the ratio %d', (text, ratio) => {
    expect(parsePercent(text)).toBe(ratio);
  });

  test.each(['5', '101%', '-1%', '%', '5 %'])('the percentage "%s" is refused with what is allowed', (text) => {
    expect(() => parsePercent(text)).toThrow(/is not a percentage. Write/);
  });

  test.each([
    ['64MiB', 67_108_864],
    ['1.5GB', 1_500_000_000],
    ['4kB', 4000],
    ['0B', 0],
  ])('the size %s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each(['64', '64M', '64mib', '-1B', '1 GB'])('the size "%s" is refused with what is allowed', (text) => {
    expect(() => parseBytes(text)).toThrow(/is not a size. Write/);
  });
});
