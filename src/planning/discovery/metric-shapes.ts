/** From where a request was counted: before the service, by those who ask it, or by the service itself. */
export type View = 'edge' | 'client' | 'server';

/** One convention of naming what requests do. */
export interface MetricShape {
  /** Who writes metrics of this name, for people. */
  readonly from: string;
  readonly view: View;
  /** Fits the whole name of a counter of requests; a histogram's `_count` is one too. */
  readonly requests: RegExp;
  /** Fits the whole name of the classic buckets of their latency. */
  readonly buckets?: RegExp;
  /** What a bucket bound of 1 is, where the name itself does not say so. */
  readonly unit?: 'milliseconds';
  /** The same request is counted under each value of this label: only this one is taken when it is there. */
  readonly once?: { readonly label: string; readonly value: string };
}

/** Best first: what is counted nearest to the user, then what is known by name, then what only looks like it. */
export const metricShapes: readonly MetricShape[] = [
  {
    from: 'ingress-nginx',
    view: 'edge',
    requests: /^nginx_ingress_controller_requests$/,
    buckets: /^nginx_ingress_controller_request_duration_seconds_bucket$/,
  },
  {
    from: 'Traefik',
    view: 'edge',
    requests: /^traefik_service_requests_total$/,
    buckets: /^traefik_service_request_duration_seconds_bucket$/,
  },
  { from: 'HAProxy', view: 'edge', requests: /^haproxy_backend_http_responses_total$/ },
  {
    from: 'Envoy',
    view: 'edge',
    requests: /^envoy_cluster_upstream_rq_xx$/,
    buckets: /^envoy_cluster_upstream_rq_time_bucket$/,
    unit: 'milliseconds',
  },
  {
    from: 'Istio',
    view: 'edge',
    requests: /^istio_requests_total$/,
    buckets: /^istio_request_duration_milliseconds_bucket$/,
    once: { label: 'reporter', value: 'source' },
  },
  { from: 'Kong', view: 'edge', requests: /^kong_http_requests_total$/ },
  {
    from: 'a client',
    view: 'client',
    requests: /^(\w+_)?client_(\w+_)?(requests?|handled|calls)(_total|_seconds_count)$/,
    buckets: /^(\w+_)?client_\w*(duration|latency|handling|time|requests)_(seconds|milliseconds|ms)_bucket$/,
  },
  {
    from: 'a client, by OpenTelemetry',
    view: 'client',
    requests: /^(http|rpc)_client_\w*duration(_seconds|_milliseconds)?_count$/,
    buckets: /^(http|rpc)_client_\w*duration(_seconds|_milliseconds)?_bucket$/,
  },
  {
    from: 'gRPC',
    view: 'server',
    requests: /^grpc_server_handled_total$/,
    buckets: /^grpc_server_handling_seconds_bucket$/,
  },
  {
    from: 'OpenTelemetry',
    view: 'server',
    requests: /^(http_server_request|rpc_server_call|rpc_server)_duration_(seconds|milliseconds)_count$/,
    buckets: /^(http_server_request|rpc_server_call|rpc_server)_duration_(seconds|milliseconds)_bucket$/,
  },
  {
    from: 'OpenTelemetry before its units',
    view: 'server',
    requests: /^(http|rpc)_server_duration(_milliseconds)?_count$/,
    buckets: /^(http|rpc)_server_duration(_milliseconds)?_bucket$/,
    unit: 'milliseconds',
  },
  {
    from: 'Micrometer',
    view: 'server',
    requests: /^http_server_requests_seconds_count$/,
    buckets: /^http_server_requests_seconds_bucket$/,
  },
  {
    from: 'a web framework',
    view: 'server',
    requests:
      /^((flask_|starlette_|fastapi_)?http_requests?|http_requests_received|starlette_requests|http_server_requests)_total$/,
    buckets: /^(flask_|starlette_|fastapi_)?http_(server_)?requests?_duration_(seconds|milliseconds|ms)_bucket$/,
  },
  {
    from: 'Django',
    view: 'server',
    requests: /^django_http_responses_total_by_status_total$/,
    buckets: /^django_http_requests_latency_seconds_by_view_method_bucket$/,
  },
  {
    from: 'a counter of requests',
    view: 'server',
    requests: /^\w*(requests?|responses?|calls|handled)(_count|_total|_count_total)$/,
    buckets:
      /^(\w*(request|response|http|rpc|handl|server|call)\w*(duration|latency|time)\w*|\w*(requests?|calls?|handling)_(seconds|milliseconds|ms))_bucket$/,
  },
  {
    from: 'a histogram of requests',
    view: 'server',
    requests: /^\w*(request|response|http|rpc|handl|server)\w*(duration|latency|time)\w*_count$/,
  },
];

/** Named like requests, and not what users ask. */
export const notRequests: readonly { readonly name: RegExp; readonly why: string }[] = [
  { name: /^promhttp_metric_handler_/, why: 'counts scrapes of the metrics page' },
  { name: /_(errors?|failures?|failed|retries|timeouts|in_flight|inflight|active)(_|$)/, why: 'counts a part of the requests' },
  { name: /_created$/, why: 'is the time of a counter, not a counter' },
];

/** Counters of failures that stand beside a counter of all: what ends its name, and what may stand instead. */
export const failureCounters: readonly { readonly all: RegExp; readonly failed: readonly string[] }[] = [
  {
    all: /requests?_total$/,
    failed: [
      'request_errors_total',
      'requests_errors_total',
      'requests_failed_total',
      'request_failures_total',
      'errors_total',
      'failures_total',
    ],
  },
];
