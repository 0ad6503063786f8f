export type Family = "data_source" | "preprocessing" | "model" | "storage" | "deployment";

export type Port = { type: string; optional?: boolean };

export type FieldSchema = {
  type?: "string" | "integer" | "number" | "boolean" | "array" | "object";
  enum?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  items?: { type?: string; enum?: string[] };
  description?: string;
  required?: boolean;
  optional?: boolean;
};

export type Schema = Record<string, FieldSchema>;
export type Values = Record<string, unknown>;

export type Component = {
  name: string;
  type: Family;
  title: string;
  summary: string;
  inputs: Record<string, Port>;
  outputs: Record<string, Port>;
  config: Schema;
};

export type DrawnNode = {
  id: string;
  component: string;
  config?: Values;
  position?: { x: number; y: number };
};

export type DrawnEdge = {
  source: string;
  target: string;
  source_port?: string | null;
  target_port?: string | null;
};

export type Template = {
  name: string;
  summary: string;
  inputs?: Schema;
  notes?: StickyNote[];
  graph: { nodes: DrawnNode[]; edges?: DrawnEdge[] };
  compute?: Values;
};

export type Catalog = {
  components: Record<string, Component>;
  pipelines: Record<string, Template>;
  targets: string[];
  own_targets: string[];
  /** What some targets must be told. */
  target_settings: Record<string, Schema>;
};

export type Price = { name: string; hourly_usd: number; reason: string; read_on: string };

/** By target; null where the price file has nothing that fits. */
export type Prices = {
  as_of: string;
  offers: Record<string, Price | null>;
  /** Why nothing can be deployed to a target from here; of those where that is so. */
  unavailable?: Record<string, string>;
};

/** What a person is drawing: kept in the browser, sent when it is checked or deployed. */
export type Draft = {
  template: string;
  name: string;
  target: string;
  /** What that target must be told: its host, for example. */
  target_settings?: Values;
  declared: Schema;
  inputs: Values;
  compute: Values;
  nodes: DrawnNode[];
  edges: DrawnEdge[];
  notes?: StickyNote[];
  /** The entry of the catalog that it is, once it is one. */
  source?: Written;
};

/** What people leave beside the nodes, and where on the canvas. */
export type StickyNote = { text: string; x: number; y: number };

/**
 * A drawing as an entry of the catalog.
 *
 * `text` is what was last read as YAML; what was drawn since is put into it when it is shown or saved.
 * `base` is what Git has at `commit` (none: it is new), `places` where the canvas put what the text gives no place.
 */
export type Written = {
  key: string;
  commit: string | null;
  base: string;
  text: string;
  places: Record<string, { x: number; y: number }>;
};

/** `line` and `column` count from 1. */
export type Problem = { message: string; field?: string; fix?: string; line?: number; column?: number };

export type StepState = "waiting" | "running" | "done" | "failed" | "skipped";
export type Step = { id: string; title: string; state: StepState; seconds?: number; job?: string };

export type Run = {
  id: string;
  state: "running" | "done" | "failed";
  destroys: boolean;
  name: string;
  steps: Step[];
  deploymentId?: string;
  /** As it was sent; a run of the catalog's has none. */
  drawn?: Deployed & { inputs: Values; declared: Schema; target?: string };
  error?: Failure;
};

/** Why a run failed; `node`: the one of the drawing that it is about, where it is about one. */
export type Failure = { title: string; message: string; fix: string; where: string; node?: string };

export type LeftOut = { kind: string; where: string; reason: string; count: number };

/** What a source gave, what of it was read, and what was not and why. */
export type Reading = {
  node: string;
  kind: string;
  given: number;
  read: number;
  left_out: Record<string, number>;
  listed: LeftOut[];
};

export type Deployment = {
  id: string;
  name: string;
  state: string;
  target: string | null;
  revision: number;
  live_revision: number;
  endpoint_url: string;
  urls: Record<string, string>;
  part_of?: string;
  error?: string;
  /** `charges`: the offers taken, as long as they are paid for. */
  cost?: { hourly_usd: number; so_far_usd: number; charges?: Charge[] } | null;
};

export type Charge = { offer: string; machine: string; hourly_usd: number; read_on: string };

/** A drawing as it was sent or settled: without places on the canvas. */
export type Deployed = { name: string; nodes: DrawnNode[]; edges?: DrawnEdge[]; compute?: Values };

/** What can be deployed by name; `key`: as `meta-pipelines/support-desk`. */
export type Entry = {
  key: string;
  name: string;
  summary: string;
  inputs: { properties?: Schema; required?: string[] };
};

/** What the endpoint asks its callers for, and its page, opened by it. */
export type EndpointKey = { key: string; page: string };

/** What the endpoint takes by POST, and a body to begin with. */
export type Offer = { path: string; summary: string; example: unknown };

export type Source = {
  passage: string;
  highlight: string;
  document: string;
  page: number | null;
  section?: string; // the headings above it
};
export type Answer = { answer: string; sources: Source[]; model: string; seconds: number };
