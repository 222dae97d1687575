/** Results of any command as cases of a test suite: what JUnit and SARIF are made of. */

export interface ReportCase {
  /** The command and what it was run on: "museum", "campaign". */
  readonly suite: string;
  /** What was tried: "B23", "round-trip". */
  readonly id: string;
  readonly title: string;
  readonly failure?: ReportFailure;
}

export interface ReportFailure {
  /** One line. */
  readonly message: string;
  /** As much as helps, in lines. */
  readonly text: string;
  /** The file that shows it or where it is defined: a path from where the program ran. */
  readonly file: string;
}
