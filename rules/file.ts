/** Files to publish, as plain data. Shared by components and provider. */

/** One file to publish. */
export interface FileToPublish<Content> {
  content: Content;
  /** @default "utf8" */
  encoding?: "utf8" | "base64";
  /** Octal, for example `0600`. */
  mode: string;
}

/** Who owns files, as numbers. */
export interface FileOwner {
  uid: number;
  gid: number;
}
