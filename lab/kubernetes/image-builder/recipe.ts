import type { GoProgramName } from '../go-programs.ts';
import type { Jars } from './maven.ts';

/** An image as data. In the cluster it is `firedrill.local/<name>:dev`. */
export interface ImageRecipe {
  readonly name: string;
  /** Each is a layer, cached and shared between images by what it holds: what changes often comes last. */
  readonly layers: readonly Layer[];
  /** Programs whose start is made quick, as the last layer. */
  readonly compiled?: CompiledPrograms;
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  /** `uid:gid`; root when it is not said. Give numbers: kubelet cannot see that a name is not root. */
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

export type Layer = DebianLayer | SourceLayer | BuiltLayer | BundleLayer | PackagesLayer | JarsLayer | FilesLayer;

/** Files of Debian packages, fetched with all they depend on. */
export interface DebianLayer {
  readonly debian: readonly string[];
  /**
   * Absolute paths of programs, which bring the shared libraries they need, of other files and of folders; patterns as
   * `/usr/lib/x/*.so` are allowed. All that the packages and their dependencies hold when it is not said.
   */
  readonly take?: readonly string[];
}

/** Files and folders of our own tree: path in the tree → path in the image. */
export interface SourceLayer {
  readonly source: Readonly<Record<string, string>>;
}

/** A program of lab/kubernetes/go, at this path in the image. */
export interface BuiltLayer {
  readonly built: GoProgramName;
  readonly to: string;
}

/** The agents' programs, as `npm run build:agent` makes them, in this folder of the image. */
export interface BundleLayer {
  readonly bundle: 'agent';
  readonly to: string;
}

/** Packages of our node_modules with all they depend on, in `<to>/node_modules`. */
export interface PackagesLayer {
  readonly npm: readonly string[];
  readonly to: string;
}

/** Jars of Maven Central, each pinned by its sum, in this folder of the image. What they depend on is named too. */
export interface JarsLayer {
  readonly jars: Jars;
  readonly to: string;
}

/** Small files, folders and links, made here: path → what. */
export interface FilesLayer {
  readonly files: Readonly<Record<string, MadeFile>>;
}

/**
 * What Node compiles of these programs when they start is kept in this folder of the image. Each is run once, without arguments,
 * and must end by itself then.
 */
export interface CompiledPrograms {
  readonly programs: readonly string[];
  readonly to: string;
}

export type MadeFile =
  | { readonly text: string; readonly mode?: number }
  | { readonly link: string }
  | { readonly folder: true; readonly mode?: number; readonly owner?: number };

export const imageReference = (name: string): string => `firedrill.local/${name}:dev`;
