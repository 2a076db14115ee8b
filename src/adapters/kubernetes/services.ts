/** What an environment file says of its services. */
export type KubernetesServices = Readonly<Record<string, KubernetesService>>;

export interface KubernetesService {
  readonly namespace: string;
  readonly workload?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly container?: string;
  readonly port?: number;
  readonly links: readonly {
    readonly name: string;
    readonly to: string;
    readonly service?: string;
    readonly hosts?: string[];
    readonly cidrs?: string[];
    readonly ports?: number[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly path: string }[];
  readonly configs: readonly { readonly name: string; readonly configMap?: string; readonly secret?: string }[];
  readonly postgres: readonly DatabaseConnection[];
  readonly redis: readonly DatabaseConnection[];
}

interface DatabaseConnection {
  readonly name: string;
  /** A reference: `secret:NAMESPACE/NAME#KEY`. */
  readonly connection: string;
}
