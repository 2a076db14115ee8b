export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Sent as JSON. */
  readonly body: string | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * One request from a user's point of view, without retry and without following redirects. An answer of any status is an
 * answer. `no-answer` is what a user would see as failure; `not-sent` is our own problem and says nothing about the target.
 */
export type HttpAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly seconds: number }
  | { readonly kind: 'no-answer'; readonly why: string; readonly seconds: number }
  | { readonly kind: 'not-sent'; readonly why: string };

export interface HttpCaller {
  /** Never throws. */
  call(request: HttpRequest): Promise<HttpAnswer>;
}
