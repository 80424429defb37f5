/** Which image a container runs, and where that came from. Pure. */

/** What `status --json` says of the image. */
export interface ImageStatus {
  /** As the configuration names it. */
  name: string;
  /** Docker's id: `sha256:…`. Missing where there is no container. */
  id?: string;
  /** `nginx@sha256:…`, by which anybody gets the same from the registry. Missing where it came from none. */
  digest?: string;
  /** nginx's version, where the image says it. */
  version?: string;
  /** The image's own words on where it is from, as of one that set-up has built. */
  description?: string;
}

/** What `docker image inspect` says, as far as it is looked at. */
export interface ImageFacts {
  Id: string;
  RepoDigests?: string[] | null;
  Config: { Env?: string[] | null; Labels?: Record<string, string> | null };
}

const LABEL = "org.opencontainers.image";
/** How many characters of an id people compare. */
const SHORT = "sha256:".length + 12;

/** The facts of an image that matter. */
export function imageStatus(name: string, facts: ImageFacts | undefined): ImageStatus {
  if (facts === undefined) return { name };
  const { Id, RepoDigests, Config } = facts;
  const labels = Config.Labels ?? {};
  const repository = name.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  // An image may be in several registries: the one that is asked for first.
  const digest = RepoDigests?.find((one) => one.startsWith(`${repository}@`)) ?? RepoDigests?.[0];
  const version =
    Config.Env?.map((one) => /^NGINX_VERSION=(.+)$/.exec(one)?.[1]).find((found) => found) ??
    labels[`${LABEL}.version`];
  const description = labels[`${LABEL}.description`];
  return {
    name,
    id: Id,
    ...(digest ? { digest } : {}),
    ...(version ? { version } : {}),
    ...(description ? { description } : {}),
  };
}

/** The same as the end of a sentence. */
export function imageText({ name, id, digest, version, description }: ImageStatus): string {
  if (id === undefined) return name;
  const origin = digest ?? `${description ?? "of no registry"}, ${id.slice(0, SHORT)}`;
  return `${name}: ${version ? `nginx ${version}, ` : ""}${origin}`;
}
