import { readTemplate } from "./template-files.ts";

/** What it means when OpenSSL refuses a client certificate, and what helps. */
export interface VerifyAdvice {
  /** Why it was refused, for somebody who has not met the error before. */
  cause: string;
  /** What to do about it. */
  cure: string;
}

/** One reason for which OpenSSL refuses a certificate: X509_STORE_CTX_get_error(3). */
export interface VerifyError extends VerifyAdvice {
  /** OpenSSL's number. */
  code: number;
  /** OpenSSL's constant. */
  name: string;
  /** OpenSSL's words; nginx's `$ssl_client_verify` is `FAILED:` and these. */
  text: string;
  /** Its words before OpenSSL 3.0, where they were others. */
  olderText?: string;
}

/** What `templates/verify-errors.json` holds. */
export interface VerifyErrors {
  /** Said of an error that is not in the list. */
  other: VerifyAdvice;
  /** The known errors, by rising code. */
  errors: VerifyError[];
}

/** The known verify errors. */
export function verifyErrors(): VerifyErrors {
  return JSON.parse(readTemplate("verify-errors.json")) as VerifyErrors;
}
