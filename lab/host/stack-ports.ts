import { freePorts } from './free-ports.ts';
import type { ScrapeTarget } from './prometheus.ts';

const REPLICAS = 6;
const FRAUD_DETECTORS = 2;

/** Every port of one stack, all chosen before anything starts, so that each part can be told of the others. */
export interface StackPorts {
  readonly temporal: number;
  readonly prometheus: number;
  readonly alertmanager: number;
  /** Nothing of the lab listens here: the product's worker does. */
  readonly receiver: number;
  readonly postgres: number;
  readonly link: number;
  readonly load: number;
  readonly databaseWatch: number;
  readonly payments: readonly number[];
  readonly fraudDetector: readonly number[];
}

export async function chooseStackPorts(): Promise<StackPorts> {
  const ports = await freePorts(8 + REPLICAS + FRAUD_DETECTORS);
  const next = (): number => ports.pop() ?? 0;
  return {
    temporal: next(),
    prometheus: next(),
    alertmanager: next(),
    receiver: next(),
    postgres: next(),
    link: next(),
    load: next(),
    databaseWatch: next(),
    payments: Array.from({ length: REPLICAS }, next),
    fraudDetector: Array.from({ length: FRAUD_DETECTORS }, next),
  };
}

export function scrapeTargets(ports: StackPorts): ScrapeTarget[] {
  const target = (service: string, instance: string, port: number): ScrapeTarget => ({
    service,
    instance,
    address: `127.0.0.1:${port}`,
  });
  return [
    ...ports.payments.map((port, index) => target('payments-api', `payments-api-${index + 1}`, port)),
    ...ports.fraudDetector.map((port, index) => target('fraud-detector', `fraud-detector-${index + 1}`, port)),
    target('load', 'load', ports.load),
    target('database', 'database-watch', ports.databaseWatch),
  ];
}
