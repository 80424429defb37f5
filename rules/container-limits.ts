/** What the container of a site may use, and how little or much may be chosen. */
export interface Limit {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/**
 * Memory in MB (2^20 octets). An idle nginx took 5; 1000 connections with client certificates 32, and 75 while two generations of
 * workers lived beside each other after a reload. A request that is passed on to a service may hold 144 kB more, and what is in /tmp
 * counts as well.
 */
export const MEMORY: Limit = { min: 16, max: 1_048_576, default: 128 };

/** Open files (`nofile`). The 1024 connections that nginx takes are one each, and as many again have room for what they read. */
export const OPEN_FILES: Limit = { min: 2048, max: 1_048_576, default: 4096 };
