import * as pulumi from "@pulumi/pulumi";

/** Refuses a resource's arguments: the user sees one sentence against its URN, no stack trace. */
export function refuse(resource: pulumi.Resource, sentence: string): never {
  const refusal = new pulumi.ResourceError(sentence, resource, /* hideStack */ true);
  refusal.stack = sentence; // the SDK shows what an apply throws by its stack, also where that is hidden
  throw refusal;
}

/** Runs what knows nothing of Pulumi: what it refuses is refused in the resource's name. */
export function refusing<T>(resource: pulumi.Resource, run: () => T): T {
  try {
    return run();
  } catch (error) {
    return refuse(resource, (error as Error).message);
  }
}
