import * as pulumi from "@pulumi/pulumi";

/** Refuses a resource's arguments: the user sees one sentence against its URN, no stack trace. */
export function refuse(resource: pulumi.Resource, sentence: string): never {
  throw new pulumi.ResourceError(sentence, resource, /* hideStack */ true);
}
