import type { Stack } from './host/stack.ts';
import type { AlertPath } from './quiet.ts';

export function alertmanagerOf({ ports }: Stack): string {
  return `http://127.0.0.1:${ports.alertmanager}`;
}

export function prometheusOf({ ports }: Stack): string {
  return `http://127.0.0.1:${ports.prometheus}`;
}

export function alertPathOf(stack: Stack): AlertPath {
  return { prometheusUrl: prometheusOf(stack), alertmanagerUrl: alertmanagerOf(stack) };
}

export function replicasOf({ ports }: Stack): readonly string[] {
  return ports.payments.map((port) => `http://127.0.0.1:${port}`);
}
