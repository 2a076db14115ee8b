export interface ActiveAlert {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
}

/** An Alertmanager. */
export interface AlertsSource {
  readonly url: string;
  ready(): Promise<boolean>;
  active(): Promise<readonly ActiveAlert[]>;
  clockOffset(): Promise<{ offsetMs: number; errorMs: number }>;
}

/** One alert inside one webhook delivery, with our receipt time. */
export interface Delivery {
  readonly receivedAt: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly fingerprint: string;
}
