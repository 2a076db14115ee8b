import type { Stack } from './host/stack.ts';

export function alertmanagerOf({ ports }: Stack): string {
  return `http://127.0.0.1:${ports.alertmanager}`;
}

export function prometheusOf({ ports }: Stack): string {
  return `http://127.0.0.1:${ports.prometheus}`;
}

export function replicasOf({ ports }: Stack): readonly string[] {
  return ports.payments.map((port) => `http://127.0.0.1:${port}`);
}
