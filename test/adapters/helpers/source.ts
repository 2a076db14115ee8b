/** A helper that needs nothing beside itself. */
export const source = { name: 'traffic-source', config: { host: 'web', method: 'GET', path: '/', body: null, timeoutMs: 300 } };
