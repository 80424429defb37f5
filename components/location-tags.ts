import { nearest } from "../rules/site-paths.ts";
import { accessTags, type LocationView } from "./access-list.ts";
import { upstreamTags } from "./upstream-tags.ts";

/** What nginx.conf says of the parts of a site: who may see each, and which service answers for it. */
export function locationTags(locations: readonly LocationView[]) {
  const { upstreams, ...ofAllUpstreams } = upstreamTags(locations);
  const { locations: listed, ...ofAccess } = accessTags(locations);
  const upstreamAt = (path: string) => {
    const found = nearest(path, upstreams);
    return found ? { ...found, lacksSlash: found.lacksSlash && found.path === path } : false;
  };
  return {
    ...ofAccess,
    ...ofAllUpstreams,
    locations: listed.map((location) => ({ ...location, upstream: upstreamAt(location.path) })),
    rootUpstream: upstreamAt("/"),
  };
}
