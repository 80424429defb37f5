/** A distinguished name (RFC 5280, 4.1.2.4). What is empty or left out is not in the name. */
export interface Subject {
  /** C: two capital letters (ISO 3166). */
  country?: string;
  /** ST */
  province?: string;
  /** L */
  locality?: string;
  /** O */
  organization?: string;
  /** OU */
  organizationalUnit?: string;
  /** CN: 1 to 64 characters. */
  commonName: string;
}
